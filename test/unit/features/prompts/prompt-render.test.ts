import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readMasterWav } from '../../../../src/audio/transcode.ts';
import { migrate } from '../../../../src/database/migrate.ts';
import { sqliteDatabase } from '../../../../src/database/sqlite.ts';
import type { ErrorBody } from '../../../../src/http/errors.ts';
import { memoryStore } from '../../../../src/library/stores/memory.ts';
import type { ToneOptions } from '../../../fixtures/tone-engine.ts';
import { accessApp } from '../../../support/apps/access-app.ts';
import { promptsApp } from '../../../support/apps/prompts-app.ts';
import { deferred } from '../../../support/deferred.ts';

const database = sqliteDatabase(':memory:');
beforeAll(async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  await migrate(database);
});
afterAll(() => {
  vi.restoreAllMocks();
  database.close();
});

const VOICED = { model: 'tone-1', voice: 'hazel' };
const TABLE = { ...VOICED, template: 'Your table for {count, number} is ready, {name}.' };
const JOINED = { ...TABLE, render: 'joined' };
const ADA = { values: { count: 4, name: 'Ada' } };

interface Rendered {
  readonly text: string;
  readonly key: string;
  readonly urls: Record<string, string>;
  readonly cache: string;
  readonly joined: number;
}

let names = 0;
/** An app with audio of its own, and a prompt in it. */
async function setUp(definition: object, options: ToneOptions = {}) {
  const app = promptsApp({ database, store: memoryStore() }, options);
  const name = `render/${++names}`;
  const prompt = await app.bake(name, definition);
  const render = (body: object, headers: Record<string, string> = {}) =>
    app.request(`/v1/prompts/${name}/render`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  return {
    ...app,
    name,
    prompt,
    render,
    async rendered(body: object): Promise<Rendered> {
      const response = await render(body, { Accept: 'application/json' });
      if (!response.ok) throw new Error(await response.text());
      return (await response.json()) as Rendered;
    },
    async fault(body: object) {
      const response = await render(body);
      const { code, param } = ((await response.json()) as ErrorBody).error;
      return `${response.status} ${code} ${param}`;
    },
    spoken: () => app.tone.requests.map(({ input }) => input),
  };
}

describe('rendered as a whole', () => {
  it('synthesizes the template with its values, once', async () => {
    const { render, spoken, request } = await setUp(TABLE);
    const first = await render(ADA);
    expect(first.status).toBe(200);
    const headers = Object.fromEntries(first.headers);
    expect(headers).toMatchObject({
      'content-type': 'audio/mpeg',
      'content-location': expect.stringMatching(/^\/audio\/[0-9a-f]{64}\.mp3$/),
      'x-cache': 'miss',
      'cache-control': 'no-store',
    });
    const bytes = await first.bytes();
    const second = await render(ADA);
    // The first answer may not be stored yet.
    expect(second.headers.get('x-cache')).toMatch(/^(?:hit|coalesced)$/);
    expect(await second.bytes()).toEqual(bytes);
    expect(spoken()).toEqual(['Your table for 4 is ready, Ada.']);
    const stored = await request(headers['content-location']);
    expect(await stored.bytes()).toEqual(bytes);
    expect(stored.headers.get('cache-control')).toContain('immutable');
  });

  it('has the same key as the same speech', async () => {
    const { rendered, request } = await setUp(TABLE);
    const { key } = await rendered(ADA);
    const speech = await request('/v1/audio/speech', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...VOICED, input: 'Your table for 4 is ready, Ada.' }),
    });
    expect(speech.headers.get('content-location')).toBe(`/audio/${key}.mp3`);
    expect(speech.headers.get('x-cache')).toBe('hit');
    await speech.bytes();
  });

  it('returns the URL of the audio where a client does not accept audio', async () => {
    const { rendered, name } = await setUp({ ...TABLE, formats: ['mp3', 'opus'] });
    const answer = await rendered({ ...ADA, format: 'wav-8k' });
    const url = `/audio/${answer.key}`;
    expect(answer).toEqual({
      object: 'prompt.rendering',
      prompt: name,
      version: 1,
      locale: 'default',
      text: 'Your table for 4 is ready, Ada.',
      key: expect.stringMatching(/^[0-9a-f]{64}$/),
      urls: { mp3: `${url}.mp3`, opus: `${url}.opus`, 'wav-8k': `${url}.wav-8k` },
      seconds: 0.3,
      loudness: expect.any(Number),
      model: 'tone-1@1.2.3',
      cache: 'miss',
      joined: 1,
    });
  });

  it.each(['*/*', 'application/json, text/plain, */*', 'audio/mpeg, application/json', 'text/html'])(
    'answers %s with audio',
    async (accept) => {
      const { render } = await setUp(TABLE);
      const response = await render(ADA, { Accept: accept });
      expect(response.headers.get('content-type')).toBe('audio/mpeg');
    },
  );

  it('in another format, version or locale', async () => {
    const { render, rendered, put, name } = await setUp({
      ...TABLE,
      locales: { 'en-AU': { voice: 'cameron', template: 'G’day {name}, a table for {count, number}.' } },
    });
    const wav = await render({ ...ADA, format: 'wav' });
    expect(wav.headers.get('content-type')).toBe('audio/wav');
    expect((await rendered({ ...ADA, locale: 'en-AU-x-bush' })).text).toBe('G’day Ada, a table for 4.');
    expect((await rendered({ ...ADA, locale: 'fr' })).text).toBe('Your table for 4 is ready, Ada.');
    await put(name, { ...VOICED, template: 'Hello {name}.' });
    expect((await rendered({ values: { name: 'Ada' } })).text).toBe('Hello Ada.');
    expect((await rendered({ ...ADA, v: 1 })).text).toBe('Your table for 4 is ready, Ada.');
  });

  it('escapes markup in values', async () => {
    const { render, spoken } = await setUp(TABLE);
    await render({ values: { count: 4, name: '<break time="9s"/> [x](/ɪ/) {count}' } });
    expect(spoken()).toEqual(['Your table for 4 is ready, break time="9s" (x)(/ɪ/) {count}.']);
    const ssml = await setUp({ ...VOICED, template: '<speak>Hi <emphasis>{name}</emphasis></speak>' });
    await ssml.render({ values: { name: '</emphasis><break/>' } });
    expect(ssml.spoken()).toEqual(['<speak>Hi <emphasis> emphasis break </emphasis></speak>']);
  });

  it('a prompt without slots is spoken unchanged', async () => {
    const { render, fault, spoken } = await setUp({ ...VOICED, input: 'It’s {ready}.' });
    const response = await render({});
    expect(response.headers.get('x-cache')).toBe('hit');
    expect(spoken()).toEqual(['It’s {ready}.']);
    expect(await fault({ values: { ready: 'x' } })).toBe('400 invalid_slot_value values.ready');
  });

  it.each<[object, string]>([
    [{}, '400 invalid_slot_value values.count'],
    [{ values: { count: 4 } }, '400 invalid_slot_value values.name'],
    [{ values: { count: '4', name: 'Ada' } }, '400 invalid_slot_value values.count'],
    [{ values: { count: 4, name: null } }, '400 invalid_slot_value values.name'],
    [{ values: { count: 4, name: 'Ada', table: 5 } }, '400 invalid_slot_value values.table'],
    [{ values: [4] }, '400 invalid_type values'],
    [{ ...ADA, format: 'aiff' }, '400 unsupported_format format'],
    [{ ...ADA, v: 0 }, '400 invalid_value v'],
    [{ ...ADA, v: 9 }, '404 unknown_prompt v'],
    [{ ...ADA, speed: 2 }, '400 invalid_value speed'],
    [[], '400 invalid_type null'],
  ])('refuses %j', async (body, expected) => {
    const { fault, tone } = await setUp(TABLE);
    expect(await fault(body)).toBe(expected);
    expect(tone.count.spoken).toBe(0);
  });

  it('refuses unknown prompts', async () => {
    const { fault, ...app } = await setUp(TABLE);
    await app.delete(app.name);
    expect(await fault(ADA)).toBe('410 deleted_prompt name');
    const unknown = await app.request('/v1/prompts/no/such/render', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(ADA),
    });
    expect(unknown.status).toBe(404);
  });

  it('refuses invalid templates and slots before any synthesis', async () => {
    const { put, tone } = await setUp(TABLE);
    const refusal = async (definition: object) => {
      const response = await put('render/wrong', definition);
      const { code, param } = ((await response.json()) as ErrorBody).error;
      return `${response.status} ${code} ${param}`;
    };
    expect(await refusal({ ...VOICED, template: 'a {b' })).toBe('400 invalid_template template');
    expect(await refusal({ ...TABLE, slots: { size: { kind: 'days' } } })).toBe(
      '400 invalid_template slots.size',
    );
    const slots = { count: { range: [1, 30] }, name: { range: [1, 30] } };
    expect(await refusal({ ...TABLE, slots })).toBe('400 invalid_template slots');
    expect(tone.count.spoken).toBe(0);
  });
});

describe('rendered from parts', () => {
  it('synthesizes each part once, and joins them', async () => {
    const { rendered, spoken, request, tone } = await setUp(JOINED);
    const before = spoken().length;
    const ada = await rendered(ADA);
    expect(spoken().slice(before)).toEqual(['Your table for 4 is ready,', 'Ada.']);
    expect(ada).toMatchObject({ text: 'Your table for 4 is ready, Ada.', joined: 2, cache: 'miss' });
    const count = tone.count.spoken;
    const bob = await rendered({ values: { count: 4, name: 'Bob' } });
    expect(tone.count.spoken).toBe(count + 1);
    expect(bob.key).not.toBe(ada.key);
    expect(await rendered(ADA)).toEqual({ ...ada, cache: 'hit' });
    const response = await request(`/audio/${ada.key}.wav`);
    const samples = readMasterWav(await response.bytes());
    // Two tones of 0.3 s and a pause of 0.16 s.
    expect(samples).toHaveLength(24 * 760);
    expect(samples.subarray(24 * 310, 24 * 450).every((sample) => sample === 0)).toBe(true);
  });

  it('gives the same bytes wherever and whenever it is joined', async () => {
    const bytes = async () => {
      const { render } = await setUp(JOINED);
      return (await render({ ...ADA, format: 'wav' })).bytes();
    };
    expect(await bytes()).toEqual(await bytes());
  });

  it('has another key than the text in one piece, unless the text cannot be cut', async () => {
    const whole = await (await setUp(TABLE)).rendered(ADA);
    const joined = await (await setUp(JOINED)).rendered(ADA);
    expect(joined.key).not.toBe(whole.key);
    const uncut = { ...VOICED, template: 'Table {count, number} for {name}' };
    const one = await (await setUp(uncut)).rendered(ADA);
    const other = await (await setUp({ ...uncut, render: 'joined' })).rendered(ADA);
    expect(other).toMatchObject({ key: one.key, joined: 1, cache: 'miss' });
  });

  it('is made once for concurrent requests', async () => {
    const gate = deferred();
    const { rendered, tone } = await setUp(JOINED, { before: () => gate.promise });
    const all = Array.from({ length: 20 }, () => rendered(ADA));
    gate.resolve();
    const answers = await Promise.all(all);
    expect(new Set(answers.map(({ key }) => key)).size).toBe(1);
    expect(answers.filter(({ cache }) => cache === 'miss')).toHaveLength(1);
    expect(tone.count.spoken).toBe(2);
  });

  it('has the requested loudness', async () => {
    const { rendered } = await setUp({ ...JOINED, loudness: -20 });
    expect(await rendered(ADA)).toMatchObject({ loudness: expect.closeTo(-20, 0) });
  });
});

describe('baked ahead', () => {
  it('all renderings of slots whose values are known', async () => {
    const slots = { count: { range: [1, 3] }, name: { values: ['Ada', 'Bob'] } };
    const { prompt, rendered, tone } = await setUp({ ...TABLE, slots });
    expect(prompt.baked_parts).toBe(6);
    expect(tone.count.spoken).toBe(6);
    expect((await rendered({ values: { count: 3, name: 'Bob' } })).cache).toBe('hit');
    expect((await rendered(ADA)).cache).toBe('miss');
  });

  it('of joined prompts each part once', async () => {
    const slots = { count: { range: [1, 3] }, name: { values: ['Ada', 'Bob'] } };
    const { prompt, rendered, tone } = await setUp({ ...JOINED, slots });
    // Three beginnings, two names and their six combinations.
    expect(tone.count.spoken).toBe(5);
    expect(prompt.baked_parts).toBe(11);
    expect((await rendered({ values: { count: 3, name: 'Bob' } })).cache).toBe('hit');
  });

  it('of joined prompts the known parts', async () => {
    const { tone, spoken, rendered } = await setUp({ ...JOINED, slots: { count: { kind: 'digits' } } });
    expect(tone.count.spoken).toBe(10);
    expect(spoken()).toContain('Your table for 9 is ready,');
    await rendered({ values: { count: 9, name: 'Ada' } });
    expect(tone.count.spoken).toBe(11);
  });

  it('joined prompts may have more combinations than can be baked', async () => {
    const template = 'Gate {a, number}, seat {b, number}, row {c, number}.';
    const range = { range: [1, 20] };
    const { tone, prompt } = await setUp({
      ...VOICED,
      template,
      render: 'joined',
      slots: { a: range, b: range, c: range },
    });
    expect(tone.count.spoken).toBe(60);
    expect(prompt.baked_parts).toBe(60);
  });

  it('and the text of every case of a choice', async () => {
    const template = 'Hello, {kind, select, new {welcome, friend of {name}} other {dear, {name}}}.';
    const { spoken } = await setUp({ ...VOICED, template, render: 'joined' });
    expect(spoken()).toEqual(['Hello, welcome,', 'Hello, dear,']);
  });
});

describe('with keys', () => {
  it('charges each part once, and nothing for stored audio', async () => {
    const { send, makeKey } = await accessApp();
    const { key: writer } = await makeKey({ scopes: ['prompts:write'] });
    const { key } = await makeKey({ scopes: ['speech'], monthlyCharacters: 60 });
    expect((await send('PUT', '/v1/prompts/paid', writer, JOINED)).status).toBe(201);
    const used = async (name: string) => {
      const { status, headers } = await send('POST', '/v1/prompts/paid/render', key, {
        values: { count: 4, name },
      });
      return [status, headers.get('x-cache'), headers.get('x-characters-used')];
    };
    expect(await used('Ada')).toEqual([200, 'miss', '30']);
    expect(await used('Ada')).toEqual([200, 'hit', null]);
    expect(await used('Bob')).toEqual([200, 'miss', '34']);
    // 27 characters are needed and 26 remain.
    expect((await used('b'.repeat(26)))[0]).toBe(429);
    expect((await send('POST', '/v1/prompts/paid/render', writer, ADA)).status).toBe(403);
  });
});

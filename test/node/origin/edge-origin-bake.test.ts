import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../../src/database/migrate.ts';
import { sqliteDatabase } from '../../../src/database/sqlite.ts';
import {
  askedOf,
  pathOf,
  placedOf,
  startNativeOrigin,
  wasmEdge,
} from '../../support/servers/native-origin.ts';
import type { OriginProcess } from '../../support/servers/origin-process.ts';

/** Other work may have the processors meanwhile. */
const PATIENT = { timeout: 20_000 };

const PHRASE = { model: 'tone-1', voice: 'clara', input: 'Hello.', response_format: 'mp3' };
/** More than an isolate should do, and no more than it can. */
const HEAVY = { ...PHRASE, input: 'Hello there. '.repeat(100) };
/** More than an isolate can do. */
const HUGE = { ...HEAVY, input: 'Hello there. '.repeat(200), refine_steps: 32, speed: 0.5 };
const SECRETS = new Map([['k1', 'an address that speaks is signed with this']]);

let origin: OriginProcess;
beforeAll(async () => {
  origin = await startNativeOrigin();
});
afterAll(async () => await origin?.[Symbol.asyncDispose]());

const posts = async (of = origin) => (await of.count()).seen.filter(({ method }) => method === 'POST').length;
const asked = async (of = origin) => (await of.count()).seen.length;
const codeOf = async (response: Response) =>
  ((await response.json()) as { error: { code: string } }).error.code;

let seed = 0;
let edge: Awaited<ReturnType<typeof edgeOf>>;
beforeEach(async () => {
  seed++;
  edge = await edgeOf([origin.url]);
});

async function edgeOf(urls: readonly string[]) {
  const database = sqliteDatabase(':memory:');
  await migrate(database);
  const made = wasmEdge(urls, { database, signingKeys: SECRETS });
  const urlOf = async (body: object): Promise<string> => {
    const response = await made.send('POST', '/v1/audio/speech/sign', { seed, ...body });
    expect(response.status).toBe(200);
    const { pathname, search } = new URL(((await response.json()) as { url: string }).url);
    return pathname + search;
  };
  return { ...made, urlOf };
}

describe('a signed URL', () => {
  it('of a phrase is synthesized at the edge', async () => {
    const response = await edge.get(await edge.urlOf(PHRASE));
    expect([response.status, placedOf(response)]).toEqual([200, 'edge; reason=small']);
    expect(edge.tone.count.spoken).toBe(1);
  });

  it('of heavy speech is synthesized at the origin, stored under its key, and a hit from then on', async () => {
    const url = await edge.urlOf(HEAVY);
    const first = await edge.get(url);
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'x-sori-placed': 'origin; reason=cost',
      'x-cache': 'miss',
      'content-type': 'audio/mpeg',
      'cache-control': expect.stringMatching(/^public, max-age=\d{3,}$/),
      etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
    });
    const bytes = await first.bytes();
    expect(bytes).toEqual(await (await askedOf(origin, pathOf(first))).bytes());
    const before = await asked();
    const again = await edge.get(url);
    expect([placedOf(again), again.headers.get('x-cache')]).toEqual(['edge; reason=kept', 'hit']);
    expect(await again.bytes()).toEqual(bytes);
    const part = await edge.get(url, { Range: 'bytes=100-199' });
    expect([part.status, await part.bytes()]).toEqual([206, bytes.slice(100, 200)]);
    const same = await edge.get(url, { 'If-None-Match': first.headers.get('etag')! });
    expect(same.status).toBe(304);
    const plain = await edge.get(pathOf(first));
    expect(await plain.bytes()).toEqual(bytes);
    // A hit makes no request to the origin.
    expect(await asked()).toBe(before);
    expect(edge.tone.count.spoken).toBe(0);
    expect(edge.lines.find(({ cache }) => cache === 'miss')).toMatchObject({
      characters: 1300,
      audio_ms: 4_000,
    });
    expect(edge.lines.find(({ cache }) => cache === 'hit')).not.toHaveProperty('characters', 1300);
  });

  it('returns the same audio as the POST that it stands for', async () => {
    const spoken = await edge.speak({ ...HEAVY, seed });
    const bytes = await spoken.bytes();
    await expect.poll(async () => (await edge.get(pathOf(spoken))).status, PATIENT).toBe(200);
    const got = await edge.get(await edge.urlOf(HEAVY));
    expect([pathOf(got), placedOf(got)]).toEqual([pathOf(spoken), 'edge; reason=kept']);
    expect(await got.bytes()).toEqual(bytes);
  });

  it('is synthesized once for concurrent requests', async () => {
    const url = await edge.urlOf(HEAVY);
    const before = await posts();
    const answers = await Promise.all(Array.from({ length: 12 }, () => edge.get(url)));
    const all = await Promise.all(answers.map((answer) => answer.bytes()));
    for (const bytes of all) expect(bytes).toEqual(all[0]);
    expect(await posts()).toBe(before + 1);
    const paid = () => edge.lines.filter(({ characters }) => characters === 1300).length;
    await expect.poll(paid, PATIENT).toBe(1);
  });

  it.each([
    ['edge', PHRASE],
    ['origin', PHRASE],
    ['edge', HEAVY],
    ['origin', HEAVY],
  ])('is synthesized at the %s on request', async (where, body) => {
    const response = await edge.get(await edge.urlOf(body), { 'X-Sori-Placement': where });
    expect([response.status, placedOf(response)]).toEqual([200, `${where}; reason=forced`]);
    expect(edge.tone.count.spoken).toBe(where === 'edge' ? 1 : 0);
  });

  it('has one key and one body for each place', async () => {
    const url = await edge.urlOf(HEAVY);
    const here = await edge.get(url, { 'X-Sori-Placement': 'edge' });
    const there = await edge.get(url, { 'X-Sori-Placement': 'origin' });
    expect(pathOf(here)).not.toBe(pathOf(there));
    for (const response of [here, there]) {
      expect(await (await edge.get(pathOf(response))).bytes()).toEqual(await response.bytes());
    }
  });

  it('refuses an unknown place', async () => {
    const response = await edge.get(await edge.urlOf(HEAVY), { 'X-Sori-Placement': 'moon' });
    expect([response.status, await codeOf(response)]).toEqual([400, 'invalid_value']);
  });

  it('without an origin: light work is done at the edge, the rest is 501, which no cache stores', async () => {
    const alone = await edgeOf([]);
    const fits = await alone.get(await alone.urlOf(HEAVY));
    expect([fits.status, placedOf(fits)]).toEqual([200, 'edge; reason=no-origin']);
    const refused = await alone.get(await alone.urlOf(HUGE));
    expect([refused.status, refused.headers.get('cache-control')]).toEqual([501, 'no-store']);
    expect(await codeOf(refused)).toBe('origin_required');
    expect(alone.tone.count.spoken).toBe(1);
  });

  it('when the origin is down: 503, or fewer steps where the request allows it, with a short Retry-After', async () => {
    const alone = await edgeOf(['http://127.0.0.1:9']);
    const fits = await alone.get(await alone.urlOf(HEAVY));
    expect([fits.status, placedOf(fits)]).toEqual([200, 'edge; reason=origin-down']);
    const refused = await alone.get(await alone.urlOf(HUGE));
    expect([refused.status, await codeOf(refused)]).toEqual([503, 'origin_unavailable']);
    const fewer = await alone.get(await alone.urlOf({ ...HUGE, degrade: true }));
    expect(fewer.status).toBe(200);
    expect(placedOf(fewer)).toMatch(/^edge; reason=degraded; refine_steps=\d+; diffusion_steps=0$/);
    expect(fewer.headers.get('cache-control')).toBe('public, max-age=60');
    const again = await alone.get(await alone.urlOf({ ...HUGE, degrade: true }));
    expect(pathOf(again)).toBe(pathOf(fewer));
    expect(alone.tone.count.spoken).toBe(2);
  });

  it('is found while the origin is down', async () => {
    await using doomed = await startNativeOrigin();
    const far = await edgeOf([doomed.url]);
    const url = await far.urlOf(HUGE);
    const first = await far.get(url);
    expect([first.status, placedOf(first)]).toEqual([200, 'origin; reason=cost']);
    await doomed.kill();
    const again = await far.get(url);
    expect([placedOf(again), await again.bytes()]).toEqual(['edge; reason=kept', await first.bytes()]);
  });

  it('returns the origin’s refusal, and costs nothing', async () => {
    const response = await edge.get(await edge.urlOf({ ...PHRASE, input: '…?!' }), {
      'X-Sori-Placement': 'origin',
    });
    expect([response.status, await codeOf(response)]).toEqual([400, 'nothing_to_speak']);
    await expect
      .poll(() => edge.lines.at(-1), PATIENT)
      .toMatchObject({ characters: 0, error: 'nothing_to_speak' });
  });
});

describe('a prompt', () => {
  const definition = () => ({ ...HEAVY, response_format: undefined, seed, formats: ['mp3', 'opus'] });
  const put = (name: string, body: object, headers?: Record<string, string>) =>
    edge.send('PUT', `/v1/prompts/${name}`, body, headers);

  it('of heavy speech is baked at the origin, and its audio is stored at the edge before the answer', async () => {
    const made = await put('long', definition());
    expect([made.status, placedOf(made)]).toEqual([201, 'origin; reason=cost']);
    const { audio } = (await made.json()) as { audio: { default: { key: string; seconds: number } } };
    expect(audio.default.seconds).toBe(4);
    for (const format of ['mp3', 'opus', 'wav']) {
      const served = await edge.get(`/prompts/long.${format}`);
      const there = await askedOf(origin, `/audio/${audio.default.key}.${format}`);
      expect(Buffer.from(await served.bytes()).equals(await there.bytes()), format).toBe(true);
    }
    const before = await asked();
    const same = await put('long', definition());
    expect([same.status, placedOf(same)]).toEqual([200, 'edge; reason=kept']);
    expect(await same.json()).toMatchObject({ version: 1, stale: false });
    expect(await asked()).toBe(before);
    expect(edge.tone.count.spoken).toBe(0);
  });

  it('with a heavy locale: the origin bakes that one, the edge the others, and X-Sori-Placed names the origin', async () => {
    const locales = { 'en-AU': { input: HEAVY.input } };
    const made = await put('mixed', { ...definition(), input: 'Hello.', locales });
    expect([made.status, placedOf(made)]).toEqual([201, 'origin; reason=cost']);
    expect(edge.tone.count.spoken).toBe(1);
  });

  it('is baked where X-Sori-Placement requests it', async () => {
    const made = await put('here', definition(), { 'X-Sori-Placement': 'edge' });
    expect([made.status, placedOf(made)]).toEqual([201, 'edge; reason=forced']);
    expect(edge.tone.count.spoken).toBe(1);
  });

  it('that can run nowhere is 501, and leaves no row', async () => {
    const alone = await edgeOf([]);
    const huge = { ...HUGE, response_format: undefined, seed };
    const refused = await alone.send('PUT', '/v1/prompts/huge', huge);
    expect([refused.status, await codeOf(refused)]).toEqual([501, 'origin_required']);
    expect((await alone.get('/v1/prompts/huge')).status).toBe(404);
  });

  it('is rendered by the same rules', async () => {
    const template = `${HEAVY.input} And {name}.`;
    expect((await put('greet', { ...definition(), input: undefined, template })).status).toBe(201);
    const render = (name: string) => edge.send('POST', '/v1/prompts/greet/render', { values: { name } });
    const first = await render('Ana');
    expect([first.status, placedOf(first)]).toEqual([200, 'origin; reason=cost']);
    const bytes = await first.bytes();
    expect(bytes).toEqual(await (await askedOf(origin, pathOf(first))).bytes());
    const again = await render('Ana');
    expect([placedOf(again), await again.bytes()]).toEqual(['edge; reason=kept', bytes]);
  });

  it('joined of parts from both places has the key of those parts', async () => {
    const template = `Hello {name}, ${HEAVY.input}`;
    const joined = { ...definition(), input: undefined, template, render: 'joined' };
    // A template without slots is baked in advance.
    expect(placedOf(await put('both', joined))).toBe('origin; reason=cost');
    const render = (headers?: Record<string, string>) =>
      edge.send('POST', '/v1/prompts/both/render', { values: { name: 'Ana' } }, headers);
    const mixed = await render();
    expect([mixed.status, mixed.headers.get('x-cache')]).toEqual([200, 'miss']);
    expect(edge.tone.count.spoken).toBe(1);
    const bytes = await mixed.bytes();
    const before = [await asked(), edge.tone.count.spoken];
    const again = await render();
    expect([pathOf(again), again.headers.get('x-cache')]).toEqual([pathOf(mixed), 'hit']);
    expect(await again.bytes()).toEqual(bytes);
    expect([await asked(), edge.tone.count.spoken]).toEqual(before);
    const here = await render({ 'X-Sori-Placement': 'edge' });
    expect(pathOf(here)).not.toBe(pathOf(mixed));
    expect(await here.bytes()).not.toEqual(bytes);
    expect(await (await edge.get(pathOf(mixed))).bytes()).toEqual(bytes);
  });
});

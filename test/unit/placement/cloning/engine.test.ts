import { describe, expect, it } from 'vitest';
import type { SpeechRequest } from '../../../../src/engine/engine.ts';
import { createCloningEngine } from '../../../../src/placement/cloning/engine.ts';
import { OriginModels } from '../../../../src/placement/origin-models.ts';
import { OriginPool } from '../../../../src/placement/origin-pool.ts';
import { encodeStyleId } from '../../../../src/synthesis/reference/style-id.ts';

const CLONER = {
  id: 'cloner',
  version: '1.0',
  created: 1,
  task: 'speech-cloning',
  languages: ['en'],
  served_by: 'origin',
  cloning: { embedding_size: 2, threshold: 0.8, revision: 'abc' },
};
const LISTS = { '/v1/models': { data: [{ id: 'sori-2', task: 'speech' }, CLONER] } };
const ANA = `vce_${'a'.repeat(26)}`;
const REQUEST: SpeechRequest = {
  model: 'cloner',
  voice: { [ANA]: 1 },
  clones: { [ANA]: Float32Array.of(0.6, 0.8) },
  input: 'Hello.',
  language: 'en',
  speed: 1,
  seed: 3,
  refineSteps: undefined,
  pronunciations: {},
  pitch: 0,
  pitchRange: 1,
  energy: 0,
  pauses: 1,
  exactLength: false,
};

type Answer = object | string | (() => Answer | undefined);

/** Two origins that answer alike, the first one until it is down. */
function originsOf(answers: Readonly<Record<string, Answer>>) {
  const asked: { readonly url: string; readonly caller?: string; readonly body: string }[] = [];
  const down = new Set<string>();
  const clock = { now: 0 };
  const pool = new OriginPool({
    origins: ['http://a.test', 'http://b.test'].map((url) => ({ url, weight: 1 })),
    random: () => 0,
    sign: async ({ caller }) => ({ 'x-sori-caller': caller }),
    fetch: async (url, init) => {
      const headers = new Headers(init.headers);
      const { origin, pathname } = new URL(url);
      const body = init.body === undefined ? '' : Buffer.from(init.body as Uint8Array).toString();
      asked.push({ url, caller: headers.get('x-sori-caller') ?? undefined, body });
      let answer: Answer | undefined = answers[pathname];
      if (typeof answer === 'function') answer = answer() as object | string | undefined;
      if (answer === undefined || down.has(origin)) throw new TypeError('connection refused');
      const events = typeof answer === 'string';
      const type = events ? 'text/event-stream; charset=utf-8' : 'application/json';
      const status = 'error' in Object(answer) ? ((answer as { status?: number }).status ?? 400) : 200;
      const id = headers.get('x-request-id') ?? '';
      return new Response(events ? (answer as string) : JSON.stringify(answer), {
        status,
        headers: { 'Content-Type': type, 'x-request-id': id },
      });
    },
  });
  const models = new OriginModels(pool, () => clock.now);
  return { engine: createCloningEngine({ pool, models }), asked, down, clock };
}

const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
const audio = (...bytes: number[]) =>
  event({ type: 'speech.audio.delta', audio: Buffer.from(bytes).toString('base64') });
const DONE = event({ type: 'speech.audio.done', usage: {} });
const signal = new AbortController().signal;

describe('the cloning models of origins', () => {
  it('are described as the origin describes them', async () => {
    const { engine } = originsOf(LISTS);
    const model = await engine.model('cloner');
    expect(model).toMatchObject({ servedBy: 'origin', fingerprint: 'abc', voiceThreshold: 0.8, voices: [] });
    expect(encodeStyleId(Float32Array.of(0.6, 0.8), model.styleSpace)).toMatch(/^sty_/);
    await expect(engine.model('sori-2')).rejects.toMatchObject({ code: 'unknown_model', param: 'model' });
    await expect(engine.model('nothing')).rejects.toMatchObject({ code: 'unknown_model', param: 'model' });
  });

  it.each([
    ['of an older server, which does not say what a voice is', { ...CLONER, cloning: undefined }],
    ['of another task', { ...CLONER, task: 'speech' }],
  ])('leave out one %s', async (_, listed) => {
    const { engine } = originsOf({ '/v1/models': { data: [listed] } });
    expect(await engine.find('cloner', { signal })).toBeUndefined();
  });

  it('are listed once in 30 s, and again for a new name after 5 s', async () => {
    const { engine, asked, clock } = originsOf(LISTS);
    for (const name of ['cloner', 'cloner', 'new']) await engine.find(name, { signal });
    expect(asked).toHaveLength(1);
    clock.now = 6_000;
    for (const name of ['cloner', 'new', 'new']) await engine.find(name, { signal });
    expect(asked).toHaveLength(2);
    clock.now = 40_000;
    await engine.find('cloner', { signal });
    expect(asked).toHaveLength(3);
  });

  it('stay known while no origin answers; an unknown one is an error of the origin', async () => {
    const { engine, down, clock } = originsOf(LISTS);
    await engine.find('cloner', { signal });
    clock.now = 40_000;
    for (const url of ['http://a.test', 'http://b.test']) down.add(url);
    expect(await engine.find('cloner', { signal })).toMatchObject({ id: 'cloner' });
    await expect(engine.find('new', { signal })).rejects.toMatchObject({ code: 'origin_unavailable' });
  });
});

describe('speech of a cloning model', () => {
  const speech = audio(1, 0, 2) + audio(0, 255, 127) + DONE;

  it('is requested with the vectors of its voices, on behalf of the caller', async () => {
    const { engine, asked } = originsOf({ ...LISTS, '/v1/audio/speech': speech });
    const { chunks, totalSamples } = await engine.speak(REQUEST, signal, { client: 'key_1' });
    const samples: number[] = [];
    for await (const chunk of chunks) samples.push(...chunk);
    // Samples may be divided between events.
    expect(samples.map((sample) => Math.round(sample * 32_767))).toEqual([1, 2, 32_767]);
    expect(totalSamples).toBe(3);
    const { caller, body } = asked.at(-1)!;
    expect(caller).toBe('key_1');
    const { styleSpace } = await engine.model('cloner');
    expect(JSON.parse(body)).toMatchObject({
      model: 'cloner',
      voice: { [ANA]: 1 },
      clones: { [ANA]: encodeStyleId(Float32Array.of(0.6, 0.8), styleSpace) },
      timestamps: ['word', 'phoneme', 'sentence'],
    });
  });

  it('comes from another origin when the first one is down', async () => {
    const { engine, asked, down } = originsOf({ ...LISTS, '/v1/audio/speech': speech });
    await engine.find('cloner', { signal });
    down.add('http://a.test');
    expect((await engine.speak(REQUEST, signal)).totalSamples).toBe(3);
    const [first, second] = asked.slice(-2);
    expect([first.url, second.url]).toEqual([
      'http://a.test/v1/audio/speech',
      'http://b.test/v1/audio/speech',
    ]);
    expect(second.body).toBe(first.body);
  });

  it('has the warnings of the origin', async () => {
    const warning = { code: 'ignored_element', message: '<foo> has no effect.', param: 'input' };
    const done = event({ type: 'speech.audio.done', usage: {}, warnings: [warning] });
    const { engine } = originsOf({ ...LISTS, '/v1/audio/speech': audio(1, 0) + done });
    expect((await engine.speak(REQUEST, signal)).warnings).toEqual([warning]);
    expect(await engine.review(REQUEST, signal)).toEqual([warning]);
  });

  it('has no captions without durations', async () => {
    const { engine } = originsOf({ ...LISTS, '/v1/audio/speech': speech });
    await expect(engine.align(REQUEST, signal)).rejects.toMatchObject({ code: 'conflicting_parameters' });
  });

  const fault = (code: string, param?: string) => ({ error: { code, message: `about ${code}`, param } });
  it.each([
    ['a refusal', fault('conflicting_parameters', 'pitch'), 'conflicting_parameters', 'pitch'],
    ['an error among the events', audio(1, 0) + event(fault('model_unavailable')), 'model_unavailable', null],
    ['a busy origin', { ...fault('overloaded'), status: 503 }, 'overloaded', null],
    ['an end without the last event', audio(1, 0), 'origin_failed', null],
    ['events that are no speech', event({ type: 'other' }), 'origin_failed', null],
    ['events that are not JSON', 'data: {\n\n', 'origin_failed', null],
  ])('fails with %s', async (_, answer, code, param) => {
    const { engine } = originsOf({ ...LISTS, '/v1/audio/speech': answer });
    await expect(engine.speak(REQUEST, signal)).rejects.toMatchObject({ code, param });
  });
});

describe('the vector of a recording', () => {
  const reference = { samples: new Float32Array(2400) };

  it('is made by an origin', async () => {
    let style = '';
    const { engine, asked } = originsOf({ ...LISTS, '/v1/styles': () => ({ id: style }) });
    const { styleSpace } = await engine.model('cloner');
    style = encodeStyleId(Float32Array.of(1, 0), styleSpace);
    expect([...(await engine.encodeStyle('cloner', reference))]).toEqual([1, 0]);
    expect(asked.at(-1)!.url).toMatch('/v1/styles?model=cloner');
    style = 'sty_';
    await expect(engine.encodeStyle('cloner', reference)).rejects.toMatchObject({ code: 'invalid_style' });
  });

  it('fails with the error of the origin, and with an answer that has none', async () => {
    const short = { error: { code: 'unusable_reference', message: 'too short', param: 'file' } };
    const refusing = originsOf({ ...LISTS, '/v1/styles': short });
    await expect(refusing.engine.encodeStyle('cloner', reference)).rejects.toMatchObject({
      code: 'unusable_reference',
    });
    const silent = originsOf({ ...LISTS, '/v1/styles': { seconds: 1 } });
    await expect(silent.engine.encodeStyle('cloner', reference)).rejects.toMatchObject({
      code: 'origin_failed',
    });
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

/** More than an isolate should do, and no more than it can. */
const HEAVY = { model: 'tone-1', voice: 'clara', input: 'Hello there. '.repeat(100), response_format: 'pcm' };

let origin: OriginProcess;
beforeAll(async () => {
  origin = await startNativeOrigin();
});
afterAll(async () => await origin?.[Symbol.asyncDispose]());

const spoken = async () => (await origin.count()).spoken;

let edge: ReturnType<typeof wasmEdge>;
let seed = 0;
/** A request that has not been made before. */
let body: typeof HEAVY & { seed: number };
beforeEach(() => {
  edge = wasmEdge([origin.url]);
  body = { ...HEAVY, seed: ++seed };
});

const kept = (path: string) => expect.poll(async () => (await edge.get(path)).status, PATIENT).toBe(200);

describe('audio of an origin with another edition', () => {
  it('is stored at the edge under the origin’s key, and found there the next time', async () => {
    const first = await edge.speak(body);
    expect([placedOf(first), first.headers.get('x-cache')]).toEqual(['origin; reason=cost', 'miss']);
    const bytes = await first.bytes();
    await kept(pathOf(first));
    const before = (await origin.count()).seen.length;
    const again = await edge.speak(body);
    expect([placedOf(again), again.headers.get('x-cache')]).toEqual(['edge; reason=kept', 'hit']);
    expect(pathOf(again)).toBe(pathOf(first));
    expect(await again.bytes()).toEqual(bytes);
    expect(await (await edge.get(pathOf(again))).bytes()).toEqual(bytes);
    // A hit makes no request to the origin.
    expect((await origin.count()).seen.length).toBe(before);
    expect(edge.tone.count.spoken).toBe(0);
    expect(edge.lines.findLast(({ method }) => method === 'POST')).toMatchObject({ cache: 'hit' });
  });

  it('is available at the edge in every format, with the origin’s bytes', async () => {
    const first = await edge.speak(body);
    await first.bytes();
    await kept(pathOf(first));
    for (const format of ['wav', 'mp3', 'opus', 'flac', 'mulaw', 'wav-8k']) {
      const path = pathOf(first).replace('.pcm', `.${format}`);
      const here = await edge.get(path);
      expect(here.status, format).toBe(200);
      const there = await askedOf(origin, path);
      expect(Buffer.from(await here.bytes()).equals(await there.bytes()), format).toBe(true);
      const asked = await edge.speak({ ...body, response_format: format });
      expect([placedOf(asked), pathOf(asked)]).toEqual(['edge; reason=kept', path]);
      await asked.bytes();
    }
    expect(edge.tone.count.spoken).toBe(0);
  });

  it.each([
    ['events', { stream_format: 'sse' }],
    ['JSON', { response_format: 'json', audio_format: 'pcm' }],
  ])('is stored for %s too', async (_, fields) => {
    const first = await edge.speak({ ...body, ...fields });
    await first.bytes();
    expect(pathOf(first)).toMatch(/^\/audio\/[0-9a-f]{64}\.(pcm|mp3)$/);
    await kept(pathOf(first));
    const before = await spoken();
    const plain = await edge.speak(body);
    expect(placedOf(plain)).toBe('edge; reason=kept');
    await plain.bytes();
    expect(await spoken()).toBe(before);
  });

  it('never shares a key with the edge’s own audio of the same request', async () => {
    const there = await edge.speak(body);
    const here = await edge.speak(body, { 'X-Sori-Placement': 'edge' });
    expect(placedOf(here)).toBe('edge; reason=forced');
    expect(pathOf(here)).not.toBe(pathOf(there));
    const [ofOrigin, ofEdge] = [await there.bytes(), await here.bytes()];
    expect(ofEdge).not.toEqual(ofOrigin);
    await kept(pathOf(there));
    await kept(pathOf(here));
    expect(await (await edge.get(pathOf(there))).bytes()).toEqual(ofOrigin);
    expect(await (await edge.get(pathOf(here))).bytes()).toEqual(ofEdge);
    // A request that forces a place gets the audio that was made there.
    const forced = await edge.speak(body, { 'X-Sori-Placement': 'origin' });
    expect([pathOf(forced), placedOf(forced)]).toEqual([pathOf(there), 'edge; reason=kept']);
    const forcedHere = await edge.speak(body, { 'X-Sori-Placement': 'edge' });
    expect([pathOf(forcedHere), placedOf(forcedHere)]).toEqual([pathOf(here), 'edge; reason=kept']);
  });

  it('is found by an edge that has just started, before any speech', async () => {
    const first = await edge.speak(body);
    const bytes = await first.bytes();
    await kept(pathOf(first));
    const before = (await origin.count()).seen.length;
    const fresh = wasmEdge([origin.url], { store: edge.store });
    const again = await fresh.speak(body);
    expect([placedOf(again), pathOf(again)]).toEqual(['edge; reason=kept', pathOf(first)]);
    expect(await again.bytes()).toEqual(bytes);
    expect((await origin.count()).seen.length).toBe(before);
  });

  it('is found while the origin is down', async () => {
    await using doomed = await startNativeOrigin();
    edge = wasmEdge([doomed.url]);
    const first = await edge.speak(body);
    const bytes = await first.bytes();
    await kept(pathOf(first));
    await doomed.kill();
    const again = await edge.speak(body);
    expect([placedOf(again), pathOf(again)]).toEqual(['edge; reason=kept', pathOf(first)]);
    expect(await again.bytes()).toEqual(bytes);
    // Audio that could not be stored is synthesized at the edge, under the edge's own key.
    const other = await edge.speak({ ...body, seed: body.seed + 10_000 });
    expect(placedOf(other)).toBe('edge; reason=origin-down');
    await other.bytes();
    expect(edge.tone.count.spoken).toBe(1);
  });

  it('is not stored with no-store', async () => {
    for (let time = 0; time < 2; time++) {
      const response = await edge.speak(body, { 'Cache-Control': 'no-store' });
      expect([placedOf(response), response.headers.get('x-cache')]).toEqual([
        'origin; reason=cost',
        'bypass',
      ]);
      expect(pathOf(response)).toBeNull();
      await response.bytes();
    }
    const stored = await edge.speak(body);
    expect(stored.headers.get('x-cache')).toBe('miss');
    await stored.bytes();
  });

  it('does not keep a request for new audio at the edge because it is stored there', async () => {
    const first = await edge.speak(body);
    await first.bytes();
    await kept(pathOf(first));
    const anew = await edge.speak(body, { 'Cache-Control': 'no-store' });
    expect(placedOf(anew)).toBe('origin; reason=cost');
    await anew.bytes();
    const timed = await edge.speak({ ...body, response_format: 'json', timestamps: ['word'] });
    expect(placedOf(timed)).toBe('origin; reason=cost');
    await timed.bytes();
    expect(edge.tone.count.spoken).toBe(0);
  });

  it.each(['edge', 'origin'])(
    'is kept at the %s of a client that hangs up with the last byte',
    async (where) => {
      const response = await edge.speak(body, { 'X-Sori-Placement': where });
      const length = Number(response.headers.get('content-length'));
      const reader = response.body!.getReader();
      for (let taken = 0; taken < length; ) taken += (await reader.read()).value!.length;
      await reader.cancel();
      await kept(pathOf(response));
      await expect
        .poll(() => edge.lines.find(({ method }) => method === 'POST'), PATIENT)
        .toMatchObject({ cache: 'miss', characters: 1300, audio_ms: 4_000 });
    },
  );

  it('is fetched once for concurrent requests', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => edge.speak(body)));
    const all = await Promise.all(answers.map((answer) => answer.bytes()));
    for (const bytes of all) expect(bytes).toEqual(all[0]);
    await kept(pathOf(answers[0]));
    const master = pathOf(answers[0]).replace('.pcm', '.wav');
    const brought = (await origin.count()).seen.filter(({ method, url }) => {
      return method === 'GET' && url.endsWith(master);
    });
    expect(brought.length).toBe(1);
    expect(edge.tone.count.spoken).toBe(0);
  });
});

describe('usage of forwarded answers', () => {
  it.each(['pcm', 'wav', 'mp3', 'opus', 'flac', 'mulaw', 'wav-8k'])(
    'has the length of %s',
    async (format) => {
      await (await edge.speak({ ...body, response_format: format }, { 'Cache-Control': 'no-store' })).bytes();
      await expect
        .poll(() => edge.lines.at(-1)?.audio_ms as number, PATIENT)
        .toSatisfy((ms: number) => ms >= 4_000 && ms < 4_050);
    },
  );

  it.each([
    ['events', { stream_format: 'sse' }],
    ['JSON', { response_format: 'json', audio_format: 'opus' }],
    ['JSON with times', { response_format: 'json', timestamps: ['word', 'phoneme'] }],
  ])('has the length of %s', async (_, fields) => {
    await (await edge.speak({ ...body, ...fields })).bytes();
    await expect
      .poll(() => edge.lines.find(({ method }) => method === 'POST')?.audio_ms, PATIENT)
      .toBe(4_000);
  });

  it('counts the forwarded part of an interrupted answer', async () => {
    await using doomed = await startNativeOrigin();
    edge = wasmEdge([doomed.url]);
    const response = await edge.speak({ ...body, input: `${body.input} stops` });
    const reader = response.body!.getReader();
    await reader.read();
    await doomed.kill();
    await expect(
      (async () => {
        while (!(await reader.read()).done);
      })(),
    ).rejects.toThrow();
    await expect
      .poll(() => edge.lines.at(-1)?.audio_ms as number, PATIENT)
      .toSatisfy((ms: number) => ms >= 100 && ms <= 300);
  });
});

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../../src/database/migrate.ts';
import { sqliteDatabase } from '../../../src/database/sqlite.ts';
import { memoryOutputs } from '../../../src/features/jobs/outputs/memory.ts';
import { createNodeJobs } from '../../../src/features/jobs/runner/node-jobs.ts';
import { parseSigningKeys } from '../../../src/http/signed-url.ts';
import { fileStore } from '../../../src/library/stores/files.ts';
import { originsOf } from '../../../src/placement/origins.ts';
import { signRequest } from '../../../src/placement/signatures/origin-signature.ts';
import { pathOf, placedOf } from '../../support/servers/native-origin.ts';
import { type RunningOrigin, runOrigin } from '../../support/servers/running-origin.ts';
import { serverFolder } from '../../support/servers/running-server.ts';
import { realEdge } from '../../support/servers/wasm-edge.ts';

/** Other work may have the processors meanwhile. */
const PATIENT = { timeout: 20_000 };

const ORIGIN_SECRETS = 'k1:a-secret-that-edge-and-origin-share';
const KEYS = parseSigningKeys(ORIGIN_SECRETS)!;
const PHRASE = { model: 'sori-2', voice: 'clara', input: 'Your table is ready.', response_format: 'pcm' };
/** More than an isolate should do, and no more than it can. Refining is most of its estimated cost, so a short text is enough. */
const HEAVY = { ...PHRASE, input: 'The table by the window is ready. '.repeat(8), refine_steps: 32 };
/** More audio than the sockets between the processes can buffer. */
const ENDLESS = { ...PHRASE, input: 'The table by the window is ready. '.repeat(115), speed: 0.25 };

/** Like {@link ENDLESS}, but short enough to be read to its end. */
const LONG = { ...ENDLESS, input: 'The table by the window is ready. '.repeat(30) };

let folder: Awaited<ReturnType<typeof serverFolder>>;
let origin: RunningOrigin;
const start = (state = 'origin') =>
  runOrigin(folder.path, { ORIGIN_SECRETS, STATE_DIR: join(folder.path, state), SIGNING_KEYS: '' });
beforeAll(async () => {
  folder = await serverFolder();
  origin = await start();
});
afterAll(async () => {
  await origin?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

const poolOf = ({ url }: RunningOrigin, secrets = ORIGIN_SECRETS) =>
  originsOf({ ORIGINS: url.origin, ORIGIN_SECRETS: secrets })!;
const codeOf = async (response: Response) =>
  ((await response.json()) as { error: { code: string } }).error.code;

/** A request as an edge would send it. */
async function signed(method: string, target: string, body?: object) {
  const bytes = new TextEncoder().encode(body ? JSON.stringify(body) : '');
  const proof = await signRequest(KEYS, { method, target, caller: 'key_1', body: bytes, now: Date.now() });
  const headers = { 'Content-Type': 'application/json', ...proof };
  return ({ url }: RunningOrigin) =>
    fetch(new URL(target, url), { method, headers, body: body ? bytes : undefined });
}

describe('a real origin, and an edge with the Worker’s edition', () => {
  it('heavy speech is synthesized at the origin and forwarded, with the origin’s key; the edge stores it', async () => {
    const edge = realEdge(folder.path, poolOf(origin));
    const first = await edge.speak(HEAVY);
    expect([first.status, placedOf(first), first.headers.get('x-cache')]).toEqual([
      200,
      'origin; reason=cost',
      'miss',
    ]);
    const bytes = await first.bytes();
    const there = await (await signed('GET', pathOf(first)))(origin);
    expect(Buffer.from(await there.bytes()).equals(bytes)).toBe(true);
    await expect.poll(async () => (await edge.app.request(pathOf(first))).status, PATIENT).toBe(200);
    const again = await edge.speak(HEAVY);
    expect([placedOf(again), pathOf(again)]).toEqual(['edge; reason=kept', pathOf(first)]);
    expect(Buffer.from(await again.bytes()).equals(bytes)).toBe(true);
    // Audio that the edge makes of the same text has another key.
    const here = await edge.speak(HEAVY, { 'X-Sori-Placement': 'edge' });
    expect(pathOf(here)).not.toBe(pathOf(first));
    await here.bytes();
    const usage = edge.lines.find(({ cache, method }) => cache === 'miss' && method === 'POST');
    expect(usage?.audio_ms).toBeCloseTo(bytes.length / 48, -1);
    // In every format the edge has the same bytes as the origin.
    for (const format of ['mp3', 'opus', 'mulaw']) {
      const path = pathOf(first).replace('.pcm', `.${format}`);
      const ofOrigin = await (await (await signed('GET', path))(origin)).bytes();
      const ofEdge = await (await edge.app.request(path)).bytes();
      expect(Buffer.from(ofEdge).equals(ofOrigin), format).toBe(true);
    }
  });

  it('with one bucket nothing is copied: the edge finds what the origin has stored', async () => {
    const store = fileStore(join(folder.path, 'origin', 'audio'));
    const edge = realEdge(folder.path, poolOf(origin), { store });
    const first = await edge.speak({ ...HEAVY, seed: 2, response_format: 'opus' });
    const bytes = await first.bytes();
    const fresh = realEdge(folder.path, poolOf(origin), { store });
    await expect.poll(async () => (await fresh.app.request(pathOf(first))).status, PATIENT).toBe(200);
    const again = await fresh.speak({ ...HEAVY, seed: 2, response_format: 'opus' });
    expect([placedOf(again), pathOf(again)]).toEqual(['edge; reason=kept', pathOf(first)]);
    expect(Buffer.from(await again.bytes()).equals(bytes)).toBe(true);
  });

  it('killed during a stream: the answer breaks off, and light work is done at the edge', async () => {
    await using doomed = await start('killed');
    const edge = realEdge(folder.path, poolOf(doomed));
    const response = await edge.speak(ENDLESS, { 'X-Sori-Placement': 'origin', 'Cache-Control': 'no-store' });
    expect([response.status, placedOf(response)]).toEqual([200, 'origin; reason=forced']);
    const reader = response.body!.getReader();
    expect((await reader.read()).value!.length).toBeGreaterThan(0);
    await doomed.stop('SIGKILL');
    const rest = async () => {
      while (!(await reader.read()).done);
    };
    await expect(rest()).rejects.toThrow();
    await expect.poll(() => edge.lines.at(-1), PATIENT).toMatchObject({ characters: 0 });
    const next = await edge.speak(PHRASE);
    expect([next.status, placedOf(next)]).toEqual([200, 'edge; reason=small']);
    const refused = await edge.speak(PHRASE, { 'X-Sori-Placement': 'origin' });
    expect([refused.status, await codeOf(refused)]).toEqual([503, 'origin_unavailable']);
  });

  it('terminated during a stream: finishes its answers and accepts no new ones', async () => {
    await using ending = await start('draining');
    const edge = realEdge(folder.path, poolOf(ending));
    const response = await edge.speak(LONG, { 'X-Sori-Placement': 'origin', 'Cache-Control': 'no-store' });
    const reader = response.body!.getReader();
    const first = (await reader.read()).value!.length;
    let length = first;
    const ended = ending.stop('SIGTERM');
    await expect.poll(async () => (await fetch(new URL('/readyz', ending.url))).status, PATIENT).toBe(503);
    const busy = await edge.speak(PHRASE, { 'X-Sori-Placement': 'origin', 'Cache-Control': 'no-store' });
    expect([busy.status, await codeOf(busy)]).toEqual([503, 'overloaded']);
    expect(busy.headers.get('retry-after')).toBe('1');
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
    }
    // It states no length, and a stream that breaks off is an error.
    expect(length).toBeGreaterThan(first);
    expect(await ended).toEqual({ code: 0, signal: null });
  });

  it('a client that disconnects stops the work there', async () => {
    const edge = realEdge(folder.path, poolOf(origin));
    const metric = async () => {
      const text = await (await (await signed('GET', '/metrics'))(origin)).text();
      return Number(/^sori_requests_in_flight (\d+)$/m.exec(text)?.[1]);
    };
    const before = await metric();
    const response = await edge.speak(ENDLESS, { 'X-Sori-Placement': 'origin', 'Cache-Control': 'no-store' });
    const reader = response.body!.getReader();
    await reader.read();
    await expect.poll(metric, PATIENT).toBe(before + 1);
    await reader.cancel();
    await expect.poll(metric, { timeout: 30_000 }).toBe(before);
  });

  it('an edge with the wrong secret behaves like one without an origin', async () => {
    const edge = realEdge(folder.path, poolOf(origin, 'k1:quite-another-secret-than-the-others-have'));
    const fits = await edge.speak(HEAVY);
    expect([fits.status, placedOf(fits)]).toEqual([200, 'edge; reason=origin-down']);
    await fits.bytes();
    const forced = await edge.speak(PHRASE, { 'X-Sori-Placement': 'origin' });
    expect([forced.status, await codeOf(forced)]).toEqual([503, 'origin_unavailable']);
  });

  it('a heavy job is synthesized there, once', async () => {
    const database = sqliteDatabase(':memory:');
    await migrate(database);
    const jobs = createNodeJobs({ database, outputs: memoryOutputs() });
    try {
      const edge = realEdge(folder.path, poolOf(origin), { jobs, database });
      const made = await edge.send('POST', '/v1/jobs', { kind: 'speech', request: { ...HEAVY, seed: 3 } });
      const { id } = (await made.json()) as { id: string };
      const look = async () =>
        (await (await edge.send('GET', `/v1/jobs/${id}`)).json()) as {
          state: string;
          result: { url: string; seconds: number } | null;
        };
      await expect.poll(async () => (await look()).state, { timeout: 60_000 }).toBe('succeeded');
      const { result } = await look();
      expect(result?.seconds).toBeGreaterThan(5);
      const audio = await edge.app.request(result!.url);
      expect((await audio.bytes()).length).toBeGreaterThan(5 * 48_000);
    } finally {
      await jobs.stop();
    }
  });
});

describe('a request with a used nonce', () => {
  it('is refused, also after a restart', async () => {
    const ask = await signed('POST', '/v1/audio/speech', PHRASE);
    {
      await using first = await start('replayed');
      expect((await ask(first)).status).toBe(200);
      const replayed = await ask(first);
      expect([replayed.status, replayed.headers.get('x-sori-refused')]).toEqual([403, 'invalid_signature']);
      await first.stop('SIGKILL');
    }
    await using second = await start('replayed');
    const replayed = await ask(second);
    expect([replayed.status, replayed.headers.get('x-sori-refused')]).toEqual([403, 'invalid_signature']);
    expect((await (await signed('POST', '/v1/audio/speech', PHRASE))(second)).status).toBe(200);
  });

  it('is refused by another process with the same state, also at the same time', async () => {
    await using one = await start('shared');
    await using other = await start('shared');
    const ask = await signed('GET', '/v1/models');
    const statuses = await Promise.all([one, other, one, other].map(async (to) => (await ask(to)).status));
    expect(statuses.toSorted()).toEqual([200, 403, 403, 403]);
  });
});

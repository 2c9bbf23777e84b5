import { resolve } from 'node:path';
import { readD1Migrations } from '@cloudflare/vitest-plugin';
import { build } from 'esbuild';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { MIGRATIONS_FOLDER } from '../../../src/database/migrate.ts';
import { ANA, hum } from '../../support/hummed.ts';
import { ORIGIN_SECRETS, type OriginProcess, startOrigin } from '../../support/servers/origin-process.ts';

const ENTRY = resolve(import.meta.dirname, '../../fixtures/tone-edge-worker.ts');
const HEAVY = { model: 'tone-1', voice: 'clara', input: 'Hello there. '.repeat(100), response_format: 'pcm' };
const HUGE = { ...HEAVY, input: 'Hello there. '.repeat(310), refine_steps: 32 };
const BYTES = 400 * 2_400 * 2;

let origin: OriginProcess;
let miniflare: Miniflare;
let url: URL;

beforeAll(async () => {
  origin = await startOrigin({ ORIGIN_BUILD: 'native-test', ORIGIN_PITCH: '330' });
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd'],
    external: ['cloudflare:*', 'node:*'],
    // Of the app's codecs, which are never run here.
    loader: { '.wasm': 'empty' },
  });
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: outputFiles[0].text,
      compatibilityDate: '2026-10-01',
      compatibilityFlags: ['nodejs_compat', 'enable_request_signal'],
      d1Databases: ['DB'],
      r2Buckets: ['BUCKET'],
      bindings: { ORIGINS: `${origin.url} 1`, ORIGIN_SECRETS },
      cf: false,
    }),
  );
  url = new URL('/v1/audio/speech', await miniflare.ready);
  const database = await miniflare.getD1Database('DB');
  for (const { queries } of await readD1Migrations(MIGRATIONS_FOLDER)) {
    await database.batch(queries.map((query) => database.prepare(query)));
  }
});
afterAll(async () => {
  await miniflare?.dispose();
  await origin?.[Symbol.asyncDispose]();
});

const speak = (body: object, headers: Record<string, string> = {}, signal?: AbortSignal) =>
  fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal,
  });

it('an edge in workerd forwards heavy speech, with its length and the origin’s headers about it', async () => {
  const response = await speak(HEAVY);
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'x-sori-placed': 'origin; reason=cost',
    'x-cache': 'miss',
    'content-length': String(BYTES),
    'content-location': expect.stringMatching(/^\/audio\/[0-9a-f]{64}\.pcm$/),
  });
  expect((await response.bytes()).length).toBe(BYTES);
});

const get = (path: string, headers: Record<string, string> = {}) => fetch(new URL(path, url), { headers });
const posts = async () => (await origin.count()).seen.filter(({ method }) => method === 'POST').length;

it('stores forwarded audio under the origin’s key, and finds it there', async () => {
  const body = { ...HEAVY, seed: 7 };
  const first = await speak(body);
  const path = first.headers.get('content-location')!;
  const bytes = await first.bytes();
  await expect.poll(async () => (await get(path)).status, { timeout: 20_000 }).toBe(200);
  const before = await posts();
  const again = await speak(body);
  expect([again.headers.get('x-sori-placed'), again.headers.get('x-cache')]).toEqual([
    'edge; reason=kept',
    'hit',
  ]);
  expect(again.headers.get('content-location')).toBe(path);
  expect(Buffer.from(await again.bytes()).equals(bytes)).toBe(true);
  const here = await speak(body, { 'X-Sori-Placement': 'edge' });
  expect(here.headers.get('content-location')).not.toBe(path);
  await here.bytes();
  expect(await posts()).toBe(before);
  const bucket = await miniflare.getR2Bucket('BUCKET');
  expect(await bucket.head(`audio${path.slice('/audio'.length).replace('.pcm', '.wav')}`)).not.toBeNull();
});

it('sends signed URLs to the origin, once for concurrent requests', async () => {
  const signed = await fetch(new URL('/v1/audio/speech/sign', url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...HEAVY, seed: 8 }),
  });
  const { pathname, search } = new URL(((await signed.json()) as { url: string }).url);
  const before = await posts();
  const answers = await Promise.all(Array.from({ length: 5 }, () => get(pathname + search)));
  for (const answer of answers) {
    expect([answer.status, answer.headers.get('x-sori-placed')]).toEqual([200, 'origin; reason=cost']);
    expect((await answer.bytes()).length).toBe(BYTES);
  }
  expect(await posts()).toBe(before + 1);
  const hit = await get(pathname + search, { Range: 'bytes=0-99' });
  expect([hit.status, hit.headers.get('x-sori-placed')]).toEqual([206, 'edge; reason=kept']);
  expect(await posts()).toBe(before + 1);
});

it.each([
  ['events', { stream_format: 'sse', seed: 11 }, 'speech.audio.done'],
  ['JSON', { response_format: 'json', audio_format: 'pcm', seed: 12 }, '"duration_ms":40000'],
])('forwards %s', async (_, fields, part) => {
  const response = await speak({ ...HEAVY, ...fields });
  expect(response.headers.get('x-sori-placed')).toBe('origin; reason=cost');
  expect(await response.text()).toContain(part);
});

it('MP3 recordings are analysed at the origin, and the voice is stored at the edge', async () => {
  const encoder = await createEncoder('mp3', { totalSamples: 96_000 });
  const mp3 = new Blob([Buffer.concat([encoder.encode(hum(ANA)), encoder.finish()])]);
  const form = new FormData();
  form.set('name', 'Ana');
  form.set('consent_statement', 'Ana agrees.');
  form.set('consent_signed_by', 'Ana');
  form.append('files', mp3, 'ana.mp3');
  const voices = new URL('/v1/voices', url);
  const made = await fetch(voices, { method: 'POST', body: form });
  expect([made.status, made.headers.get('x-sori-placed')]).toEqual([201, 'origin; reason=reference']);
  const { id } = (await made.json()) as { id: string };
  // The edge also asks for the origin's models, since one that transcribes would check what is said.
  const { seen } = await origin.count();
  expect(seen).toContainEqual(
    expect.objectContaining({ url: expect.stringMatching(/\/v1\/styles\?/), caller: 'local' }),
  );
  const found = await fetch(new URL(`/v1/voices/${id}`, url));
  expect(found.status).toBe(200);
  const spoken = await speak({ ...HEAVY, voice: id });
  expect([spoken.status, spoken.headers.get('x-sori-placed')]).toEqual([200, expect.stringMatching(/^edge/)]);
});

it('concurrent requests each receive their own audio', async () => {
  const sent = Array.from({ length: 6 }, (_, seed) => speak({ ...HEAVY, seed: 100 + seed }));
  for (const response of await Promise.all(sent)) {
    expect(response.status).toBe(200);
    expect((await response.bytes()).length).toBe(BYTES);
  }
});

it('forwards a disconnect to the origin', async () => {
  const before = (await origin.count()).aborted;
  const leaving = new AbortController();
  const body = { ...HEAVY, input: `${HEAVY.input} stops` };
  const response = await speak(body, { 'Cache-Control': 'no-store' }, leaving.signal);
  const reader = response.body!.getReader();
  await reader.read();
  leaving.abort();
  await expect(reader.read()).rejects.toThrow();
  await expect.poll(async () => (await origin.count()).aborted, { timeout: 60_000 }).toBe(before + 1);
});

it('an origin that is killed during a stream breaks the answer off; then the edge does light work', async () => {
  const response = await speak({ ...HEAVY, input: `${HEAVY.input} stops`, seed: 1 });
  const reader = response.body!.getReader();
  await reader.read();
  await origin.kill();
  const rest = async () => {
    while (!(await reader.read()).done);
  };
  await expect(rest()).rejects.toThrow();
  const next = await speak({ ...HEAVY, seed: 13 });
  expect([next.status, next.headers.get('x-sori-placed')]).toEqual([200, 'edge; reason=origin-down']);
  await next.body?.cancel();
  const refused = await speak(HUGE);
  expect([refused.status, ((await refused.json()) as { error: { code: string } }).error.code]).toEqual([
    503,
    'origin_unavailable',
  ]);
});

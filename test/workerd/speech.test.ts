import { env, exports } from 'cloudflare:workers';
import { beforeAll, expect, it } from 'vitest';
import { bucketOf, seedModel } from './seed.ts';

/** The deployed build of the Worker, with the embedded model, inside workerd. */

beforeAll(() => seedModel(bucketOf(env), { name: 'sori-2', from: 'embedded' }));

const phrase = { model: 'sori-2', voice: 'hazel', input: 'Your table is ready.', response_format: 'pcm' };

const worker = (exports as unknown as { default: Fetcher }).default;

async function post(
  body: object,
  headers: Record<string, string> = {},
): Promise<{ response: Response; bytes: Uint8Array }> {
  const response = await worker.fetch('http://localhost/v1/audio/speech', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { response, bytes: new Uint8Array(await response.arrayBuffer()) };
}

const samplesOf = (pcm: Uint8Array) =>
  Float32Array.from(new Int16Array(pcm.slice().buffer), (value) => value / 32768);

it('speaks a phrase at a plausible length and level', async () => {
  const { response, bytes } = await post(phrase);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-length')).toBe(String(bytes.length));
  const samples = samplesOf(bytes);
  expect(samples.length / 24_000).toBeGreaterThan(0.9);
  expect(samples.length / 24_000).toBeLessThan(3);
  const rms = Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
  expect(rms).toBeGreaterThan(0.01);
});

it('streams the same samples as in one piece, and the same again for the same request', async () => {
  // Each request is synthesized, not answered from storage.
  const anew = { 'Cache-Control': 'no-store' };
  const whole = (await post(phrase, anew)).bytes;
  expect((await post(phrase, anew)).bytes).toEqual(whole);
  const events = new TextDecoder().decode((await post({ ...phrase, stream_format: 'sse' }, anew)).bytes);
  const deltas = [...events.matchAll(/"audio":"([^"]*)"/g)].map(([, base64]) =>
    Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)),
  );
  expect(deltas.length).toBeGreaterThan(1);
  expect(Uint8Array.from(deltas.flatMap((piece) => [...piece]))).toEqual(whole);
});

it('is ready once its self-test has passed', async () => {
  expect((await worker.fetch('http://localhost/readyz')).status).toBe(200);
});

import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createNodeEngine } from '../../../scripts/lib/node-engine.ts';
import { createApp } from '../../../src/app.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { toInt16Array } from '../../../src/audio/samples.ts';
import { masterWav, readMasterWav } from '../../../src/audio/transcode.ts';
import { HostedModels } from '../../../src/models/hosted-models.ts';
import { ModelStore } from '../../../src/models/store.ts';
import { temporaryFolder, writeTinyWhisper } from '../../support/models/tiny-models.ts';
import { writeTinyTranslator } from '../../support/models/tiny-tasks.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let hosted: HostedModels;
let app: ReturnType<typeof createApp>;
beforeAll(async () => {
  folder = await temporaryFolder();
  // It returns "hello world." for any recording.
  await writeTinyWhisper(join(folder.path, 'whisper-tiny'));
  await writeTinyTranslator(join(folder.path, 'dictionary'));
  const graphs = { providers: ['cpu'], threads: 1 };
  hosted = new HostedModels({ store: new ModelStore(folder.path), graphs, memoryBytes: 1e9 });
  app = createApp({ access: 'off', engine: createNodeEngine(), createEncoder, hosted });
});
afterAll(async () => {
  await hosted.close();
  await folder[Symbol.asyncDispose]();
});

const hum = masterWav(
  toInt16Array(Float32Array.from({ length: 48_000 }, (_, i) => 0.3 * Math.sin(i * 0.05))),
) as Uint8Array<ArrayBuffer>;

it('English speech becomes Korean speech of a Korean voice, by a dictionary and the model of this repository', async () => {
  const form = new FormData();
  form.append('file', new File([hum], 'a.wav'));
  const fields = { to: 'ko', voice: 'sora', response_format: 'wav', stream: 'true', speech_model: 'sori-2' };
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  const response = await app.request('/v1/audio/speech-translations', { method: 'POST', body: form });
  expect(response.status).toBe(200);
  const [event] = (await response.text()).split('\n\n');
  const segment = JSON.parse(event.slice('data: '.length)) as { text: string; audio: string };
  expect(segment).toMatchObject({ language: 'en', source_text: 'hello world.', text: '안녕하세요 세상 .' });

  const spoken = await app.request('/v1/audio/speech', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      model: 'sori-2',
      voice: 'sora',
      language: 'ko',
      input: segment.text,
      response_format: 'wav',
    }),
  });
  const [translated, korean] = [
    Uint8Array.from(Buffer.from(segment.audio, 'base64')),
    await spoken.bytes(),
  ].map((bytes) => readMasterWav(bytes));
  expect(translated.length / 24_000).toBeGreaterThan(1);
  expect(likeness(translated, korean)).toBeGreaterThan(0.99);
});

/** Cosine of two recordings as far as both go: 1 for the same sound at any level. */
function likeness(a: Int16Array, b: Int16Array): number {
  const length = Math.min(a.length, b.length);
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < length; i++) {
    ab += a[i] * b[i];
    aa += a[i] ** 2;
    bb += b[i] ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

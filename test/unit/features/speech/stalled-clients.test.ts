import { beforeAll, expect, it } from 'vitest';
import { createApp } from '../../../../src/app.ts';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import { createLocalEngine } from '../../../../src/engine/local.ts';
import { createModelHost } from '../../../../src/engine/model-host.ts';
import { createNativeBackend } from '../../../../src/inference/native.ts';
import { createAudioLibrary } from '../../../../src/library/stored-library.ts';
import { memoryStore } from '../../../../src/library/stores/memory.ts';
import { createModelLoader } from '../../../../src/shards/loader.ts';
import { memorySource } from '../../../support/models/memory-source.ts';
import { tinyModel } from '../../../support/models/model-files.ts';

let app: ReturnType<typeof createApp>;
beforeAll(async () => {
  const source = memorySource('sori-2', await tinyModel('sori-2', 1));
  const host = createModelHost({ loader: createModelLoader({ source }), backend: createNativeBackend() });
  app = createApp({
    access: 'off',
    engine: createLocalEngine({ host, models: ['sori-2'] }),
    createEncoder,
    library: createAudioLibrary({ store: memoryStore(), createEncoder }),
    referenceStyles: true,
  });
});

const speak = (input: string, response_format: string) =>
  app.request('/v1/audio/speech', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sori-2', voice: 'hazel', input, response_format }),
  });

/** An upload that stops after its first bytes. */
const uploadSlowly = () => {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('--x\r\n')),
  });
  const headers = { 'content-type': 'multipart/form-data; boundary=x' };
  return app.request('/v1/styles', { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
};

it('speaks short phrases beside slow uploads and clients that do not read their answers', async () => {
  for (let i = 0; i < 8; i++) void uploadSlowly();
  const unread = await Promise.all(
    Array.from({ length: 16 }, (_, i) => speak(`Nobody reads sentence number ${i}. `.repeat(20), 'wav')),
  );
  expect(unread.map(({ status }) => status)).toEqual(unread.map(() => 200));
  for (let i = 0; i < 5; i++) {
    const answer = await speak(`Is table ${i} free?`, 'mp3');
    expect(answer.status).toBe(200);
    expect((await answer.bytes()).length).toBeGreaterThan(1000);
  }
  for (const answer of unread) await answer.body?.cancel();
});

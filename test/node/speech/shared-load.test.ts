import { connect } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { convertV4MiniflareOptions, Miniflare, type Request, Response } from 'miniflare';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deferred } from '../../support/deferred.ts';
import { tinyModel } from '../../support/models/model-files.ts';

/**
 * In workerd the I/O of a request ends with the request. A promise that waits for it never resolves, also for other requests that share it.
 * Only separate requests over sockets to a real workerd show this.
 */
let workerd: Miniflare;
let address: URL;
const gate = deferred();
const reached = deferred();
const waiting = new Map([
  ['first', deferred()],
  ['second', deferred()],
]);
const reads: string[] = [];

async function models(request: Request): Promise<Response> {
  const [, folder, file] = new URL(request.url).pathname.split('/');
  if (folder === 'waiting') {
    waiting.get(file)?.resolve();
    return new Response();
  }
  reads.push(file);
  if (file.endsWith('.onnx')) {
    reached.resolve();
    await gate.promise;
  }
  const bytes = (await tinyModel('tiny', 1)).get(file);
  return new Response(bytes as Uint8Array<ArrayBuffer> | undefined, { status: bytes ? 200 : 404 });
}

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'shared-load.worker.ts')],
    bundle: true,
    format: 'esm',
    write: false,
    external: ['cloudflare:workers'],
  });
  workerd = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: outputFiles[0].text,
      compatibilityDate: '2026-10-01',
      compatibilityFlags: ['enable_request_signal'],
      serviceBindings: { MODELS: models },
      unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    }),
  );
  await workerd.ready;
  address = await workerd.unsafeGetDirectURL();
});
afterAll(() => workerd?.dispose());

it('loading a model continues for other requests when the client that started it disconnects', async () => {
  const first = connect(Number(address.port), address.hostname);
  first.write(`GET /first HTTP/1.1\r\nHost: ${address.host}\r\n\r\n`);
  await reached.promise;
  await waiting.get('first')?.promise;
  const second = fetch(new URL('/second', address));
  await waiting.get('second')?.promise;

  first.resetAndDestroy();
  await expect.poll(async () => (await fetch(new URL('/gone', address))).json()).toBe(1);
  gate.resolve();
  const files = await tinyModel('tiny', 1);
  const manifest = JSON.parse(new TextDecoder().decode(files.get('manifest.json')));
  expect(await (await second).json()).toBe(manifest.stages.prosody.graph.bytes);
  expect(reads.filter((file) => file.endsWith('.onnx')).length).toBe(1);
});

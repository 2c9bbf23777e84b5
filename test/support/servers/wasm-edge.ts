import { join } from 'node:path';
import type { AppDependencies } from '../../../src/app.ts';
import { createApp } from '../../../src/app.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { createLocalEngine } from '../../../src/engine/local.ts';
import { createModelHost } from '../../../src/engine/model-host.ts';
import { createNodeWasmBackend } from '../../../src/inference/node-wasm.ts';
import type { AudioStore } from '../../../src/library/store.ts';
import { createAudioLibrary } from '../../../src/library/stored-library.ts';
import { memoryStore } from '../../../src/library/stores/memory.ts';
import type { OriginPool } from '../../../src/placement/origin-pool.ts';
import { createModelLoader } from '../../../src/shards/loader.ts';
import { fsSource } from '../../../src/shards/sources/fs.ts';

/** Optional parts of an edge in tests. */
export interface WasmEdgeOptions extends Partial<AppDependencies> {
  readonly store?: AudioStore;
}

/** An edge in this process over the model of a `serverFolder`, with the Worker's own runtime, in front of an origin. */
export function realEdge(folder: string, pool: OriginPool, options: WasmEdgeOptions = {}) {
  const { store = memoryStore(), ...deps } = options;
  const lines: Record<string, unknown>[] = [];
  const host = createModelHost({
    loader: createModelLoader({ source: fsSource(join(folder, 'shards')) }),
    backend: createNodeWasmBackend(),
    keepOnDemand: true,
  });
  const app = createApp({
    access: 'off',
    engine: createLocalEngine({ host, models: ['sori-2'] }),
    createEncoder,
    library: createAudioLibrary({ store, createEncoder }),
    placement: { pool },
    log: (line) => lines.push(JSON.parse(line)),
    ...deps,
  });
  const send = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    app.request(path, {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      body: body && JSON.stringify(body),
    });
  const speak = (body: object, headers?: Record<string, string>) =>
    send('POST', '/v1/audio/speech', body, headers);
  return { app, lines, send, speak };
}

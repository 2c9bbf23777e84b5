/** `import { createSori } from 'sori'` in Node. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLocalEngine } from '../engine/local.ts';
import { createModelHost } from '../engine/model-host.ts';
import { createNativeBackend } from '../inference/native.ts';
import { createNodeWasmBackend } from '../inference/node-wasm.ts';
import { createModelLoader } from '../shards/loader.ts';
import { fsSource } from '../shards/sources/fs.ts';
import { httpSource } from '../shards/sources/http.ts';
import { type Sori, soriOf } from './sori.ts';

export * from './types.ts';

/** Options of {@link createSori} in Node. */
export interface SoriOptions {
  /** Folder or http(s) address that holds a folder for each model; those of this package when not given. */
  readonly models?: string | URL;
  /** Names of the models; the first is the default. `['sori-2']` when not given. */
  readonly names?: readonly string[];
  /** `native` is faster; `wasm` gives the same bytes as a Worker and a browser. */
  readonly runtime?: 'native' | 'wasm';
  /** Threads within one operation of the native runtime; 1 when not given. */
  readonly threads?: number;
}

const MODELS_FOLDER = resolve(import.meta.dirname, '../../shards');

/**
 * Makes a speech synthesizer in this process. Models are loaded at the first use, and stay loaded.
 * @example
 * ```ts
 * const sori = await createSori();
 * const speech = await sori.speak({ input: 'Your table is ready.', voice: 'clara' });
 * await writeFile('hello.mp3', speech.body);
 * ```
 */
export async function createSori(options: SoriOptions = {}): Promise<Sori> {
  const { models = MODELS_FOLDER, names = ['sori-2'], runtime = 'native', threads } = options;
  const isAddress = models instanceof URL ? models.protocol !== 'file:' : /^https?:/.test(models);
  const folder = models instanceof URL && !isAddress ? fileURLToPath(models.href) : String(models);
  const backend = runtime === 'wasm' ? createNodeWasmBackend() : createNativeBackend({ threads });
  const host = createModelHost({
    loader: createModelLoader({ source: isAddress ? httpSource(models) : fsSource(resolve(folder)) }),
    backend,
    keepOnDemand: true,
  });
  return soriOf(createLocalEngine({ host, models: names }), backend.name);
}

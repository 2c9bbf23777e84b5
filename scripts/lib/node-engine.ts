import { resolve } from 'node:path';
import type { SpeechEngine } from '../../src/engine/engine.ts';
import { createLocalEngine, type LocalEngineOptions } from '../../src/engine/local.ts';
import { createModelHost } from '../../src/engine/model-host.ts';
import { createNativeBackend } from '../../src/inference/native.ts';
import { createModelLoader } from '../../src/shards/loader.ts';
import { fsSource } from '../../src/shards/sources/fs.ts';

/** The models that come with the repository. */
export const MODELS_FOLDER = resolve(import.meta.dirname, '../../shards');

/** What {@link createNodeEngine} can be told. */
export interface NodeEngineOptions {
  /** Folder with a folder per model; the repository's `shards/` when not given. */
  readonly folder?: string;
  readonly models?: readonly string[];
  /** Told of what the networks make of a request. */
  readonly onFrames?: LocalEngineOptions['onFrames'];
  /** Threads within one operation of the runtime; 1 when not given. */
  readonly threads?: number;
}

/** The local engine over onnxruntime-node and a folder of shards, for tools. */
export function createNodeEngine(options: NodeEngineOptions = {}): SpeechEngine {
  const host = createModelHost({
    loader: createModelLoader({ source: fsSource(options.folder ?? MODELS_FOLDER) }),
    backend: createNativeBackend({ threads: options.threads }),
    keepOnDemand: true,
  });
  return createLocalEngine({ host, models: options.models ?? ['sori-1'], onFrames: options.onFrames });
}

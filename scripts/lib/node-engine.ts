import { resolve } from 'node:path';
import type { SpeechEngine } from '../../src/engine/engine.ts';
import { createLocalEngine, type LocalEngineOptions } from '../../src/engine/local.ts';
import { createLocalEngines, type LocalEngines } from '../../src/engine/local-engines.ts';
import { createModelHost, type ModelHost } from '../../src/engine/model-host.ts';
import { createNativeBackend } from '../../src/inference/native.ts';
import { createModelLoader } from '../../src/shards/loader.ts';
import { fsSource } from '../../src/shards/sources/fs.ts';

/** The models that come with the repository. */
export const MODELS_FOLDER = resolve(import.meta.dirname, '../../shards');

/** Options of {@link createNodeEngine}. */
export interface NodeEngineOptions {
  /** Folder with a folder per model; the repository's `shards/` when not given. */
  readonly folder?: string;
  readonly models?: readonly string[];
  /** Called with the outputs of the networks for a request. */
  readonly onFrames?: LocalEngineOptions['onFrames'];
  /** Threads within one operation of the runtime; 1 when not given. */
  readonly threads?: number;
}

/** The local engine over onnxruntime-node and a folder of shards, for tools. */
export function createNodeEngine(options: NodeEngineOptions = {}): SpeechEngine {
  const host = nodeHost(options);
  return createLocalEngine({ host, models: options.models ?? ['sori-2'], onFrames: options.onFrames });
}

/** The speech and the singing engine, which share the model's sessions. */
export function createNodeEngines(options: NodeEngineOptions = {}): LocalEngines {
  return createLocalEngines({ host: nodeHost(options), models: options.models ?? ['sori-2'] });
}

/** The host of models over onnxruntime-node and a folder of shards. */
export function nodeHost({ folder = MODELS_FOLDER, threads }: NodeEngineOptions = {}): ModelHost {
  return createModelHost({
    loader: createModelLoader({ source: fsSource(folder) }),
    backend: createNativeBackend({ threads }),
    keepOnDemand: true,
  });
}

import { MODELS_FOLDER } from '../../../scripts/lib/node-engine.ts';
import { createApp } from '../../../src/app.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { createLocalEngine } from '../../../src/engine/local.ts';
import { createModelHost } from '../../../src/engine/model-host.ts';
import { createNodeWasmBackend } from '../../../src/inference/node-wasm.ts';
import type { AudioStore } from '../../../src/library/store.ts';
import { createAudioLibrary } from '../../../src/library/stored-library.ts';
import { createModelLoader } from '../../../src/shards/loader.ts';
import { fsSource } from '../../../src/shards/sources/fs.ts';

/** The app in Node with the embedded model and the WASM runtime of the Worker. */
export function wasmApp(store: AudioStore) {
  const host = createModelHost({
    loader: createModelLoader({ source: fsSource(MODELS_FOLDER) }),
    backend: createNodeWasmBackend(),
    keepOnDemand: true,
  });
  return createApp({
    access: 'off',
    engine: createLocalEngine({ host, models: ['sori-2'] }),
    createEncoder,
    library: createAudioLibrary({ store, createEncoder }),
  });
}

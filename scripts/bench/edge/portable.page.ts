/** Code of the browser's page; `browser.ts` bundles it. */
import { createModelHost } from '../../../src/engine/model-host.ts';
import { createWebBackend } from '../../../src/inference/web.ts';
import { createModelLoader } from '../../../src/shards/loader.ts';
import { httpSource } from '../../../src/shards/sources/http.ts';
import { type Portable, speakPortably } from './portable.ts';

const WASM = {
  webgpu: '/ort/ort-wasm-simd-threaded.asyncify.wasm',
  plain: '/ort/ort-wasm-simd-threaded.wasm',
};

const speak = async (): Promise<Portable> => {
  const loader = createModelLoader({ source: httpSource(new URL('/models', import.meta.url)) });
  const backend = await createWebBackend({ wasm: WASM, prefer: 'wasm' });
  return speakPortably(createModelHost({ loader, backend }));
};

(globalThis as { speak?: typeof speak }).speak = speak;

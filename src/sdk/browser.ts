/** `import { createSori } from 'sori'` in a browser. */
import { setAssetBase } from '../base/asset-base.ts';
import { createLocalEngine } from '../engine/local.ts';
import { createModelHost } from '../engine/model-host.ts';
import { createWebBackend } from '../inference/web.ts';
import { createModelLoader } from '../shards/loader.ts';
import { httpSource } from '../shards/sources/http.ts';
import { type Sori, soriOf } from './sori.ts';

export * from './types.ts';

/** Options of {@link createSori} in a browser. */
export interface SoriOptions {
  /** Folder that `npx sori assets` filled, as the page reaches it; `/sori/` when not given. */
  readonly assets?: string | URL;
  /** Folder that holds a folder for each model; `models/` in `assets` when not given. */
  readonly models?: string | URL;
  /** Names of the models; the first is the default. `['sori-2']` when not given. */
  readonly names?: readonly string[];
  /** `wasm` doesn't try WebGPU. `webgpu`, the default, takes it where it gives the right answers. */
  readonly prefer?: 'webgpu' | 'wasm';
}

/** Names in the folder of `npx sori assets`. */
const RUNTIME = {
  webgpu: 'ort-wasm-simd-threaded.asyncify.wasm',
  plain: 'ort-wasm-simd-threaded.wasm',
};

/**
 * Makes a speech synthesizer in this page or worker. Models are loaded at the first use. Synthesis takes processor time: use a worker
 * where the page must stay responsive.
 * @example
 * ```ts
 * const sori = await createSori({ assets: '/sori/' });
 * const speech = await sori.speak('Your table is ready.');
 * audio.src = URL.createObjectURL(new Blob([await speech.bytes()], { type: speech.contentType }));
 * ```
 */
export async function createSori(options: SoriOptions = {}): Promise<Sori> {
  const { assets = '/sori/', names = ['sori-2'], prefer } = options;
  const { location } = globalThis as { readonly location?: { readonly href: string } };
  const base = new URL(String(assets).replace(/\/*$/, '/'), location?.href);
  setAssetBase(base);
  const models = options.models === undefined ? new URL('models/', base) : new URL(options.models, base);
  const loader = createModelLoader({ source: httpSource(models) });
  const backend = await createWebBackend({
    prefer,
    wasm: { webgpu: new URL(RUNTIME.webgpu, base).href, plain: new URL(RUNTIME.plain, base).href },
    check: (webgpu) => createModelHost({ loader, backend: webgpu }).verify(names[0]),
  });
  const host = createModelHost({ loader, backend, keepOnDemand: true });
  return soriOf(createLocalEngine({ host, models: names }), backend.name);
}

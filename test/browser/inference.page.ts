/** What runs in the browser's page: `chromium.ts` bundles it, `inference.test.ts` calls it. */
import { createModelHost } from '../../src/engine/model-host.ts';
import { type InferenceBackend, InferenceError } from '../../src/inference/backend.ts';
import { createWebBackend, type WebBackend, type WebOptions } from '../../src/inference/web.ts';
import { createModelLoader } from '../../src/shards/loader.ts';
import { httpSource } from '../../src/shards/sources/http.ts';
import { checkPackedStages, INFERENCE_CONTRACT } from '../contract/inference.contract.ts';
import { drawStyles } from '../contract/style.contract.ts';
import { packedStages } from '../support/models/packed-stages.ts';

const WASM = {
  webgpu: '/ort/ort-wasm-simd-threaded.asyncify.wasm',
  plain: '/ort/ort-wasm-simd-threaded.wasm',
};
const source = httpSource(new URL('/models', import.meta.url));

/** Checks that WebGPU must pass, by name. */
const CHECKS = {
  none: undefined,
  tiny: (backend: InferenceBackend) => verify(backend, 'tiny'),
  'sori-2': (backend: InferenceBackend) => verify(backend, 'sori-2'),
  fails: async () => {
    throw new InferenceError('wrong on purpose');
  },
};

function verify(backend: InferenceBackend, model: string): Promise<void> {
  return createModelHost({ loader: createModelLoader({ source }), backend }).verify(model);
}

let backend: WebBackend | undefined;

/** What the test may ask of the page. */
export const page = {
  /** Makes the backend that the other functions use. */
  async start(prefer: WebOptions['prefer'], check: keyof typeof CHECKS) {
    backend = await createWebBackend({ wasm: WASM, prefer, check: CHECKS[check] });
    const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<object | null> } };
    return { name: backend.name, reason: backend.reason, adapter: Boolean(await gpu?.requestAdapter()) };
  },

  /** Checks one item of the contract. */
  async contract(name: string) {
    const found = INFERENCE_CONTRACT.find((entry) => entry.name === name);
    if (!found || !backend) throw new Error(`nothing to check: ${name}`);
    await found.check(backend);
  },

  /** Checks that a model's stages give their known answers. */
  async model(name: string) {
    if (!backend) throw new Error('start first');
    await checkPackedStages(backend, await packedStages(source, name));
  },

  /** Draws styles with a model's denoiser. */
  async styles(name: string) {
    if (!backend) throw new Error('start first');
    return await drawStyles(source, name, backend);
  },
};

(globalThis as { sori?: typeof page }).sori = page;

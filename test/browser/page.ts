/** What runs in the browser's page: `chromium.ts` bundles it, `inference.test.ts` calls it. */
import { checkKnownAnswer } from '../../src/inference/known-answer.ts';
import { createWebBackend, type WebBackend, type WebOptions } from '../../src/inference/web.ts';
import { httpSource } from '../../src/shards/sources/http.ts';
import { checkPackedStages, INFERENCE_CONTRACT } from '../contract/inference.contract.ts';
import { packedStages } from '../support/packed-stages.ts';

let backend: WebBackend | undefined;

const WASM = {
  webgpu: '/ort/ort-wasm-simd-threaded.asyncify.wasm',
  plain: '/ort/ort-wasm-simd-threaded.wasm',
};

/** What the test may ask of the page. */
export const page = {
  /** Makes the backend; `wrong` has WebGPU fail the caller's check. */
  async start(prefer: WebOptions['prefer'], wrong: boolean) {
    const check = wrong
      ? async () => checkKnownAnswer({}, { y: { type: 'float32', data: new Float32Array(1), dims: [1] } })
      : undefined;
    backend = await createWebBackend({ wasm: WASM, prefer, check });
    const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<object | null> } };
    const adapter = Boolean(await gpu?.requestAdapter());
    return { name: backend.name, reason: backend.reason, adapter };
  },
  async contract(name: string) {
    const found = INFERENCE_CONTRACT.find((entry) => entry.name === name);
    if (!found || !backend) throw new Error(`nothing to check: ${name}`);
    await found.check(backend);
  },
  async model(name: string, tolerance?: number) {
    if (!backend) throw new Error('start first');
    await checkPackedStages(
      backend,
      await packedStages(httpSource(new URL('/models', import.meta.url)), name),
      tolerance,
    );
  },
};

(globalThis as { sori?: typeof page }).sori = page;

import { describe, it } from 'vitest';
import { createNodeWasmBackend } from '../../scripts/lib/wasm-backend.ts';
import { createNativeBackend } from '../../src/inference/native.ts';
import { fsSource } from '../../src/shards/sources/fs.ts';
import { memorySource } from '../support/memory-source.ts';
import { tinyModel } from '../support/model-files.ts';
import { checkSameStyles, drawStyles } from './style.contract.ts';

/** In workerd and in a browser: test/workerd/style.test.ts, test/browser/inference.test.ts. */
describe('the same request draws the same style natively and by WASM', () => {
  it.each([
    ['tiny', async () => memorySource('tiny', await tinyModel('tiny', 1))],
    ['sori-1', async () => fsSource('shards')],
  ] as const)('with the denoiser of %s', async (model, open) => {
    const source = await open();
    const native = await drawStyles(source, model, createNativeBackend());
    checkSameStyles(await drawStyles(source, model, createNodeWasmBackend()), native);
  });
});

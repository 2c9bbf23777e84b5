import { describe, it } from 'vitest';
import { createNodeWasmBackend } from '../../scripts/lib/wasm-backend.ts';
import { createNativeBackend } from '../../src/inference/native.ts';
import { memorySource } from '../support/models/memory-source.ts';
import { tinyModel } from '../support/models/model-files.ts';
import { checkSameStyles, drawStyles } from './style.contract.ts';

/** In workerd and in a browser: test/workerd/style.test.ts, test/browser/inference.test.ts. */
describe('the same request samples the same style natively and by WASM', () => {
  it('with the denoiser of the tiny model', async () => {
    const source = memorySource('tiny', await tinyModel('tiny', 1));
    const native = await drawStyles(source, 'tiny', createNativeBackend());
    checkSameStyles(await drawStyles(source, 'tiny', createNodeWasmBackend()), native);
  });
});

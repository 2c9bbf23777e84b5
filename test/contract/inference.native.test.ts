import { existsSync } from 'node:fs';
import { describe, it } from 'vitest';
import { createNodeWasmBackend } from '../../scripts/lib/wasm-backend.ts';
import type { Tensors } from '../../src/inference/backend.ts';
import { createNativeBackend } from '../../src/inference/native.ts';
import { createThreadedBackend } from '../../src/inference/threaded.ts';
import { fsSource } from '../../src/shards/sources/fs.ts';
import { memorySource } from '../support/models/memory-source.ts';
import { tinyModel } from '../support/models/model-files.ts';
import { packedStages } from '../support/models/packed-stages.ts';
import { checkPackedStages, INFERENCE_CONTRACT } from './inference.contract.ts';

describe.each([
  ['native', createNativeBackend()],
  ['threaded', createThreadedBackend()],
])('%s backend', (_name, backend) => {
  it.each(INFERENCE_CONTRACT)('$name', ({ check }) => check(backend));

  it('gives the known answers of the tiny model', async () => {
    await checkPackedStages(
      backend,
      await packedStages(memorySource('tiny', await tinyModel('tiny', 1)), 'tiny'),
    );
  });

  it.runIf(existsSync('shards/sori-2/manifest.json'))('gives the known answers of sori-2', async () => {
    await checkPackedStages(backend, await packedStages(fsSource('shards'), 'sori-2'));
  });

  // Longer than the known answers, so that some activations fall on the edge of a rounding step (see known-answer.ts): twice the tolerance.
  it.runIf(existsSync('shards/sori-2/manifest.json'))(
    'agrees with WASM on five seconds of speech',
    async () => {
      const wasm = createNodeWasmBackend();
      for (const stage of await packedStages(fsSource('shards'), 'sori-2')) {
        const inputs = lengthened(stage.inputs, 16);
        const session = await wasm.createSession(stage.source);
        const outputs = await session.run(inputs);
        await session.release();
        await checkPackedStages(backend, [{ ...stage, inputs, outputs }], 2e-2);
      }
    },
  );
});

/** Inputs with time as their second dimension; `x` has it in the refiner, where it is a mel, but not in the style denoiser. */
const TIMED = ['phonemes', 'frames', 'f0', 'voicing', 'energy', 'mel', 'x'];

/** Repeats inputs along time, each repetition slightly changed. */
function lengthened(inputs: Tensors, times: number): Tensors {
  const entries = Object.entries(inputs).map(([name, tensor]) => {
    if (!TIMED.includes(name) || (name === 'x' && tensor.dims.length < 3)) return [name, tensor] as const;
    const [first, length, ...rest] = tensor.dims;
    const dims = [first, length * times, ...rest];
    const size = tensor.data.length;
    if (tensor.type === 'int64') {
      return [
        name,
        {
          ...tensor,
          dims,
          data: BigInt64Array.from({ length: size * times }, (_, i) => tensor.data[i % size]),
        },
      ] as const;
    }
    const data = Float32Array.from(
      { length: size * times },
      (_, i) => tensor.data[i % size] * (1 + 0.2 * Math.sin(i)),
    );
    return [name, { ...tensor, dims, data }] as const;
  });
  return Object.fromEntries(entries);
}

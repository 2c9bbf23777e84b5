/**
 * Quantizes sori-2's graphs with the project's own packer, to see what they weigh and how far they are from float:
 * `node scripts/train/sori2/release/int8.ts MODEL_FOLDER OUT_FOLDER`. Inputs are those of known-answer.json.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor } from '../../../../src/inference/backend.ts';
import { createNodeWasmBackend } from '../../../lib/wasm-backend.ts';
import { compareOutputs, runOnce } from '../../../pack/measure.ts';
import { decodeModel, encodeModel } from '../../../pack/onnx.ts';
import { halve, quantize } from '../../../pack/precision.ts';

interface Known {
  readonly type: 'float32' | 'int64';
  readonly shape: number[];
  readonly data: number[];
}
type Answers = Record<string, { inputs: Record<string, Known>; outputs: Record<string, Known> }>;

const [modelDir, outDir] = process.argv.slice(2);
mkdirSync(outDir, { recursive: true });
const answers = JSON.parse(readFileSync(join(modelDir, 'known-answer.json'), 'utf8')) as Answers;
const backend = createNodeWasmBackend();
let total = 0;
for (const [stage, { inputs }] of Object.entries(answers)) {
  const original = decodeModel(readFileSync(join(modelDir, `${stage}.onnx`)));
  const known = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, tensor(value)]));
  const example = { inputs: known, outputs: await runOnce(backend, original, known) };
  const packed =
    stage === 'style_encoder' ? await halve(original) : await quantize(backend, original, example);
  const bytes = encodeModel(packed);
  writeFileSync(join(outDir, `${stage}.onnx`), bytes);
  total += bytes.length;
  const errors = Object.entries(compareOutputs(await runOnce(backend, packed, known), example.outputs));
  console.log(
    `${stage}: ${bytes.length} bytes, relative error ${errors.map(([name, e]) => `${name} ${e.relativeRms}`).join(', ')}`,
  );
}
console.log(`all stages: ${total} bytes`);

function tensor({ type, shape, data }: Known): Tensor {
  return type === 'int64'
    ? { type, dims: shape, data: BigInt64Array.from(data, BigInt) }
    : { type, dims: shape, data: Float32Array.from(data) };
}

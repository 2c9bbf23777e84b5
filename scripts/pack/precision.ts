/** How a stage's weights are stored, and which of its products to quantize: all but the few that cause most of the error. */
import type { InferenceBackend } from '../../src/inference/backend.ts';
import type { KnownAnswer } from '../../src/shards/known-answer.ts';
import { foldConstants } from './fold-constants.ts';
import { hoistConstants } from './graph.ts';
import { compareOutputs, runOnce } from './measure.ts';
import type { OnnxModel } from './onnx.ts';
import { productsOf, quantizeDynamic } from './quantize.ts';
import { foldGains, useTanhGelu } from './simplify.ts';

/** A product stays in float if that alone removes this share of the error's power. */
const WORTHWHILE = 0.2;
/** At most this share of a stage's weights stays in float. */
const FLOAT_SHARE = 0.1;

/**
 * Quantizes a stage. Each product is tried in float by itself: those outside the residual branches (first and last projection,
 * attention's output) turn out to cause nearly all of the error at a few percent of the work, and stay in float.
 * @param example realistic inputs, and the fp32 graph's outputs for them.
 */
export async function quantize(
  backend: InferenceBackend,
  original: OnnxModel,
  example: KnownAnswer,
): Promise<OnnxModel> {
  const model = foldGains(useTanhGelu(hoistConstants(await foldConstants(original))));
  const powers = async (precise: readonly string[]) => {
    const outputs = await runOnce(backend, quantizeDynamic(model, new Set(precise)), example.inputs);
    return Object.values(compareOutputs(outputs, example.outputs)).map(({ relativeRms }) => relativeRms ** 2);
  };
  const base = await powers([]);
  const products = productsOf(model);
  const gains: { name: string; weights: number; removed: number }[] = [];
  for (const { name, weights } of products) {
    const kept = await powers([name]);
    const left = kept.reduce((sum, power, i) => sum + (base[i] ? power / base[i] : 1), 0) / kept.length;
    if (left <= 1 - WORTHWHILE) gains.push({ name, weights, removed: 1 - left });
  }
  let room = FLOAT_SHARE * products.reduce((sum, { weights }) => sum + weights, 0);
  const precise: string[] = [];
  for (const { name, weights } of gains.sort((a, b) => b.removed - a.removed)) {
    if (weights > room) continue;
    precise.push(name);
    room -= weights;
  }
  return quantizeDynamic(model, new Set(precise));
}

/**
 * Stores a stage's matrices as float16 and computes in float32: half the bytes, no rounding of activations.
 * A weight loses at most one part in 2048.
 */
export async function halve(original: OnnxModel): Promise<OnnxModel> {
  const model = hoistConstants(await foldConstants(original));
  return quantizeDynamic(model, new Set(productsOf(model).map(({ name }) => name)));
}

/** How far a quantized graph is from its fp32 original. */
import type { GraphSession, InferenceBackend, Tensors } from '../../src/inference/backend.ts';
import { encodeModel, type OnnxModel } from './onnx.ts';

/** Difference of one output. */
export interface OutputError {
  /** Largest absolute difference. */
  readonly maxAbs: number;
  /** RMS of the difference over the RMS of the reference. */
  readonly relativeRms: number;
}

/** Makes a model ready to run, weights inline. */
export function openSession(backend: InferenceBackend, model: OnnxModel): Promise<GraphSession> {
  return backend.createSession({ graph: encodeModel(model), externalData: [] });
}

/** Runs a model once. */
export async function runOnce(
  backend: InferenceBackend,
  model: OnnxModel,
  inputs: Tensors,
): Promise<Tensors> {
  const session = await openSession(backend, model);
  try {
    return await session.run(inputs);
  } finally {
    await session.release();
  }
}

/**
 * Differences by output name, rounded to three digits.
 * @throws when shapes differ or a value is not finite.
 */
export function compareOutputs(actual: Tensors, reference: Tensors): Record<string, OutputError> {
  const names = Object.keys(reference);
  return Object.fromEntries(names.map((name) => [name, compare(name, actual[name], reference[name])]));
}

function compare(name: string, actual: Tensors[string], reference: Tensors[string]): OutputError {
  if (actual.dims.join() !== reference.dims.join())
    throw new Error(`output ${name} has shape [${actual.dims}], expected [${reference.dims}]`);
  let maxAbs = 0;
  let difference = 0;
  let power = 0;
  for (let i = 0; i < reference.data.length; i++) {
    const r = Number(reference.data[i]);
    const d = Number(actual.data[i]) - r;
    if (!Number.isFinite(d)) throw new Error(`output ${name} holds a value that is not finite`);
    maxAbs = Math.max(maxAbs, Math.abs(d));
    difference += d * d;
    power += r * r;
  }
  return { maxAbs: rounded(maxAbs), relativeRms: rounded(Math.sqrt(difference / (power || 1))) };
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

import { InferenceError, type Tensors } from './backend.ts';

/** How far an answer may be from the known one, in units of the output's own size (at least 1). */
export const TOLERANCE = 1e-3;

/**
 * Compares outputs with known ones. Differences count relative to the known output's RMS where that is above 1 (F0 is in
 * hertz), else absolutely.
 * @throws {InferenceError} naming the output that differs by more than `tolerance`, is missing or has another shape.
 */
export function checkKnownAnswer(actual: Tensors, known: Tensors, tolerance = TOLERANCE): void {
  for (const [name, expected] of Object.entries(known)) {
    const tensor = actual[name];
    if (!tensor || tensor.dims.join() !== expected.dims.join()) {
      throw new InferenceError(`output ${name} has shape [${tensor?.dims}] instead of [${expected.dims}]`);
    }
    const off = largestDifference(tensor.data, expected.data);
    // Negated so that NaN fails too.
    if (!(off <= tolerance)) throw new InferenceError(`output ${name} is off by ${off.toPrecision(3)}`);
  }
}

function largestDifference(
  actual: Float32Array | BigInt64Array,
  expected: Float32Array | BigInt64Array,
): number {
  let power = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const value = Number(expected[i]);
    const difference = Math.abs(Number(actual[i]) - value);
    if (Number.isNaN(difference)) return difference;
    if (difference > largest) largest = difference;
    power += value * value;
  }
  return largest / Math.max(1, Math.sqrt(power / expected.length));
}

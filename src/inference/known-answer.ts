import { InferenceError, type Tensor, type Tensors } from './backend.ts';

/**
 * Allowed RMS difference of an answer from the known one. For outputs with an RMS above 1 (hertz) it is relative. Runtimes that work differ
 * by up to 5e-3 in sori-2's vocoder, whose eight blocks round to 8 bits one after the other.
 */
export const TOLERANCE = 1e-2;

/**
 * Factor on the tolerance for a single value. Two runtimes differ in the last bit of a sum; where that falls on the edge of a rounding
 * step, a quantized activation differs by a whole step, and single outputs by some hundredths.
 */
const PEAK = 10;

/**
 * Compares outputs with known ones.
 * @param tolerance {@link TOLERANCE} when not given.
 * @throws {InferenceError} naming the output that differs by more, is missing or has another shape.
 */
export function checkKnownAnswer(actual: Tensors, known: Tensors, tolerance = TOLERANCE): void {
  for (const [name, expected] of Object.entries(known)) {
    const tensor = actual[name];
    if (!tensor || tensor.dims.join() !== expected.dims.join()) {
      throw new InferenceError(`output ${name} has shape [${tensor?.dims}] instead of [${expected.dims}]`);
    }
    const { rms, peak } = difference(tensor.data, expected.data);
    // Negated so that NaN fails too.
    if (!(rms <= tolerance) || !(peak <= PEAK * tolerance)) {
      throw new InferenceError(
        `output ${name} is off by ${rms.toPrecision(3)} (RMS) and ${peak.toPrecision(3)} (most)`,
      );
    }
  }
}

function difference(actual: Tensor['data'], expected: Tensor['data']) {
  let square = 0;
  let power = 0;
  let most = 0;
  for (let i = 0; i < expected.length; i++) {
    const value = Number(expected[i]);
    const off = Math.abs(Number(actual[i]) - value);
    square += off * off;
    power += value * value;
    if (off > most) most = off;
  }
  const size = Math.max(1, Math.sqrt(power / expected.length));
  return { rms: Math.sqrt(square / expected.length) / size, peak: most / size };
}

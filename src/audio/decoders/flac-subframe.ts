import { FIXED_PREDICTORS, type Predictor } from '../flac/predict.ts';
import type { BitReader } from './bit-reader.ts';

/** Error message of an invalid file. */
export class FlacFault extends Error {
  override readonly name = 'FlacFault';
}

/**
 * Reads one channel of a frame (RFC 9639, section 9.2).
 * @param samples takes the block; its length is the block's.
 * @param bits of a sample, the one more of a difference between channels included.
 * @throws {FlacFault} for what no encoder writes; `OutOfBits`.
 */
export function readSubframe(reader: BitReader, samples: Int32Array, bits: number): void {
  if (reader.read(1) !== 0) throw new FlacFault('a subframe does not begin with a zero');
  const type = reader.read(6);
  const wasted = reader.read(1) === 1 ? reader.readUnary() + 1 : 0;
  const width = bits - wasted;
  if (width < 1) throw new FlacFault('its samples have no bits');
  if (type === 0) samples.fill(reader.readSigned(width));
  else if (type === 1) for (let i = 0; i < samples.length; i++) samples[i] = reader.readSigned(width);
  else if (type >= 8 && type <= 12) readPredicted(reader, samples, width, type - 8);
  else if (type >= 32) readPredicted(reader, samples, width, type - 31, true);
  else throw new FlacFault(`a subframe is of type ${type}`);
  if (wasted > 0) for (let i = 0; i < samples.length; i++) samples[i] *= 2 ** wasted;
}

function readPredicted(
  reader: BitReader,
  samples: Int32Array,
  width: number,
  order: number,
  linear = false,
): void {
  if (order > samples.length) throw new FlacFault('a block is shorter than its predictor');
  for (let i = 0; i < order; i++) samples[i] = reader.readSigned(width);
  const { coefficients, shift } = linear ? readPredictor(reader, order) : FIXED_PREDICTORS[order];
  readResidual(reader, samples, order);
  const scale = 2 ** shift;
  for (let i = order; i < samples.length; i++) {
    // Exact: 25 bits times 15 bits, 32 times, fit into the 53 of a double.
    let sum = 0;
    for (let j = 0; j < order; j++) sum += coefficients[j] * samples[i - 1 - j];
    samples[i] += Math.floor(sum / scale);
  }
}

function readPredictor(reader: BitReader, order: number): Predictor {
  const precision = reader.read(4) + 1;
  if (precision === 16) throw new FlacFault('its predictor has no precision');
  const shift = reader.readSigned(5);
  if (shift < 0) throw new FlacFault('its predictor is shifted the wrong way');
  return { coefficients: Array.from({ length: order }, () => reader.readSigned(precision)), shift };
}

/** Partitioned Rice codes (RFC 9639, section 9.2.7), into the samples from `order` on. */
function readResidual(reader: BitReader, samples: Int32Array, order: number): void {
  const method = reader.read(2);
  if (method > 1) throw new FlacFault('its residual is coded in an unknown way');
  const fieldBits = method === 0 ? 4 : 5;
  const escaped = 2 ** fieldBits - 1;
  const partitions = 2 ** reader.read(4);
  const size = samples.length / partitions;
  if (!Number.isInteger(size) || size < order)
    throw new FlacFault('the partition order of a block does not fit its size');
  for (let part = 0, i = order; part < partitions; part++) {
    const parameter = reader.read(fieldBits);
    const end = (part + 1) * size;
    if (parameter === escaped) {
      const width = reader.read(5);
      for (; i < end; i++) samples[i] = reader.readSigned(width);
      continue;
    }
    for (; i < end; i++) {
      const folded = reader.readUnary() * 2 ** parameter + reader.read(parameter);
      samples[i] = folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
    }
  }
}

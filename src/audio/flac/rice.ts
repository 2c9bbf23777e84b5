import type { BitWriter } from './bits.ts';

/** Largest Rice parameter that the 4-bit field holds; 15 is its escape code. */
const MAX_PARAMETER = 14;
/** At most 2^8 partitions of at least 16 samples. Smaller partitions cost more for their parameters than they save. */
const MAX_ORDER = 8;

/** Partition of a frame's residual: 2^`order` equal parts, each with its own Rice parameter. */
export interface RicePlan {
  readonly order: number;
  readonly parameters: readonly number[];
  /** Size in bits, to compare predictors. */
  readonly bits: number;
}

/**
 * Finds the smallest partition (RFC 9639, section 9.2.7). Each part's parameter comes from the mean of its folded values. Sums of coarser
 * partitions add those of finer ones, so the residual is read once.
 * @param residual the frame's values; the first `warmUp` of them are not residual and are passed over.
 */
export function planRice(residual: Int32Array, warmUp: number): RicePlan {
  const size = residual.length;
  let order = 0;
  while (order < MAX_ORDER && size % (2 << order) === 0 && size >> (order + 1) > Math.max(warmUp, 15))
    order++;
  let sums = foldedSums(residual, warmUp, order);
  let best: RicePlan | undefined;
  for (; order >= 0; order--) {
    const length = size >> order;
    const parameters: number[] = [];
    let bits = 6;
    for (let part = 0; part < sums.length; part++) {
      const count = length - (part === 0 ? warmUp : 0);
      const parameter = cheapestParameter(sums[part], count);
      parameters.push(parameter);
      bits += 4 + count * (parameter + 1) + Math.floor(sums[part] / 2 ** parameter);
    }
    if (!best || bits < best.bits) best = { order, parameters, bits };
    const pairs = new Float64Array(sums.length >> 1);
    for (let i = 0; i < pairs.length; i++) pairs[i] = sums[2 * i] + sums[2 * i + 1];
    sums = pairs;
  }
  return best!;
}

/** Writes the coding method, the plan and the residual. */
export function writeRice(writer: BitWriter, residual: Int32Array, warmUp: number, plan: RicePlan): void {
  const length = residual.length >> plan.order;
  writer.write(0, 2);
  writer.write(plan.order, 4);
  plan.parameters.forEach((parameter, part) => {
    writer.write(parameter, 4);
    const end = (part + 1) * length;
    for (let i = part === 0 ? warmUp : part * length; i < end; i++) {
      const folded = fold(residual[i]);
      writer.writeUnary(folded >>> parameter);
      writer.write(folded, parameter);
    }
  });
}

/** Maps signed numbers to unsigned ones: 0, -1, 1, -2, 2, … to 0, 1, 2, 3, 4, … */
function fold(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

function foldedSums(residual: Int32Array, warmUp: number, order: number): Float64Array {
  const length = residual.length >> order;
  const sums = new Float64Array(1 << order);
  for (let part = 0; part < sums.length; part++) {
    const end = (part + 1) * length;
    let sum = 0;
    for (let i = part === 0 ? warmUp : part * length; i < end; i++) sum += fold(residual[i]);
    sums[part] = sum;
  }
  return sums;
}

/** With each step of the parameter, quotients halve and each remainder has one bit more. */
function cheapestParameter(sum: number, count: number): number {
  let parameter = 0;
  while (parameter < MAX_PARAMETER && sum / 2 ** (parameter + 1) > count) parameter++;
  return parameter;
}

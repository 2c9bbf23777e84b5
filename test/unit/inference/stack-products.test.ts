import { describe, expect, it } from 'vitest';
import { loadStackKernel } from '#stack-kernel';
import type { StackKernel } from '../../../src/inference/stack/kernel/kernel.ts';
import { createRandom } from '../../../src/synthesis/random.ts';

/** How results are stored: `STORE`, `ADD` and `MORE` of the kernel. */
const MODES = { store: 0, add: 1, more: 2 } as const;
/** Floats behind each row of the result, which a product must leave as they are. */
const GAP = 3;
const UNTOUCHED = -12_345;

/** A product of random rows in the kernel, and the same in double precision from the kernel's own rounded rows. */
async function productOf(count: number, size: number, columns: number, mode: keyof typeof MODES) {
  const kernel = new WebAssembly.Instance(await loadStackKernel(), {}).exports as unknown as StackKernel;
  const { memory } = kernel;
  memory.grow(16);
  const random = createRandom(count * size + columns);
  let top = kernel.heapBase();
  const take = (bytes: number) => {
    const at = top;
    top = Math.ceil((at + bytes) / 64) * 64;
    return at;
  };
  const put = (values: ArrayLike<number>) => {
    const at = take(4 * (values.length + 8));
    new Float32Array(memory.buffer, at, values.length).set(values);
    return at;
  };
  const putBytes = (values: Uint8Array) => {
    const at = take(values.length);
    new Uint8Array(memory.buffer, at, values.length).set(values);
    return at;
  };
  const wide = Math.ceil(columns / 8) * 8;
  const matrix = Uint8Array.from({ length: size * columns }, () => random.uniform() * 256);
  const zeros = Uint8Array.from({ length: columns }, () => 120 + random.uniform() * 16);
  const scales = Float32Array.from({ length: columns }, () => 0.001 + 0.01 * random.uniform());
  const bias = Float32Array.from({ length: columns }, () => random.gaussian());
  const rows = Float32Array.from({ length: count * size }, () => random.gaussian());

  const [weights, offsets, sums] = [take(size * wide), take(4 * wide), take(4 * wide)];
  kernel.pack8(putBytes(matrix), size, columns, 0, columns, putBytes(zeros), weights, offsets, sums);
  const at = take(32);
  const fields = [weights, put(scales), offsets, sums, put(bias), size, columns, 0];
  new Uint32Array(memory.buffer, at, 8).set(fields);
  const [from, rounded, meta] = [put(rows), take((count + kernel.spareRows()) * size), take(16 * count)];
  kernel.roundRows(from, count, size, rounded, meta, true, false);
  const pitch = columns + GAP;
  const before = new Float32Array(count * pitch).fill(UNTOUCHED);
  const [to, ...others] = [put(before), put(before), put(before)];
  kernel.product8(rounded, count, meta, at, to, pitch, MODES[mode], -1.5, 1.5);
  // One of these is the way that this processor does not take.
  for (const [way, other] of others.entries())
    kernel.product8By(way === 1, rounded, count, meta, at, other, pitch, MODES[mode], -1.5, 1.5);
  const resultAt = (address: number) => new Float32Array(memory.buffer, address, before.length).slice();

  // The rounding error is left in the rows' place.
  const errors = new Float32Array(memory.buffer, from, rows.length);
  const exact = (row: number, column: number) => {
    let sum = 0;
    for (let k = 0; k < size; k++) {
      const weight = (matrix[k * columns + column] - zeros[column]) * scales[column];
      sum += (rows[row * size + k] - errors[row * size + k]) * weight;
    }
    if (mode === 'more') return clamp(sum + UNTOUCHED);
    sum += bias[column];
    return mode === 'store' ? clamp(sum) : sum + UNTOUCHED;
  };
  return { result: resultAt(to), otherWays: others.map(resultAt), pitch, exact };
}

const clamp = (x: number) => Math.max(-1.5, Math.min(1.5, x));

describe('products of 8 bits in the stack kernel', () => {
  // Rows are worked on by fives, columns by eights.
  it.each([
    [1, 16, 8],
    [4, 32, 5],
    [5, 256, 16],
    [6, 48, 13],
    [11, 768, 24],
  ])('%i rows of %i values times %i columns are right, and nothing else is written', async (...shape) => {
    const [count, , columns] = shape;
    for (const mode of Object.keys(MODES) as (keyof typeof MODES)[]) {
      const { result, otherWays, pitch, exact } = await productOf(...shape, mode);
      const wrong: string[] = [];
      for (let row = 0; row < count; row++) {
        for (let column = 0; column < pitch; column++) {
          const value = result[row * pitch + column];
          const expected = column < columns ? exact(row, column) : UNTOUCHED;
          // Beside a number of five digits, a float keeps three decimals.
          if (!(Math.abs(value - expected) < 2e-3))
            wrong.push(`${mode} ${row}/${column}: ${value}, not ${expected}`);
        }
      }
      expect(wrong).toEqual([]);
      expect(otherWays).toEqual([result, result]);
    }
  });

  it('rows are replaced by their GELU before they are rounded', async () => {
    const kernel = new WebAssembly.Instance(await loadStackKernel(), {}).exports as unknown as StackKernel;
    const { memory } = kernel;
    memory.grow(1);
    const [count, size, together] = [3, 32, kernel.spareRows() + 1];
    const random = createRandom(9);
    const rows = Float32Array.from({ length: count * size }, () => 3 * random.gaussian());
    const from = kernel.heapBase();
    const to = from + 4 * rows.length;
    const meta = to + together * size;
    new Float32Array(memory.buffer, from, rows.length).set(rows);
    kernel.roundRows(from, count, size, to, meta, true, true);
    const errors = new Float32Array(memory.buffer, from, rows.length);
    const whole = new Uint8Array(memory.buffer, to, together * size);
    for (let row = 0; row < count; row++) {
      const [scale, zero] = new Float32Array(memory.buffer, meta + 16 * row, 2);
      for (let k = 0; k < size; k++) {
        // Of all rows each in turn four values.
        const q = whole[4 * (Math.floor(k / 4) * together + row) + (k % 4)];
        const i = row * size + k;
        const x = rows[i];
        const gelu = 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
        expect(Math.abs((q - zero) * scale + errors[i] - gelu)).toBeLessThan(1e-3);
      }
    }
  });
});

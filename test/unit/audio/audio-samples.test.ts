import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toInt16, toInt16Array, toInt16Bytes } from '../../../src/audio/samples.ts';

it('rounds to the nearest integer, halves to even', () => {
  const half = (value: number) => toInt16(value / 32_767);
  expect([0.5, 1.5, 2.5, -0.5, -1.5, -2.5].map(half).map((value) => value + 0)).toEqual([0, 2, 2, 0, -2, -2]);
  expect([0.49, 0.51, 1.4, -1.4, -1.6].map(half).map((value) => value + 0)).toEqual([0, 1, 1, -1, -2]);
});

it('clips to a symmetric range, and converts NaN to silence', () => {
  expect([1, 1.0001, Infinity].map(toInt16)).toEqual([32_767, 32_767, 32_767]);
  expect([-1, -1.0001, -Infinity].map(toInt16)).toEqual([-32_767, -32_767, -32_767]);
  expect(toInt16(Number.NaN)).toBe(0);
});

it('is odd and monotonic, with an error of at most half a step', () => {
  const sample = fc.float({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(sample, sample, (a, b) => {
      expect(toInt16(-a) + toInt16(a)).toBe(0);
      expect(toInt16(Math.min(a, b))).toBeLessThanOrEqual(toInt16(Math.max(a, b)));
      expect(Math.abs(toInt16(a) - a * 32_767)).toBeLessThanOrEqual(0.5);
    }),
  );
});

it('writes the same samples as little-endian bytes', () => {
  fc.assert(
    fc.property(fc.float32Array({ min: -2, max: 2 }), (samples) => {
      const bytes = toInt16Bytes(samples);
      const view = new DataView(bytes.buffer);
      const read = Int16Array.from(samples, (_, i) => view.getInt16(2 * i, true));
      expect(read).toEqual(toInt16Array(samples));
    }),
  );
});

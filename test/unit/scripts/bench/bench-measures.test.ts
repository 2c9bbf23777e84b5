import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  areaUnderRoc,
  coefficientOfVariation,
  cosine,
  differenceDb,
  equalErrorRate,
  liesBetween,
  movesMonotonically,
  rocOf,
  wilsonBounds,
} from '../../../../scripts/bench/voice/measures.ts';

const scores = fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 1, maxLength: 30 });

it('coefficientOfVariation is the deviation in units of the mean', () => {
  expect(coefficientOfVariation([2, 4])).toBeCloseTo(1 / 3, 12);
  expect(coefficientOfVariation([5, 5, 5])).toBe(0);
  expect(coefficientOfVariation([5])).toBe(0);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 2 }), (values) => {
      const scaled = values.map((value) => 7 * value);
      expect(coefficientOfVariation(scaled)).toBeCloseTo(coefficientOfVariation(values), 9);
    }),
  );
});

it('movesMonotonically allows steps back of a tenth of the range', () => {
  expect(movesMonotonically([1, 2, 3, 4, 5], 2.5)).toBe(true);
  expect(movesMonotonically([5, 4, 3, 2, 1], -0.1)).toBe(true);
  expect(movesMonotonically([1, 2, 3, 4, 5], -1)).toBe(false);
  expect(movesMonotonically([0, 5, 4.1, 8, 10], 1)).toBe(true);
  expect(movesMonotonically([0, 5, 3.9, 8, 10], 1)).toBe(false);
  expect(movesMonotonically([3, 3, 3], 1)).toBe(false);
});

it('liesBetween accepts the ends in any order, and a tenth beyond them', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
      expect(liesBetween(10 + 20 * share, 10, 30)).toBe(true);
      expect(liesBetween(10 + 20 * share, 30, 10)).toBe(true);
    }),
  );
  expect(liesBetween(31.9, 10, 30)).toBe(true);
  expect(liesBetween(32.1, 10, 30)).toBe(false);
  expect(liesBetween(7.9, 10, 30)).toBe(false);
});

describe('equalErrorRate', () => {
  it('is 0 when all genuine trials score higher, 1 when all score lower', () => {
    expect(equalErrorRate([0.9, 0.8], [0.1, 0.2, 0.3])).toBe(0);
    expect(equalErrorRate([0.1, 0.2], [0.8, 0.9])).toBe(1);
  });

  it('is a half when both score alike, else determined by the overlap', () => {
    expect(equalErrorRate([1, 2, 3, 4], [1, 2, 3, 4])).toBeCloseTo(0.5, 9);
    expect(equalErrorRate([2, 4, 5, 6], [0, 1, 2.5, 1.5])).toBeCloseTo(0.25, 9);
  });

  it('lies within 0 and 1, falls with the distance, and does not change under a rising function', () => {
    fc.assert(
      fc.property(scores, scores, (genuine, impostors) => {
        const rate = equalErrorRate(genuine, impostors);
        expect(rate).toBeGreaterThanOrEqual(0);
        expect(rate).toBeLessThanOrEqual(1);
        const better = genuine.map((score) => score + 100);
        expect(equalErrorRate(better, impostors)).toBe(0);
        const same = (values: number[]) => values.map((value) => 8 * value + 1);
        expect(equalErrorRate(same(genuine), same(impostors))).toBeCloseTo(rate, 6);
      }),
    );
  });
});

it('rocOf goes from all accepted to none', () => {
  fc.assert(
    fc.property(scores, scores, (genuine, impostors) => {
      const points = rocOf(genuine, impostors);
      expect(points[0]).toMatchObject({ falseAccepts: 1, falseRejects: 0 });
      expect(points.at(-1)).toMatchObject({ falseAccepts: 0, falseRejects: 1 });
      for (let i = 1; i < points.length; i++) {
        expect(points[i].falseAccepts).toBeLessThanOrEqual(points[i - 1].falseAccepts);
        expect(points[i].falseRejects).toBeGreaterThanOrEqual(points[i - 1].falseRejects);
      }
    }),
  );
});

it('wilsonBounds match published tables', () => {
  const rounded = (hits: number, trials: number) =>
    wilsonBounds(hits, trials).map((x) => Number(x.toFixed(4)));
  expect(rounded(0, 10)).toEqual([0, 0.2775]);
  expect(rounded(10, 10)).toEqual([0.7225, 1]);
  expect(rounded(5, 10)).toEqual([0.2366, 0.7634]);
  expect(rounded(48, 48)).toEqual([0.9259, 1]);
  expect(rounded(0, 0)).toEqual([0, 1]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(500), (trials, some) => {
      const hits = Math.min(some, trials);
      const [lower, upper] = wilsonBounds(hits, trials);
      expect(lower).toBeLessThanOrEqual(hits / trials);
      expect(upper).toBeGreaterThanOrEqual(hits / trials);
    }),
  );
});

it('areaUnderRoc counts pairs', () => {
  expect(areaUnderRoc([3, 4], [1, 2])).toBe(1);
  expect(areaUnderRoc([1, 2], [1, 2])).toBe(0.5);
  expect(areaUnderRoc([2], [1, 3])).toBe(0.5);
});

it('cosine and differenceDb', () => {
  expect(cosine([1, 0], [0, 2])).toBe(0);
  expect(cosine([1, 2], [2, 4])).toBeCloseTo(1, 12);
  expect(cosine([1, 2], [-1, -2])).toBeCloseTo(-1, 12);
  expect(differenceDb(Float32Array.of(1, 1), Float32Array.of(1, 1))).toBe(Number.NEGATIVE_INFINITY);
  expect(differenceDb(Float32Array.of(1, 1), Float32Array.of(1.01, 0.99))).toBeCloseTo(-40, 3);
  expect(differenceDb(Float32Array.of(1, 1), Float32Array.of(1))).toBeCloseTo(-3.01, 2);
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { waveformPeaks } from '../../src/audio/peaks.ts';

it('tells the least and the greatest sample of each column', () => {
  const samples = Int16Array.of(0, 8_192, -16_384, 4_096, -32_768, 32_767);
  expect([...waveformPeaks(samples, 2)]).toEqual([-0.5, 0.25, -1, Math.fround(32_767 / 32_768)]);
  expect([...waveformPeaks(Float32Array.of(0.5, -0.25), 1)]).toEqual([-0.25, 0.5]);
});

it('shares samples among more columns than there are, and draws nothing as a line', () => {
  expect([...waveformPeaks(Float32Array.of(0.5, -0.25), 4)]).toEqual([
    0.5, 0.5, 0.5, 0.5, -0.25, -0.25, -0.25, -0.25,
  ]);
  expect([...waveformPeaks(new Int16Array(0), 2)]).toEqual([0, 0, 0, 0]);
});

it('leaves no sample out', () => {
  fc.assert(
    fc.property(fc.int16Array({ minLength: 1 }), fc.integer({ min: 1, max: 50 }), (samples, buckets) => {
      const peaks = waveformPeaks(samples, buckets);
      expect(peaks.length).toBe(2 * buckets);
      expect(Math.min(...peaks) * 32_768).toBe(Math.min(...samples));
      expect(Math.max(...peaks) * 32_768).toBe(Math.max(...samples));
      for (let i = 0; i < peaks.length; i += 2) expect(peaks[i]).toBeLessThanOrEqual(peaks[i + 1]);
    }),
  );
});

it.each([0, -1, 1.5, Number.NaN])('refuses %s columns', (buckets) => {
  expect(() => waveformPeaks(new Int16Array(4), buckets)).toThrow(RangeError);
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRandom } from '../../../src/synthesis/random.ts';
import { Limiter } from '../../../src/synthesis/waveform/limiter.ts';

function limit(samples: Float32Array, sizes: readonly number[] = [samples.length]): Float32Array {
  const limiter = new Limiter();
  const out: number[] = [];
  for (let at = 0, i = 0; at < samples.length; at += sizes[i++ % sizes.length]) {
    out.push(...limiter.push(samples.slice(at, at + sizes[i % sizes.length])));
  }
  out.push(...limiter.flush());
  return Float32Array.from(out);
}

function noise(length: number, level: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length }, () => level * random.gaussian());
}

it('keeps all samples within full scale, wherever the peaks are, and loses none', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3000 }),
      fc.double({ min: 0, max: 4, noNaN: true }),
      fc.nat(),
      (length, level, seed) => {
        const out = limit(noise(length, level, seed));
        expect(out.length).toBe(length);
        expect(Math.max(0, ...out.map(Math.abs))).toBeLessThan(1);
      },
    ),
  );
});

it('gives the same samples for any chunk sizes', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }), fc.nat(), (sizes, seed) => {
      const samples = noise(2500, 0.4, seed);
      expect(limit(samples, sizes)).toEqual(limit(samples));
    }),
  );
});

it('does not change soft speech, and returns to full gain after a peak', () => {
  const quiet = noise(9000, 0.1, 3);
  expect(limit(quiet)).toEqual(quiet);
  const peak = Float32Array.from({ length: 40_000 }, (_, n) => (n === 1000 ? 3 : 0.2));
  const out = limit(peak);
  expect(out.subarray(0, 880)).toEqual(peak.subarray(0, 880));
  expect(out[1000]).toBeCloseTo(0.977, 3);
  expect(out[999]).toBeLessThan(0.08);
  expect(out.subarray(30_000)).toEqual(peak.subarray(30_000));
});

it('changes the gain smoothly', () => {
  const out = limit(Float32Array.from({ length: 4000 }, (_, n) => (n === 2000 ? 4 : 0.5)));
  for (let n = 1; n < 4000; n++) {
    if (n < 2000 || n > 2001) expect(Math.abs(out[n] - out[n - 1])).toBeLessThan(0.005);
  }
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocateFrames } from '../../src/pipeline/acoustic/durations.ts';
import { expandFrames } from '../../src/pipeline/acoustic/frames.ts';
import { scalePitchRange } from '../../src/pipeline/acoustic/pitch.ts';
import { createRandom, deriveSeed } from '../../src/pipeline/random.ts';

const logs = (frames: number[]) => Float32Array.from(frames, Math.log1p);

describe('allocateFrames', () => {
  it('keeps whole predictions as they are', () => {
    expect([...allocateFrames(logs([10, 3, 7, 12]), [true, false, false, true], 1)]).toEqual([10, 3, 7, 12]);
  });

  it('gives a phoneme at least one frame and lets a short pause vanish', () => {
    expect([...allocateFrames(logs([0.2, 0.2, 0.4]), [true, false, true], 1)]).toEqual([0, 1, 0]);
  });

  it('keeps a phrase as long as predicted, whatever the speed, to within a frame', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 4, max: 40, noNaN: true }), { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0.25, max: 4, noNaN: true }),
        (predicted, speed) => {
          const frames = allocateFrames(
            logs(predicted),
            predicted.map(() => false),
            speed,
          );
          const wanted = predicted.reduce((sum, value) => sum + value, 0) / speed;
          const given = frames.reduce((sum, value) => sum + value, 0);
          expect(Math.abs(given - wanted)).toBeLessThanOrEqual(1.001);
        },
      ),
    );
  });

  it('survives a predictor that has gone wild', () => {
    const frames = allocateFrames(
      Float32Array.of(50, -50, Number.NEGATIVE_INFINITY),
      [false, false, false],
      0.25,
    );
    expect([...frames]).toEqual([640, 1, 1]);
  });
});

describe('expandFrames', () => {
  it('repeats each vector and says where in the phoneme the frame lies', () => {
    const hidden = { type: 'float32', data: Float32Array.of(1, 2, 3, 4, 5, 6), dims: [1, 3, 2] } as const;
    const frames = expandFrames(hidden, Int32Array.of(1, 0, 2));
    expect(frames.dims).toEqual([1, 3, 5]);
    const ln2 = Math.fround(Math.log(2));
    expect([...(frames.data as Float32Array)]).toEqual([
      1,
      2,
      0.5,
      0.5,
      0,
      5,
      6,
      0.25,
      0.75,
      ln2,
      5,
      6,
      0.75,
      0.25,
      ln2,
    ]);
  });
});

describe('scalePitchRange', () => {
  it('widens the contour about the mean of its voiced part, in the log domain', () => {
    const f0 = scalePitchRange(Float32Array.of(100, 400, 1000), Float32Array.of(1, 1, 0), 2);
    expect(f0[0]).toBeCloseTo(50, 1);
    expect(f0[1]).toBeCloseTo(800, 0);
  });

  it('leaves the contour alone at 1', () => {
    const f0 = Float32Array.of(120, 130);
    expect(scalePitchRange(f0, Float32Array.of(1, 1), 1)).toBe(f0);
  });
});

describe('createRandom', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    const draw = (seed: number) => {
      const random = createRandom(seed);
      return Array.from({ length: 5 }, () => random.gaussian());
    };
    expect(draw(42)).toEqual(draw(42));
    expect(draw(42)).not.toEqual(draw(43));
    expect(deriveSeed(42, 0)).not.toBe(deriveSeed(42, 1));
  });

  it('draws normal numbers of zero mean and unit variance', () => {
    const random = createRandom(9);
    const values = Array.from({ length: 20_000 }, () => random.gaussian());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocateFrames } from '../../../src/synthesis/acoustic/durations.ts';
import { expandFrames } from '../../../src/synthesis/acoustic/frames.ts';
import { styleStretch } from '../../../src/synthesis/acoustic/joins.ts';
import { shapePitch } from '../../../src/synthesis/acoustic/pitch.ts';
import { createRandom, deriveSeed } from '../../../src/synthesis/random.ts';

const logs = (frames: number[]) => Float32Array.from(frames, Math.log1p);
const allocate = (frames: number[], pauses: boolean[], factor: number) =>
  allocateFrames(
    logs(frames),
    pauses.map((pause) => ({ pause, factor })),
    300,
  ).frames;

describe('allocateFrames', () => {
  it('keeps whole predictions unchanged', () => {
    expect([...allocate([10, 3, 7, 12], [true, false, false, true], 1)]).toEqual([10, 3, 7, 12]);
  });

  it('gives a phoneme at least one frame, and removes very short pauses', () => {
    expect([...allocate([0.2, 0.2, 0.4], [true, false, true], 1)]).toEqual([0, 1, 0]);
  });

  it('keeps a phrase as long as predicted, for any factor, to within a frame', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 4, max: 40, noNaN: true }), { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0.25, max: 4, noNaN: true }),
        (predicted, factor) => {
          const frames = allocate(
            predicted,
            predicted.map(() => false),
            factor,
          );
          const wanted = predicted.reduce((sum, value) => sum + value, 0) * factor;
          const given = frames.reduce((sum, value) => sum + value, 0);
          expect(Math.abs(given - wanted)).toBeLessThanOrEqual(1.001);
        },
      ),
    );
  });

  it('limits unreasonable predictions', () => {
    const wishes = [0, 1, 2].map(() => ({ pause: false, factor: 4 }));
    const { frames } = allocateFrames(Float32Array.of(50, -50, Number.NEGATIVE_INFINITY), wishes, 300);
    expect([...frames]).toEqual([640, 1, 1]);
  });

  it('makes exact pauses of frames and silence, whatever is predicted', () => {
    const wishes = [0, 100, 600, 7500, 24_000].map((exact) => ({ pause: true, factor: 2, exact }));
    const { frames, silences } = allocateFrames(logs([9, 9, 9, 9, 9]), wishes, 300);
    expect([...frames]).toEqual([0, 1, 2, 24, 24]);
    expect([...silences]).toEqual([0, 0, 0, 300, 24_000 - 24 * 300]);
  });

  it('fills pauses longer than those of the recordings with silence', () => {
    const { frames, silences } = allocateFrames(logs([50]), [{ pause: true, factor: 4 }], 300);
    expect([...frames, ...silences]).toEqual([80, 120 * 300]);
  });
});

describe('expandFrames', () => {
  it('repeats each vector, with the position within the phoneme', () => {
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

describe('shapePitch', () => {
  const controls = (frames: number, changes: { semitones?: number; range?: number; hz?: number } = {}) => ({
    semitones: new Float32Array(frames).fill(changes.semitones ?? 0),
    range: new Float32Array(frames).fill(changes.range ?? 1),
    hz: new Float32Array(frames).fill(changes.hz ?? 0),
  });

  it('widens the contour about the mean of its voiced part, in the log domain', () => {
    const [contour, voicing] = [Float32Array.of(100, 400, 1000), Float32Array.of(1, 1, 0)];
    const f0 = shapePitch(contour, voicing, 2, controls(3));
    expect(f0[0]).toBeCloseTo(50, 1);
    expect(f0[1]).toBeCloseTo(800, 0);
    expect(shapePitch(contour, voicing, 1, controls(3, { range: 2 }))).toEqual(f0);
  });

  it('keeps the contour by default', () => {
    const f0 = Float32Array.of(120, 130);
    expect(shapePitch(f0, Float32Array.of(1, 1), 1, controls(2))).toBe(f0);
  });

  it('moves to a stated mean, then by semitones', () => {
    const asked = controls(2, { hz: 100, semitones: 12 });
    const f0 = shapePitch(Float32Array.of(100, 400), Float32Array.of(1, 1), 1, asked);
    expect(f0[0]).toBeCloseTo(100, 3);
    expect(f0[1]).toBeCloseTo(400, 3);
  });

  it('keeps F0 within the range of voices', () => {
    const f0 = shapePitch(Float32Array.of(40, 900), Float32Array.of(1, 1), 3, controls(2));
    expect([...f0]).toEqual([30, 1200]);
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

describe('styleStretch', () => {
  const places = { rate: 0, pauses: 1 } as Parameters<typeof styleStretch>[1];

  it('is 1 for the average speaker, and half the difference for others, within bounds', () => {
    expect(styleStretch(Float32Array.of(0, 0), places)).toBe(1);
    expect(styleStretch(Float32Array.of(0.1, 0.3), places)).toBeCloseTo(Math.exp(0.2), 6);
    expect(styleStretch(Float32Array.of(-9, 0), places)).toBeCloseTo(1 / 1.5, 6);
    expect(styleStretch(Float32Array.of(0, 9), places)).toBe(1.5);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { speechWindows } from '../../../src/audio/voice-activity.ts';

const RATE = 16_000;

/** A signal of hums and near silence. Lengths are in seconds; a negative length is silence. */
function sound(...stretches: number[]): Float32Array {
  const parts = stretches.map((seconds) =>
    Float32Array.from({ length: Math.round(Math.abs(seconds) * RATE) }, (_, i) =>
      seconds > 0 ? 0.3 * Math.sin(i * 0.1) : 0.0001 * Math.sin(i * 12.9898),
    ),
  );
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

const inSeconds = (samples: Float32Array, most = 30) =>
  speechWindows(samples, RATE, most).map(({ start, end }) => [start / RATE, end / RATE]);

describe('speech windows', () => {
  it('finds none in silence', () => {
    expect(inSeconds(sound(-5))).toEqual([]);
    expect(inSeconds(new Float32Array(RATE))).toEqual([]);
    expect(inSeconds(new Float32Array(0))).toEqual([]);
  });

  it('skip long silence, with a margin around speech', () => {
    const [[first, firstEnd], [second, secondEnd]] = inSeconds(sound(-3, 20, -10, 15, -3));
    expect(first).toBeCloseTo(2.75, 1);
    expect(firstEnd).toBeCloseTo(23.25, 1);
    expect(second).toBeCloseTo(32.75, 1);
    expect(secondEnd).toBeCloseTo(48.25, 1);
  });

  it('merge speech that fits one window', () => {
    expect(inSeconds(sound(2, -1, 2, -1, 2))).toHaveLength(1);
  });

  it('cut speech without a pause at its quietest point', () => {
    const samples = sound(50);
    samples.fill(0, 25 * RATE, 25.2 * RATE);
    const windows = inSeconds(samples);
    expect(windows).toHaveLength(2);
    expect(windows[0][1]).toBeGreaterThanOrEqual(24.9);
    expect(windows[0][1]).toBeLessThanOrEqual(25.3);
    expect(windows[1][0]).toBe(windows[0][1]);
  });

  it('are in order, inside the recording, short enough, and cover all loud samples', () => {
    const stretch = fc.double({ min: -4, max: 9, noNaN: true });
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 8 }), (stretches) => {
        const samples = sound(...stretches.filter((seconds) => Math.abs(seconds) > 0.6), -1);
        const windows = speechWindows(samples, RATE, 5);
        let last = 0;
        for (const { start, end } of windows) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          expect(end - start).toBeLessThanOrEqual(5 * RATE);
          expect(end).toBeLessThanOrEqual(samples.length);
          last = end;
        }
        const covered = new Uint8Array(samples.length);
        for (const { start, end } of windows) covered.fill(1, start, end);
        expect(samples.some((sample, i) => Math.abs(sample) > 0.2 && !covered[i])).toBe(false);
      }),
      { numRuns: 20 },
    );
  });
});

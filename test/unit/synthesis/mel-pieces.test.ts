import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../../src/inference/backend.ts';
import { MelPieces, melBounds } from '../../../src/synthesis/acoustic/mel-pieces.ts';
import type { StageRunner } from '../../../src/synthesis/stages.ts';

const tensor = (width: number, frames: number, value: (t: number) => number): Tensor => ({
  type: 'float32',
  data: Float32Array.from({ length: frames * width }, (_, i) => value(Math.floor(i / width))),
  dims: width === 1 ? [1, frames] : [1, frames, width],
});

/** A "decoder" with the receptive field of the models: every frame is the sum of F0 over 15 frames to each side. */
const summing = (runs: number[]): StageRunner => ({
  async run(_stage, { f0 }) {
    const hz = f0.data as Float32Array;
    runs.push(hz.length);
    const sum = (t: number) => hz.slice(Math.max(0, t - 15), t + 16).reduce((all, one) => all + one, 0);
    return { mel: tensor(2, hz.length, sum) };
  },
});

const inputOf = (frames: number) => ({
  frames: tensor(3, frames, (t) => t),
  f0: tensor(1, frames, (t) => (t * 7919) % 256),
  voicing: tensor(1, frames, () => 1),
  energy: tensor(1, frames, () => 0),
  style: tensor(1, 4, () => 0),
});

describe('MelPieces', () => {
  it('covers every frame once, in order, in runs that are not short', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.boolean(), (frames, streams) => {
        const bounds = melBounds(frames, streams);
        expect(bounds.map(({ start }) => start)).toEqual([0, ...bounds.slice(0, -1).map(({ end }) => end)]);
        expect(bounds.at(-1)?.end).toBe(frames);
        if (frames <= (streams ? 128 : 160)) expect(bounds).toHaveLength(1);
        const least = streams ? 32 : 64;
        const most = streams ? 128 : 256 + 63;
        for (const { start, end } of bounds.length > 1 ? bounds : []) {
          expect(end - start).toBeGreaterThanOrEqual(least);
          expect(end - start).toBeLessThanOrEqual(most);
        }
      }),
    );
  });

  it('decodes only the requested frames, with the result of a single run', async () => {
    const runs: number[] = [];
    const input = inputOf(1200);
    const pieces = new MelPieces(summing(runs), input, 2);
    await pieces.until(47);
    expect(runs).toEqual([64 + 15]);
    await pieces.until(64);
    expect(runs).toHaveLength(1);
    await pieces.until(65);
    expect(runs).toHaveLength(2);
    await pieces.until(1200);
    const whole = await summing([]).run('mel_decoder', input);
    expect(pieces.mel).toEqual(whole.mel);
    expect(Math.max(...runs)).toBeLessThan(1200 / 3);
  });
});

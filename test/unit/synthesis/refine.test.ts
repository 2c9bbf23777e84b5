import { describe, expect, it } from 'vitest';
import { refineMel } from '../../../src/synthesis/acoustic/refine.ts';
import { createRandom } from '../../../src/synthesis/random.ts';
import type { StageRunner } from '../../../src/synthesis/stages.ts';

describe('refineMel', () => {
  const mel = { type: 'float32', data: Float32Array.of(1, -1), dims: [1, 1, 2] } as const;
  const style = { type: 'float32', data: Float32Array.of(0), dims: [1, 1] } as const;

  const model = {
    emotions: ['neutral', 'happy', 'sad'],
    refiner: { sigma: 0.5, defaultSteps: 0, emotionFrom: 0.25, emotionUntil: 0.75 },
  };

  it('does nothing at 0 steps', async () => {
    const none: StageRunner = { run: () => Promise.reject(new Error('must not run')) };
    expect(await refineMel(none, mel, style, { model, steps: 0, random: createRandom(1) })).toBe(mel);
  });

  it('follows a straight flow exactly, in the requested number of equal steps', async () => {
    const times: number[] = [];
    const start = Float32Array.of(1, -1);
    const noise = createRandom(3);
    for (let i = 0; i < 2; i++) start[i] += 0.5 * noise.gaussian();
    const toZero: StageRunner = {
      async run(stage, inputs) {
        expect(stage).toBe('mel_refiner');
        times.push(inputs.t.data[0] as number);
        return { velocity: { type: 'float32', data: start.map((value) => -value), dims: [1, 1, 2] } };
      },
    };
    const refined = await refineMel(toZero, mel, style, { model, steps: 4, random: createRandom(3) });
    expect(times).toEqual([0, 0.25, 0.5, 0.75]);
    for (const value of refined.data as Float32Array) expect(value).toBeCloseTo(0, 6);
    expect([...mel.data]).toEqual([1, -1]);
  });

  /** A refiner that adds one unit per emotion, and a record of its inputs. */
  function pushing() {
    const asked: number[][] = [];
    const runner: StageRunner = {
      async run(_, { emotion, t }) {
        const one = [...(emotion.data as Float32Array)];
        asked.push([t.data[0] as number, ...one]);
        const push = one[0] + 10 * one[1] + 100 * one[2];
        return { velocity: { type: 'float32', data: Float32Array.of(push, -push), dims: [1, 1, 2] } };
      },
    };
    return { asked, runner };
  }
  const refined = async (steps: number, emotion?: Record<string, number>) => {
    const { asked, runner } = pushing();
    const noise = createRandom(5);
    const quiet = [1 + 0.5 * noise.gaussian(), -1 + 0.5 * noise.gaussian()];
    const { data } = await refineMel(runner, mel, style, { model, steps, emotion, random: createRandom(5) });
    return { asked, moved: [...(data as Float32Array)].map((value, i) => value - quiet[i]) };
  };

  it('uses no emotion unless one is given', async () => {
    const { asked, moved } = await refined(2);
    expect(asked).toEqual([
      [0, 0, 0, 0],
      [0.5, 0, 0, 0],
    ]);
    expect(moved[0]).toBeCloseTo(0, 5);
  });

  it('mixes the velocities of emotions between K_max and K_min, and is neutral outside', async () => {
    const { asked, moved } = await refined(4, { happy: 0.5, sad: 0.2 });
    expect(asked.map(([t]) => t)).toEqual([0, 0.25, 0.25, 0.25, 0.5, 0.5, 0.5, 0.75]);
    expect(moved[0]).toBeCloseTo((2 * 1 + 2 * (0.3 * 1 + 0.5 * 10 + 0.2 * 100)) / 4, 4);
    expect(moved[1]).toBeCloseTo(-moved[0], 4);
  });

  it('also mixes in a single step, and grows with the weight', async () => {
    const moves = await Promise.all(
      [0, 0.25, 0.5, 1].map(async (happy) => (await refined(1, { happy })).moved[0]),
    );
    for (const [i, happy] of [0, 0.25, 0.5, 1].entries()) expect(moves[i]).toBeCloseTo(1 + 9 * happy, 4);
  });

  it.each([[-1], [33], [1.5], [Number.NaN]])('refuses %s steps', async (steps) => {
    await expect(refined(steps)).rejects.toMatchObject({ code: 'invalid_value', param: 'refine_steps' });
  });

  it('refuses unknown emotions', async () => {
    await expect(refined(1, { joyous: 1 })).rejects.toMatchObject({
      code: 'unknown_emotion',
      param: 'emotion',
    });
    await expect(refined(0, { happy: 2 })).rejects.toMatchObject({ code: 'invalid_value', param: 'emotion' });
  });
});

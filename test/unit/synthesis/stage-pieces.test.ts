import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tensor, Tensors } from '../../../src/inference/backend.ts';
import { StagePieces } from '../../../src/synthesis/stage-pieces.ts';
import type { StageRunner } from '../../../src/synthesis/stages.ts';
import { copyFrames, row } from '../../../src/synthesis/tensors.ts';

/** Frames to each side that the sums below depend on. */
const REACH = 4;

const sums = (f0: Float32Array): Float32Array =>
  f0.map((_, t) => f0.slice(Math.max(0, t - REACH), t + REACH + 1).reduce((all, one) => all + one, 0));

/** A stage that adds up F0 over some frames. It streams by keeping all that it was given in its state. */
function summing(streams: boolean) {
  const runs: number[] = [];
  const stages: StageRunner = {
    async run(_stage, { f0, state, last }): Promise<Tensors> {
      const given = f0.data as Float32Array;
      runs.push(given.length);
      if (!state) return { mel: row(sums(given)) };
      const all = Float32Array.of(...(state.data as Float32Array), ...given);
      const whole = sums(all);
      const done = Math.max(0, state.data.length - REACH);
      if (last.data[0] === 1n) return { mel: row(whole.slice(done)) };
      return { mel: row(whole.slice(done, all.length - REACH)), state: row(all) };
    },
    streams: async () => streams,
  };
  return { stages, runs };
}

const curve = (total: number): Tensor =>
  row(Float32Array.from({ length: total }, (_, t) => (t * 7919) % 256));

function piecesOf(stages: StageRunner, total: number): StagePieces {
  const timed = { f0: curve(total) };
  const inputs = (from: number, to: number) => copyFrames(timed, from, to);
  return new StagePieces({ stages, stage: 'mel_decoder', total, reach: REACH, context: REACH, inputs });
}

describe('StagePieces', () => {
  it('answers every frame once, as a single run does', async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: REACH + 1, max: 70 }),
      fc.boolean(),
      async (total, size, streams) => {
        const { stages, runs } = summing(streams);
        const pieces = piecesOf(stages, total);
        const made: number[] = [];
        while (pieces.done < total) {
          const { start, end, outputs } = await pieces.next(Math.min(total, pieces.done + size));
          expect(start).toBe(made.length);
          made.push(...(outputs.mel.data as Float32Array));
          expect(end).toBe(made.length);
        }
        expect(made).toEqual([...sums(curve(total).data as Float32Array)]);
        if (streams) expect(runs.reduce((all, one) => all + one, 0)).toBe(total);
      },
    );
    await fc.assert(property);
  });

  it('gives each frame once where the runtime goes on, and some twice where it does not', async () => {
    const sizes = async (streams: boolean) => {
      const { stages, runs } = summing(streams);
      const pieces = piecesOf(stages, 30);
      for (const end of [10, 20, 30]) await pieces.next(end);
      return runs;
    };
    expect(await sizes(true)).toEqual([10 + REACH, 10, 10 - REACH]);
    expect(await sizes(false)).toEqual([10 + REACH, 10 + 2 * REACH, 10 + REACH]);
  });

  it('ends with a longer piece where the frames that it reads ahead are the last', async () => {
    const pieces = piecesOf(summing(true).stages, 30);
    await pieces.next(10);
    expect(await pieces.next(27)).toMatchObject({ start: 10, end: 30 });
    expect(pieces.done).toBe(30);
  });

  it('runs a sequence of one piece without a state', async () => {
    const { stages } = summing(true);
    const seen: string[][] = [];
    const run: StageRunner['run'] = (stage, inputs) => {
      seen.push(Object.keys(inputs));
      return stages.run(stage, inputs);
    };
    await piecesOf({ ...stages, run }, 30).next(30);
    expect(seen).toEqual([['f0']]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Tensor, Tensors } from '../../../src/inference/backend.ts';
import { endOf, predictProsody } from '../../../src/synthesis/acoustic/prosody.ts';
import type { StageRunner } from '../../../src/synthesis/stages.ts';

/** A network whose outputs at a frame are sums over the 48 frames to each side; it records how many frames it gets. */
function stages(): { runner: StageRunner; sizes: number[] } {
  const sizes: number[] = [];
  const run = async (_: string, { frames }: Tensors): Promise<Tensors> => {
    const [, count, width] = frames.dims;
    sizes.push(count);
    const value = (t: number) => (frames.data as Float32Array)[t * width];
    const sums = Float32Array.from({ length: count }, (_, t) => {
      let sum = 0;
      for (let s = Math.max(0, t - 48); s <= Math.min(count - 1, t + 48); s++) sum += value(s);
      return sum;
    });
    const curve = (): Tensor => ({ type: 'float32', data: sums.slice(), dims: [1, count] });
    return { f0: curve(), voicing: curve(), energy: curve() };
  };
  return { runner: { run }, sizes };
}

describe('endOf', () => {
  const style: Tensor = { type: 'float32', data: new Float32Array(4), dims: [1, 4] };
  const input = (lengths: number[]) => ({
    hidden: {
      type: 'float32',
      data: Float32Array.from(lengths, (_, p) => p + 1),
      dims: [1, lengths.length, 1],
    } as Tensor,
    lengths: Int32Array.from(lengths),
    style,
  });

  it('gives the last 2 s of the curves of a long utterance by a short run', async () => {
    const { runner, sizes } = stages();
    const long = input([40, 200, 7, 90, 60, 33, 20]);
    const whole = await predictProsody(runner, long);
    const end = await endOf(runner, long);
    expect(end.energy).toEqual((whole.energy.data as Float32Array).slice(-160));
    expect(end.voicing).toEqual((whole.voicing.data as Float32Array).slice(-160));
    expect(end.whole).toBeUndefined();
    expect(sizes).toEqual([450, 208]);
  });

  it('gives all of a short one, and its prosody', async () => {
    const { runner } = stages();
    const end = await endOf(runner, input([10, 20, 30]));
    expect(end.energy.length).toBe(60);
    expect(end.whole?.frames.dims).toEqual([1, 60, 4]);
  });
});

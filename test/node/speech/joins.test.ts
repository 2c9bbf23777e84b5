import { beforeAll, describe, expect, it } from 'vitest';
import { MODELS_FOLDER } from '../../../scripts/lib/node-engine.ts';
import { plainRequest } from '../../../scripts/lib/plain-request.ts';
import { createLocalEngine } from '../../../src/engine/local.ts';
import { createModelHost, type OpenModel } from '../../../src/engine/model-host.ts';
import type { Tensor, Tensors } from '../../../src/inference/backend.ts';
import { createNativeBackend } from '../../../src/inference/native.ts';
import { createModelLoader } from '../../../src/shards/loader.ts';
import { fsSource } from '../../../src/shards/sources/fs.ts';
import { melBounds, REACH } from '../../../src/synthesis/acoustic/mel-pieces.ts';
import { trackPitch } from '../../../src/synthesis/reference/track-pitch.ts';

/** One sentence of about 15 s: its mel is decoded in several pieces. */
const SENTENCE =
  'When the sunlight strikes raindrops in the air they act as a prism and form a rainbow which is a division of white light into many beautiful colours that take the shape of a long round arch.';
const HOP = 300;
const BANDS = 100;

interface Spoken {
  readonly samples: Float32Array;
  /** First frames of the pieces, except the first piece. */
  readonly joins: readonly number[];
  /** ln magnitudes [T, bands], in pieces and at once. */
  readonly pieced: Float32Array;
  readonly whole: Float32Array;
}

let spoken: Spoken;

beforeAll(async () => {
  const loader = createModelLoader({ source: fsSource(MODELS_FOLDER) });
  const host = createModelHost({ loader, backend: createNativeBackend() });
  const runs: Tensors[] = [];
  const watching = ({ runner, ...model }: OpenModel): OpenModel => ({
    ...model,
    runner: {
      async run(stage, inputs, signal) {
        const outputs = await runner.run(stage, inputs, signal);
        // The engine frees tensors that it has used.
        if (stage === 'mel_decoder') runs.push(structuredClone({ ...inputs, mel: outputs.mel }));
        return outputs;
      },
    },
  });
  const open = async (name: string, signal?: AbortSignal) => watching(await host.open(name, signal));
  const engine = createLocalEngine({ host: { ...host, open }, models: ['sori-2'] });
  const request = plainRequest({ input: SENTENCE, seed: 3, refineSteps: 0, exactLength: true });
  const { chunks, totalSamples = 0 } = await engine.speak(request);
  const samples = new Float32Array(totalSamples);
  let at = 0;
  for await (const chunk of chunks) {
    samples.set(chunk, at);
    at += chunk.length;
  }
  const planned = melBounds(Math.round(totalSamples / HOP), false);
  expect(runs).toHaveLength(planned.length);
  // The silence after the last frame is not decoded.
  const frames = planned[planned.length - 1].start + runs[runs.length - 1].frames.dims[1] - REACH;
  const bounds = planned.map(({ start, end }) => ({ start, end: Math.min(end, frames) }));
  /** Joins the frames of all runs, without the context frames that overlap their neighbours. */
  const joined = (name: string): Tensor => {
    const width = runs[0][name].dims.slice(2).reduce((all, size) => all * size, 1);
    const data = new Float32Array(frames * width);
    for (const [i, { start, end }] of bounds.entries()) {
      const tensor = runs[i][name];
      const seen = start === 0 ? 0 : tensor.dims[1] - (end - start) - (end === frames ? 0 : REACH);
      const own = (tensor.data as Float32Array).subarray(seen * width, (seen + end - start) * width);
      data.set(own, start * width);
    }
    return { type: 'float32', data, dims: [1, frames, ...runs[0][name].dims.slice(2)] };
  };
  const { runner } = await host.open('sori-2');
  const inputs = Object.fromEntries(
    ['frames', 'f0', 'voicing', 'energy'].map((name) => [name, joined(name)]),
  );
  const { mel } = await runner.run('mel_decoder', { ...inputs, style: runs[0].style });
  spoken = {
    samples,
    joins: bounds.slice(1).map(({ start }) => start),
    pieced: joined('mel').data as Float32Array,
    whole: mel.data as Float32Array,
  };
}, 60_000);

/** Sorted differences between neighbouring frames that are loud enough to compare, without those at joins. */
function elsewhere(steps: readonly (number | undefined)[], joins: readonly number[]): number[] {
  const near = (t: number) => joins.some((join) => Math.abs(t - join) <= 2);
  return steps.filter((step, t): step is number => step !== undefined && !near(t)).sort((a, b) => a - b);
}

const at = (sorted: readonly number[], share: number) => sorted[Math.floor(share * (sorted.length - 1))];

describe('joins of chunks inside a sentence', () => {
  it('there are several', () => {
    expect(spoken.joins.length).toBeGreaterThan(2);
  });

  it('the F0 is as continuous as elsewhere', () => {
    const { samples, joins } = spoken;
    const f0 = trackPitch(samples);
    const steps = Array.from(f0, (hz, t) =>
      t > 0 && hz > 0 && f0[t - 1] > 0 ? Math.abs(Math.log(hz / f0[t - 1])) : undefined,
    );
    const usual = at(elsewhere(steps, joins), 0.95);
    for (const join of joins) {
      for (const step of steps.slice(join - 1, join + 2))
        if (step !== undefined) expect(step).toBeLessThan(2 * usual);
    }
  });

  it('the energy is as continuous as elsewhere', () => {
    const { pieced, joins } = spoken;
    const level = Array.from({ length: pieced.length / BANDS }, (_, t) => {
      const frame = pieced.subarray(t * BANDS, (t + 1) * BANDS);
      return Math.log(frame.reduce((sum, magnitude) => sum + Math.exp(2 * magnitude), 0)) / 2;
    });
    const steps = level.map((one, t) => (t > 0 ? Math.abs(one - level[t - 1]) : undefined));
    const usual = at(elsewhere(steps, joins), 0.95);
    for (const join of joins) expect(steps[join]).toBeLessThan(usual);
  });

  it('the audio differs from that of a single run no more than in other frames', () => {
    const { pieced, whole, joins } = spoken;
    const difference = (t: number) => {
      let sum = 0;
      for (let i = t * BANDS; i < (t + 1) * BANDS; i++) sum += (pieced[i] - whole[i]) ** 2;
      return Math.sqrt(sum / BANDS);
    };
    const all = Array.from({ length: whole.length / BANDS }, (_, t) => difference(t)).sort((a, b) => a - b);
    for (const join of joins) {
      for (let t = join - 4; t < join + 4; t++) expect(difference(t)).toBeLessThan(2 * at(all, 0.95));
    }
    // What is left is the rounding of the weights' integers.
    expect(at(all, 0.99)).toBeLessThan(0.2);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../../src/inference/backend.ts';
import { createRandom } from '../../../src/synthesis/random.ts';
import type { StageRunner } from '../../../src/synthesis/stages.ts';
import { WaveformRenderer } from '../../../src/synthesis/vocoder/renderer.ts';
import { chunkBounds, vocode } from '../../../src/synthesis/vocoder/vocoder.ts';
import { referenceWaveform } from '../../support/reference-vocoder.ts';

const shape = { sampleRate: 24000, hop: 300, fft: 1024, bands: 100 } as const;
const contour = (frames: number) =>
  Float32Array.from({ length: frames }, (_, t) => 180 + 60 * Math.sin(t / 15));

function randomBands(frames: number, level: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: frames * 100 }, () => random.gaussian() + level);
}

async function renderWhole(f0: Float32Array, harmonic: Float32Array, noise: Float32Array, seed: number) {
  return (await WaveformRenderer.create(f0, shape, seed)).render(harmonic, noise, f0.length);
}

describe('WaveformRenderer', () => {
  it.each([1, 2, 9])('agrees with the formulas written as plain sums, %i frames', async (frames) => {
    const harmonic = randomBands(frames, -2, 1);
    const noise = randomBands(frames, -3, 2);
    const made = await renderWhole(contour(frames), harmonic, noise, 7);
    const expected = referenceWaveform(contour(frames), harmonic, noise, 7);
    expect(made.length).toBe(frames * 300);
    for (let n = 0; n < made.length; n++) expect(Math.abs(made[n] - expected[n])).toBeLessThan(2e-6);
  });

  it('yields the same samples however the frames are cut, and while others are rendered', async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 150 }), cuts, async (frames, sizes) => {
        const harmonic = randomBands(frames, -2, 1);
        const noise = randomBands(frames, -3, 2);
        const whole = await renderWhole(contour(frames), harmonic, noise, 7);
        const renderer = await WaveformRenderer.create(contour(frames), shape, 7);
        const parts: number[] = [];
        for (let start = 0, i = 0; start < frames; i++) {
          const count = Math.min(sizes[i % sizes.length], frames - start);
          const slice = (values: Float32Array) => values.subarray(start * 100, (start + count) * 100);
          parts.push(...renderer.render(slice(harmonic), slice(noise), count));
          await renderWhole(contour(2), harmonic, noise, i);
          start += count;
        }
        expect(Float32Array.from(parts)).toEqual(whole);
      }),
      { numRuns: 25 },
    );
  });

  it('speaks on pitch: the strongest period of the harmonics is that of F0', async () => {
    const frames = 40;
    const silence = new Float32Array(frames * 100).fill(-20);
    const out = await renderWhole(
      new Float32Array(frames).fill(200),
      new Float32Array(frames * 100),
      silence,
      1,
    );
    const correlate = (lag: number) => {
      let sum = 0;
      for (let n = 3000; n < 8000; n++) sum += out[n] * out[n + lag];
      return sum;
    };
    const lags = Array.from({ length: 150 }, (_, i) => i + 60);
    expect(lags.reduce((best, lag) => (correlate(lag) > correlate(best) ? lag : best))).toBe(120);
  });

  it('takes other noise for another seed', async () => {
    const bands = randomBands(5, -2, 1);
    expect(await renderWhole(contour(5), bands, bands, 1)).not.toEqual(
      await renderWhole(contour(5), bands, bands, 2),
    );
  });
});

describe('vocode', () => {
  it('covers every frame once, in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), (frames) => {
        let next = 0;
        for (const { start, end } of chunkBounds(frames)) {
          expect(start).toBe(next);
          expect(end).toBeGreaterThan(start);
          next = end;
        }
        expect(next).toBe(frames);
      }),
    );
  });

  /** A "network" with a receptive field of 3 frames to each side: the mean of the mel's neighbours. */
  const smoothing = (calls: number[]): StageRunner => ({
    async run(_stage, { mel }) {
      const [, frames, bands] = mel.dims;
      calls.push(frames);
      const source = mel.data as Float32Array;
      const data = new Float32Array(frames * bands);
      for (let t = 0; t < frames; t++) {
        for (let b = 0; b < bands; b++) {
          for (let d = -3; d <= 3; d++) data[t * bands + b] += (source[(t + d) * bands + b] ?? 0) / 7;
        }
      }
      const out: Tensor = { type: 'float32', data, dims: mel.dims };
      return { harmonic: out, noise: out };
    },
  });

  it('has no seam: chunks equal the waveform of the whole utterance', async () => {
    const frames = 200;
    const mel: Tensor = { type: 'float32', data: randomBands(frames, -3, 4), dims: [1, frames, 100] };
    const f0 = contour(frames);
    const voicing = new Float32Array(frames).fill(1);
    const calls: number[] = [];
    const chunks: Float32Array[] = [];
    const options = { shape, contextFrames: 3, seed: 2 };
    for await (const chunk of vocode(smoothing(calls), { mel, f0, voicing }, options)) chunks.push(chunk);
    const whole = await smoothing([]).run('vocoder', { mel });
    const filters = (tensor: Tensor) => tensor.data as Float32Array;
    const expected = await renderWhole(f0, filters(whole.harmonic), filters(whole.noise), 2);
    expect(calls.length).toBeGreaterThan(1);
    expect(Float32Array.from(chunks.flatMap((chunk) => [...chunk]))).toEqual(expected);
  });
});

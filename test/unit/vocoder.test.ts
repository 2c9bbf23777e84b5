import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/inference/backend.ts';
import { createRandom } from '../../src/pipeline/random.ts';
import type { StageRunner } from '../../src/pipeline/stages.ts';
import { Excitation } from '../../src/pipeline/vocoder/excitation.ts';
import { FilterBank } from '../../src/pipeline/vocoder/filters.ts';
import { WaveformRenderer } from '../../src/pipeline/vocoder/renderer.ts';
import { chunkBounds, vocode } from '../../src/pipeline/vocoder/vocoder.ts';

const shape = { sampleRate: 24000, hop: 300, fft: 1024, bands: 100 };
const contour = (frames: number) =>
  Float32Array.from({ length: frames }, (_, t) => 180 + 60 * Math.sin(t / 15));

function randomBands(frames: number, level: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: frames * 100 }, () => random.gaussian() + level);
}

describe('WaveformRenderer', () => {
  it('gives back the excitation when both filters pass everything', () => {
    const frames = 12;
    const f0 = contour(frames);
    const flat = new Float32Array(frames * 100);
    const out = new WaveformRenderer(f0, shape, createRandom(5)).render(flat, flat, frames);
    const excitation = new Excitation(f0, 300, 24000, createRandom(5));
    excitation.fill(frames * 300);
    // The last half window holds the repeated last frame, as in training; before it analysis and synthesis cancel.
    for (let n = 0; n < (frames - 1) * 300 - 512; n++) {
      expect(out[n]).toBeCloseTo(excitation.pulses[n] + excitation.noise[n], 3);
    }
  });

  it('yields the same samples however the frames are cut', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (frames, cuts) => {
          const harmonic = randomBands(frames, -2, 1);
          const noise = randomBands(frames, -3, 2);
          const whole = new WaveformRenderer(contour(frames), shape, createRandom(7)).render(
            harmonic,
            noise,
            frames,
          );
          const renderer = new WaveformRenderer(contour(frames), shape, createRandom(7));
          const parts: number[] = [];
          for (let start = 0, i = 0; start < frames; i++) {
            const count = Math.min(cuts[i % cuts.length], frames - start);
            const slice = (values: Float32Array) => values.subarray(start * 100, (start + count) * 100);
            parts.push(...renderer.render(slice(harmonic), slice(noise), count));
            start += count;
          }
          expect(whole.length).toBe(frames * 300);
          expect(Float32Array.from(parts)).toEqual(whole);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('speaks on pitch: the strongest period of the harmonics is that of F0', () => {
    const frames = 40;
    const f0 = new Float32Array(frames).fill(200);
    const silence = new Float32Array(frames * 100).fill(-20);
    const out = new WaveformRenderer(f0, shape, createRandom(1)).render(
      new Float32Array(frames * 100),
      silence,
      frames,
    );
    const correlate = (lag: number) => {
      let sum = 0;
      for (let n = 3000; n < 8000; n++) sum += out[n] * out[n + lag];
      return sum;
    };
    const lags = Array.from({ length: 150 }, (_, i) => i + 60);
    expect(lags.reduce((best, lag) => (correlate(lag) > correlate(best) ? lag : best))).toBe(120);
  });
});

describe('FilterBank', () => {
  it('keeps the magnitude and makes the impulse response causal and front-loaded', () => {
    const bank = new FilterBank(1024, 100, 24000);
    const values = randomBands(1, -1, 3).map((value, i) => value * 0.2 - i / 50);
    const magnitude = new Float64Array(513);
    const response = new Float64Array(1026);
    bank.magnitude(values, 0, magnitude);
    bank.minimumPhase(values, 0, response);
    for (let k = 0; k <= 512; k++) {
      expect(Math.hypot(response[2 * k], response[2 * k + 1]) / magnitude[k]).toBeCloseTo(1, 6);
    }
    const impulse = Array.from({ length: 1024 }, (_, n) => {
      let sum = 0;
      for (let k = 0; k < 1024; k++) {
        const bin = k <= 512 ? k : 1024 - k;
        const im = (k <= 512 ? 1 : -1) * response[2 * bin + 1];
        const angle = (2 * Math.PI * k * n) / 1024;
        sum += response[2 * bin] * Math.cos(angle) - im * Math.sin(angle);
      }
      return sum / 1024;
    });
    const energy = (from: number, to: number) =>
      impulse.slice(from, to).reduce((sum, value) => sum + value * value, 0);
    expect(energy(0, 256)).toBeGreaterThan(0.99 * energy(0, 1024));
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

  /** A "network" with a receptive field of 3 frames: the mean of the mel's neighbours. */
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
    const options = { shape, contextFrames: 3, random: createRandom(2) };
    for await (const chunk of vocode(smoothing(calls), { mel, f0, voicing }, options)) chunks.push(chunk);
    const whole = await smoothing([]).run('vocoder', { mel });
    const expected = new WaveformRenderer(f0, shape, createRandom(2)).render(
      whole.harmonic.data as Float32Array,
      whole.noise.data as Float32Array,
      frames,
    );
    expect(calls.length).toBeGreaterThan(1);
    expect(Float32Array.from(chunks.flatMap((chunk) => [...chunk]))).toEqual(expected);
  });
});

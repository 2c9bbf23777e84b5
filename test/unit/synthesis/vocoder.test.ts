import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../../src/inference/backend.ts';
import { createRandom } from '../../../src/synthesis/random.ts';
import type { StageRunner } from '../../../src/synthesis/stages.ts';
import { type Curves, type FrameFilters, WaveformRenderer } from '../../../src/synthesis/vocoder/renderer.ts';
import { chunkBounds, vocode } from '../../../src/synthesis/vocoder/vocoder.ts';
import { referenceWaveform } from '../../support/models/reference-vocoder.ts';

const BINS = 513;
const shapeOf = (rounds: number) =>
  ({ sampleRate: 24000, hop: 300, fft: 1024, bands: 100, modulationBands: 8, rounds }) as const;
const curvesOf = (frames: number): Curves => ({
  f0: Float32Array.from({ length: frames }, (_, t) => 180 + 60 * Math.sin(t / 15)),
  voicing: Float32Array.from({ length: frames }, (_, t) => (t % 11 < 7 ? 0.9 : 0.1)),
});

function filtersOf(frames: number, { voicing }: Curves, seed = 1): FrameFilters {
  const random = createRandom(seed);
  const draw = (size: number, level: number) =>
    Float32Array.from({ length: frames * size }, () => random.gaussian() + level);
  const angle = draw(BINS, 0);
  return {
    harmonic: draw(BINS, -4),
    noise: draw(BINS, -5),
    real: angle.map((x) => 3 * Math.cos(x)),
    imaginary: angle.map((x) => 3 * Math.sin(x)),
    modulation: draw(32, 0).map((value, i) => (voicing[Math.floor(i / 32)] > 0.5 ? value : 0)),
    mel: draw(100, -2),
  };
}

function cutFilters(filters: FrameFilters, frames: number, start: number, end: number): FrameFilters {
  const entries = Object.entries(filters) as [keyof FrameFilters, Float32Array][];
  return Object.fromEntries(
    entries.map(([name, values]) => {
      const size = values.length / frames;
      return [name, values.subarray(start * size, end * size)];
    }),
  ) as unknown as FrameFilters;
}

/** Power around a frequency, of the samples from 3000 to 8000. */
function powerAt(out: Float32Array, hz: number): number {
  let [re, im] = [0, 0];
  for (let n = 3000; n < 8000; n++) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * (n - 3000)) / 5000);
    re += window * out[n] * Math.cos((2 * Math.PI * hz * n) / 24000);
    im += window * out[n] * Math.sin((2 * Math.PI * hz * n) / 24000);
  }
  return re * re + im * im;
}

async function renderWhole(curves: Curves, filters: FrameFilters, seed: number, rounds = 1) {
  return (await WaveformRenderer.create(curves, shapeOf(rounds), seed)).render(filters, curves.f0.length);
}

describe('WaveformRenderer', () => {
  it.each([
    [1, 1],
    [2, 0],
    [5, 1],
    [5, 3],
    [24, 3],
  ])('agrees with the formulas written as plain sums, %i frames, %i rounds', async (frames, rounds) => {
    const curves = curvesOf(frames);
    const filters = filtersOf(frames, curves);
    const made = await renderWhole(curves, filters, 7, rounds);
    const expected = referenceWaveform(curves, filters, 7, rounds);
    expect(made.length).toBe(frames * 300);
    const scale = Math.max(...expected.map(Math.abs));
    const difference = made.reduce((most, value, n) => Math.max(most, Math.abs(value - expected[n])), 0);
    expect(difference / scale).toBeLessThan(1e-4);
  });

  it('gives the same samples for any chunk sizes, and beside other renderers', async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
    const cases = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 3 }));
    await fc.assert(
      fc.asyncProperty(cases, cuts, async ([frames, rounds], sizes) => {
        const curves = curvesOf(frames);
        const filters = filtersOf(frames, curves);
        const whole = await renderWhole(curves, filters, 7, rounds);
        const renderer = await WaveformRenderer.create(curves, shapeOf(rounds), 7);
        const parts: number[] = [];
        for (let start = 0, i = 0; start < frames; i++) {
          const end = Math.min(frames, start + sizes[i % sizes.length]);
          parts.push(...renderer.render(cutFilters(filters, frames, start, end), end - start));
          await renderWhole(curvesOf(2), filtersOf(2, curvesOf(2)), i);
          start = end;
        }
        expect(Float32Array.from(parts)).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it('gives a low tone all its harmonics beside a high one, where their number follows the pitch', async () => {
    const frames = 80;
    // A low tone, then one two octaves higher.
    const f0 = Float32Array.from({ length: frames }, (_, t) => (t < 40 ? 150 : 600));
    const curves = { f0, voicing: new Float32Array(frames).fill(1) };
    const filters = filtersOf(frames, curves);
    filters.harmonic.fill(-4);
    filters.real.fill(1);
    filters.imaginary.fill(0);
    filters.noise.fill(-14);
    const render = async (followsPitch: boolean) => {
      const shape = { ...shapeOf(0), followsPitch };
      return (await WaveformRenderer.create(curves, shape, 1)).render(filters, frames);
    };
    const [follows, fixed] = [await render(true), await render(false)];
    // 19 harmonics of 600 Hz lie below 11.5 kHz, and 76 of 150 Hz.
    expect(powerAt(fixed, 50 * 150) / powerAt(fixed, 10 * 150)).toBeLessThan(0.01);
    expect(powerAt(follows, 50 * 150) / powerAt(follows, 10 * 150)).toBeGreaterThan(0.5);
  });

  it('is in tune: the strongest period of the harmonics is that of F0', async () => {
    const frames = 40;
    const curves = { f0: new Float32Array(frames).fill(200), voicing: new Float32Array(frames).fill(1) };
    const filters = filtersOf(frames, curves);
    filters.harmonic.fill(-4);
    filters.real.fill(1);
    filters.imaginary.fill(0);
    filters.noise.fill(-14);
    const out = await renderWhole(curves, filters, 1, 0);
    const correlate = (lag: number) => {
      let sum = 0;
      for (let n = 3000; n < 8000; n++) sum += out[n] * out[n + lag];
      return sum;
    };
    const lags = Array.from({ length: 150 }, (_, i) => i + 60);
    expect(lags.reduce((best, lag) => (correlate(lag) > correlate(best) ? lag : best))).toBe(120);
  });

  it('uses other noise for another seed', async () => {
    const curves = curvesOf(5);
    const filters = filtersOf(5, curves);
    expect(await renderWhole(curves, filters, 1)).not.toEqual(await renderWhole(curves, filters, 2));
  });

  it("gives the training code's waveform for the same filters and noise", async () => {
    const bytes = await readFile('test/fixtures/waveform.f32');
    const expected = new Float32Array(new Uint8Array(bytes).buffer);
    const { curves, filters } = formulaInputs(expected.length / 300);
    const shape = { ...shapeOf(2), modulationBands: 32 };
    const made = (await WaveformRenderer.create(curves, shape, 93)).render(filters, curves.f0.length);
    const scale = Math.max(...expected.map(Math.abs));
    const difference = made.reduce((most, value, n) => Math.max(most, Math.abs(value - expected[n])), 0);
    expect(difference / scale).toBeLessThan(1e-3);
  });
});

/** The inputs that `scripts/train/sori2/release/waveform_answer.py` takes. */
function formulaInputs(frames: number): { curves: Curves; filters: FrameFilters } {
  const table = (size: number, value: (t: number, k: number) => number) =>
    Float32Array.from({ length: frames * size }, (_, i) => value(Math.floor(i / size), i % size));
  const voiced = (t: number) => (t % 13 < 9 ? 1 : 0);
  const angle = (t: number, k: number) => 2 * Math.sin(0.05 * k + 0.3 * t);
  return {
    curves: {
      f0: table(1, (t) => 150 + 40 * Math.sin(0.2 * t)),
      voicing: table(1, voiced),
    },
    filters: {
      harmonic: table(BINS, (t, k) => -4 - k / 130 + Math.cos(0.07 * k + 0.2 * t)),
      noise: table(BINS, (t, k) => -6 + k / 250 + 0.5 * Math.sin(0.03 * k - 0.4 * t)),
      real: table(BINS, (t, k) => Math.cos(angle(t, k))),
      imaginary: table(BINS, (t, k) => Math.sin(angle(t, k))),
      modulation: table(128, (t, k) => voiced(t) * 0.6 * Math.sin(0.5 * k + 0.1 * t)),
      mel: table(100, (t, k) => -2 - k / 40 + Math.sin(0.15 * k + 0.25 * t)),
    },
  };
}

describe('vocode', () => {
  it('covers every frame once, in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.boolean(), (frames, streams) => {
        let next = 0;
        for (const { start, end } of chunkBounds(frames, streams)) {
          expect(start).toBe(next);
          expect(end).toBeGreaterThan(start);
          next = end;
        }
        expect(next).toBe(frames);
      }),
    );
  });

  it('begins with a small piece, and where a runtime can go on from a piece, all are small', () => {
    expect(chunkBounds(64, true)).toEqual([{ start: 0, end: 64 }]);
    expect(chunkBounds(65, true)).toEqual([
      { start: 0, end: 32 },
      { start: 32, end: 65 },
    ]);
    expect(chunkBounds(150, true)).toEqual([
      { start: 0, end: 32 },
      { start: 32, end: 91 },
      { start: 91, end: 150 },
    ]);
    fc.assert(
      fc.property(fc.integer({ min: 65, max: 5000 }), (frames) => {
        for (const { start, end } of chunkBounds(frames, true)) {
          expect(end - start).toBeGreaterThanOrEqual(32);
          expect(end - start).toBeLessThanOrEqual(64);
        }
      }),
    );
  });

  it('renders short utterances in one piece where pieces cost time', () => {
    expect(chunkBounds(160, false)).toEqual([{ start: 0, end: 160 }]);
    expect(chunkBounds(161, false)[0]).toEqual({ start: 0, end: 32 });
    expect(chunkBounds(1, false)).toEqual([{ start: 0, end: 1 }]);
  });

  /** A "network" with a receptive field of 3 frames to each side: the mean of the mel's neighbours. */
  const smoothing = (calls: number[]): StageRunner => ({
    async run(_stage, { mel }) {
      const [, frames, bands] = mel.dims;
      calls.push(frames);
      const source = mel.data as Float32Array;
      const spread = (size: number, level: number): Tensor => {
        const data = new Float32Array(frames * size);
        for (let t = 0; t < frames; t++) {
          for (let b = 0; b < size; b++) {
            for (let d = -3; d <= 3; d++) {
              data[t * size + b] += (source[(t + d) * bands + (b % bands)] ?? 0) / 7;
            }
            data[t * size + b] += level;
          }
        }
        return { type: 'float32', data, dims: [1, frames, size] };
      };
      return {
        harmonic: spread(BINS, -3),
        noise: spread(BINS, -4),
        real: spread(BINS, 1),
        imaginary: spread(BINS, 0),
        modulation: spread(32, 0),
      };
    },
  });

  it('has no seams: chunks equal the waveform of the whole utterance', async () => {
    const frames = 200;
    const curves = curvesOf(frames);
    const data = filtersOf(frames, curves, 4).mel;
    const mel: Tensor = { type: 'float32', data, dims: [1, frames, 100] };
    const calls: number[] = [];
    const chunks: Float32Array[] = [];
    const options = { shape: shapeOf(2), contextFrames: 3, seed: 2 };
    for await (const chunk of vocode(smoothing(calls), { mel, ...curves }, options)) chunks.push(chunk);
    const whole = await smoothing([]).run('vocoder', { mel });
    const floats = (tensor: Tensor) => tensor.data as Float32Array;
    const filters = {
      harmonic: floats(whole.harmonic),
      noise: floats(whole.noise),
      real: floats(whole.real),
      imaginary: floats(whole.imaginary),
      modulation: floats(whole.modulation),
      mel: data,
    };
    const expected = await renderWhole(curves, filters, 2, 2);
    expect(calls.length).toBeGreaterThan(1);
    expect(Float32Array.from(chunks.flatMap((chunk) => [...chunk]))).toEqual(expected);
  });
});

import FFT from 'fft.js';
import type { Random } from '../random.ts';
import { Excitation } from './excitation.ts';
import { FilterBank } from './filters.ts';

/** Sizes that the model's manifest fixes. */
export interface RendererShape {
  readonly sampleRate: number;
  readonly hop: number;
  /** FFT and window length N. */
  readonly fft: number;
  /** Mel-spaced points of each filter. */
  readonly bands: number;
}

/**
 * Renders the waveform of one utterance frame by frame: filters the excitation's STFT with the vocoder's filters and overlap-adds.
 * Frame t is centred on sample t * hop and edges are mirrored, so that the result equals
 * `istft(stft(pulses) * harmonic + stft(noise) * noise)` of the whole utterance, no matter how the frames are cut into calls.
 */
export class WaveformRenderer {
  readonly #shape: RendererShape;
  readonly #frames: number;
  readonly #excitation: Excitation;
  readonly #filters: FilterBank;
  readonly #fft: FFT;
  readonly #window: Float64Array;
  /** Overlap-add accumulators; index 0 is sample `#emitted`. */
  readonly #sum: Float64Array;
  readonly #weight: Float64Array;
  #emitted = 0;
  #frame = 0;
  readonly #complexA: Float64Array;
  readonly #complexB: Float64Array;
  readonly #harmonic: Float64Array;
  readonly #noise: Float64Array;

  /** @param f0 [T] Hz of the whole utterance, above 0 everywhere. */
  constructor(f0: Float32Array, shape: RendererShape, random: Random) {
    const { fft, hop, sampleRate, bands } = shape;
    this.#shape = shape;
    this.#frames = f0.length;
    this.#excitation = new Excitation(f0, hop, sampleRate, random);
    this.#filters = new FilterBank(fft, bands, sampleRate);
    this.#fft = new FFT(fft);
    this.#window = Float64Array.from(
      { length: fft },
      (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / fft),
    );
    this.#sum = new Float64Array(2 * fft);
    this.#weight = new Float64Array(2 * fft);
    this.#complexA = new Float64Array(2 * fft);
    this.#complexB = new Float64Array(2 * fft);
    this.#harmonic = new Float64Array(fft + 2);
    this.#noise = new Float64Array(fft / 2 + 1);
  }

  /**
   * Takes the next frames' filters.
   * @param harmonic [count, bands] log magnitudes.
   * @param noise [count, bands] log magnitudes.
   * @returns the samples that no later frame touches; after the last frame, all that is left.
   */
  render(harmonic: Float32Array, noise: Float32Array, count: number): Float32Array {
    const { hop, fft } = this.#shape;
    const total = this.#frames * hop;
    const done = this.#frame + count === this.#frames;
    const end = done ? total : Math.max(this.#emitted, (this.#frame + count) * hop - fft / 2);
    const out = new Float32Array(end - this.#emitted);
    let written = 0;
    for (let i = 0; i < count; i++) {
      this.#filterFrame(harmonic, noise, i);
      this.#overlapAdd();
      // The analysis has one centred frame more than T; training repeats the last one for it, and so do we.
      if (this.#frame === this.#frames - 1) {
        this.#frame++;
        this.#overlapAdd();
        this.#frame--;
      }
      this.#frame++;
      const ready = this.#frame === this.#frames ? total : this.#frame * hop - fft / 2;
      written = this.#emit(ready, out, written);
    }
    return out;
  }

  /** Leaves the filtered frame, as a time signal of N samples, in `#complexB`. */
  #filterFrame(harmonic: Float32Array, noise: Float32Array, index: number): void {
    const { hop, fft } = this.#shape;
    const total = this.#frames * hop;
    const start = this.#frame * hop - fft / 2;
    // The first frame mirrors the half window after sample 0, one sample beyond its own end.
    this.#excitation.fill(Math.max(start + fft, fft / 2 + 1));
    const a = this.#complexA;
    const b = this.#complexB;
    const { pulses, noise: white } = this.#excitation;
    for (let i = 0; i < fft; i++) {
      const n = mirror(start + i, total);
      a[2 * i] = pulses[n] * this.#window[i];
      a[2 * i + 1] = white[n] * this.#window[i];
    }
    // One complex transform of pulses + i * noise serves both real signals; their spectra part by symmetry.
    this.#fft.transform(b, a);
    this.#filters.minimumPhase(harmonic, index, this.#harmonic);
    this.#filters.magnitude(noise, index, this.#noise);
    const h = this.#harmonic;
    const half = fft / 2;
    for (let k = 0; k <= half; k++) {
      const m = (fft - k) % fft;
      const pulseRe = (b[2 * k] + b[2 * m]) / 2;
      const pulseIm = (b[2 * k + 1] - b[2 * m + 1]) / 2;
      const noiseRe = (b[2 * k + 1] + b[2 * m + 1]) / 2;
      const noiseIm = (b[2 * m] - b[2 * k]) / 2;
      const re = pulseRe * h[2 * k] - pulseIm * h[2 * k + 1] + noiseRe * this.#noise[k];
      const im = pulseRe * h[2 * k + 1] + pulseIm * h[2 * k] + noiseIm * this.#noise[k];
      a[2 * k] = re;
      a[2 * k + 1] = k === 0 || k === half ? 0 : im;
      if (k > 0 && k < half) {
        a[2 * m] = re;
        a[2 * m + 1] = -im;
      }
    }
    this.#fft.inverseTransform(b, a);
  }

  /** Adds the frame in `#complexB` at the place of `#frame`. */
  #overlapAdd(): void {
    const { hop, fft } = this.#shape;
    const offset = this.#frame * hop - fft / 2 - this.#emitted;
    for (let i = Math.max(0, -offset); i < fft; i++) {
      const w = this.#window[i];
      this.#sum[offset + i] += this.#complexB[2 * i] * w;
      this.#weight[offset + i] += w * w;
    }
  }

  /** Moves finished samples out of the accumulators. */
  #emit(ready: number, out: Float32Array, written: number): number {
    const count = ready - this.#emitted;
    if (count <= 0) return written;
    for (let i = 0; i < count; i++) out[written + i] = this.#sum[i] / Math.max(this.#weight[i], 1e-11);
    this.#sum.copyWithin(0, count);
    this.#weight.copyWithin(0, count);
    this.#sum.fill(0, this.#sum.length - count);
    this.#weight.fill(0, this.#weight.length - count);
    this.#emitted = ready;
    return written + count;
  }
}

/** Index within [0, length) of a position mirrored at both edges without repeating the edge sample (numpy's `reflect`). */
function mirror(position: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const wrapped = ((position % period) + period) % period;
  return wrapped < length ? wrapped : period - wrapped;
}

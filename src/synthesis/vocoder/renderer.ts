import { concatFloats } from '../../base/bytes.ts';
import { freeArrays } from '../../base/free.ts';
import { type KERNEL_FFT, type Kernel, openKernel } from './kernel/kernel.ts';

/** Sizes that the model's manifest fixes. */
export interface RendererShape {
  readonly sampleRate: number;
  readonly hop: number;
  /** FFT and window length; the kernel is written for 1024. */
  readonly fft: typeof KERNEL_FFT;
  /** Mel bands. */
  readonly bands: number;
  /** Bands in which noise is modulated by the pitch. */
  readonly modulationBands: number;
  /** How many times the waveform is matched to the mel, 0 to 3. */
  readonly rounds: number;
  /**
   * Whether the number of harmonics follows the pitch, for utterances with a wide range of pitches. Otherwise, as in training, it is that of
   * the highest pitch throughout.
   */
  readonly followsPitch?: boolean;
}

/** Curves of a whole utterance. */
export interface Curves {
  /** [T] Hz, above 0 everywhere. */
  readonly f0: Float32Array;
  /** [T] probability; a frame is voiced from 0.5 on. */
  readonly voicing: Float32Array;
}

/** Output of the vocoder network for some frames, and their mel. */
export interface FrameFilters {
  /** [count, fft / 2 + 1] natural-log magnitude of the pulses' filter. */
  readonly harmonic: Float32Array;
  /** [count, fft / 2 + 1] a complex number whose angle is the phase of the filter; its magnitude is ignored. */
  readonly real: Float32Array;
  readonly imaginary: Float32Array;
  /** [count, fft / 2 + 1] natural-log magnitude of the noise. */
  readonly noise: Float32Array;
  /** [count, 4 * modulationBands] how much of the noise follows cos, sin of the pulses' phase, and of twice that. */
  readonly modulation: Float32Array;
  /** [count, bands] natural-log mel magnitude. */
  readonly mel: Float32Array;
}

/** Hz below which the harmonics of the highest F0 lie, as in training. */
const HIGHEST_HARMONIC = 11_500;

/**
 * Renders the waveform of one utterance: filters the STFT of pulses and noise with the vocoder's filters, overlap-adds, and then brings each
 * frame's mel bands to the levels that were asked for. Frame t's window is centred on the middle of its samples, t * hop to (t + 1) * hop;
 * edges are mirrored. The result is the same however the frames are cut into calls.
 */
export class WaveformRenderer {
  readonly #kernel: Kernel;
  readonly #shape: RendererShape;
  readonly #f0: Float32Array;
  readonly #voiced: Float32Array;
  /** The utterance's state between calls; in the kernel's memory only during one. */
  readonly #state: Uint8Array;
  #frame = 0;

  private constructor(kernel: Kernel, { f0, voicing }: Curves, shape: RendererShape, seed: number) {
    this.#kernel = kernel;
    this.#shape = shape;
    this.#f0 = f0;
    this.#voiced = voicing.map((probability) => (probability > 0.5 ? 1 : 0));
    const highest = f0.reduce((most, hz) => Math.max(most, hz), 0);
    const harmonics = shape.followsPitch ? 0 : Math.max(1, Math.floor(HIGHEST_HARMONIC / highest));
    kernel.start(seed, harmonics, shape.rounds);
    this.#state = this.#stateView().slice();
  }

  /** @param seed fixes the noise and the first pulse's place; its low 32 bits count. */
  static async create(curves: Curves, shape: RendererShape, seed: number): Promise<WaveformRenderer> {
    return new WaveformRenderer(await openKernel(shape), curves, shape, seed);
  }

  /**
   * Takes the next frames' filters.
   * @returns the samples that no later frame touches; after the last frame, all that is left.
   */
  render(filters: FrameFilters, count: number): Float32Array {
    const kernel = this.#kernel;
    const { bands, fft, modulationBands } = this.#shape;
    const bins = fft / 2 + 1;
    const inputs = [
      [kernel.harmonicPointer(), filters.harmonic, bins],
      [kernel.noisePointer(), filters.noise, bins],
      [kernel.realPointer(), filters.real, bins],
      [kernel.imaginaryPointer(), filters.imaginary, bins],
      [kernel.modulationPointer(), filters.modulation, 4 * modulationBands],
      [kernel.melPointer(), filters.mel, bands],
    ] as const;
    const pieces: Float32Array[] = [];
    this.#stateView().set(this.#state);
    for (let done = 0; done < count; ) {
      const step = Math.min(kernel.maxCount(), count - done);
      const first = Math.max(0, this.#frame - kernel.margin());
      const last = Math.min(this.#f0.length, this.#frame + step + kernel.margin());
      this.#floats(kernel.f0Pointer(), last - first).set(this.#f0.subarray(first, last));
      this.#floats(kernel.voicedPointer(), last - first).set(this.#voiced.subarray(first, last));
      for (const [pointer, values, size] of inputs) {
        this.#floats(pointer, step * size).set(values.subarray(done * size, (done + step) * size));
      }
      const written = kernel.render(step, this.#f0.length, first);
      pieces.push(this.#floats(kernel.outputPointer(), written).slice());
      this.#frame += step;
      done += step;
    }
    if (this.#frame < this.#f0.length) this.#state.set(this.#stateView());
    else freeArrays(this.#state);
    return join(pieces);
  }

  #stateView(): Uint8Array {
    return new Uint8Array(this.#kernel.memory.buffer, this.#kernel.statePointer(), this.#kernel.stateBytes());
  }

  #floats(pointer: number, length: number): Float32Array {
    return new Float32Array(this.#kernel.memory.buffer, pointer, length);
  }
}

function join(pieces: readonly Float32Array[]): Float32Array {
  if (pieces.length === 1) return pieces[0];
  const out = concatFloats(pieces);
  freeArrays(...pieces);
  return out;
}

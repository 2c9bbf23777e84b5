import { type KERNEL_FFT, type Kernel, openKernel } from './kernel/kernel.ts';

/** Sizes that the model's manifest fixes. */
export interface RendererShape {
  readonly sampleRate: number;
  readonly hop: number;
  /** FFT and window length; the kernel is written for 1024. */
  readonly fft: typeof KERNEL_FFT;
  /** Mel-spaced points of each filter. */
  readonly bands: number;
}

/**
 * Renders the waveform of one utterance: filters the STFT of pulses and noise with the vocoder's filters and overlap-adds.
 * Frame t is centred on sample t * hop and edges are mirrored, so that the result equals
 * `istft(stft(pulses) * harmonic + stft(noise) * noise)` of the whole utterance, no matter how the frames are cut into calls.
 */
export class WaveformRenderer {
  readonly #kernel: Kernel;
  readonly #bands: number;
  readonly #f0: Float32Array;
  /** The utterance's state between calls; in the kernel's memory only during one. */
  readonly #state: Uint8Array;
  #frame = 0;

  private constructor(kernel: Kernel, f0: Float32Array, bands: number, seed: number) {
    this.#kernel = kernel;
    this.#bands = bands;
    this.#f0 = f0;
    kernel.start(seed);
    this.#state = this.#stateView().slice();
  }

  /**
   * @param f0 [T] Hz of the whole utterance, above 0 everywhere.
   * @param seed fixes the noise and the first pulse's place; its low 32 bits count.
   */
  static async create(f0: Float32Array, shape: RendererShape, seed: number): Promise<WaveformRenderer> {
    return new WaveformRenderer(await openKernel(shape), f0, shape.bands, seed);
  }

  /**
   * Takes the next frames' filters.
   * @param harmonic [count, bands] natural-log magnitudes.
   * @param noise [count, bands] natural-log magnitudes.
   * @returns the samples that no later frame touches; after the last frame, all that is left.
   */
  render(harmonic: Float32Array, noise: Float32Array, count: number): Float32Array {
    const kernel = this.#kernel;
    const pieces: Float32Array[] = [];
    this.#stateView().set(this.#state);
    for (let done = 0; done < count; ) {
      const step = Math.min(kernel.maxCount(), count - done);
      const first = Math.max(0, this.#frame - kernel.f0Margin());
      const last = Math.min(this.#f0.length, this.#frame + step + kernel.f0Margin());
      const cut = (values: Float32Array) => values.subarray(done * this.#bands, (done + step) * this.#bands);
      this.#floats(kernel.f0Pointer(), last - first).set(this.#f0.subarray(first, last));
      this.#floats(kernel.harmonicPointer(), step * this.#bands).set(cut(harmonic));
      this.#floats(kernel.noisePointer(), step * this.#bands).set(cut(noise));
      const written = kernel.render(step, this.#f0.length, first);
      pieces.push(this.#floats(kernel.outputPointer(), written).slice());
      this.#frame += step;
      done += step;
    }
    this.#state.set(this.#stateView());
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
  const out = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

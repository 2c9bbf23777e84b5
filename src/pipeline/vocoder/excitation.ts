import type { Random } from '../random.ts';

/** Below this |sin(pi * phase)| the closed form of the pulse divides by almost nothing; its limit is used. */
const NEAR_PULSE = 1e-4;

/**
 * Excitation of the harmonic-plus-noise vocoder, made as far as it is asked for: a band-limited pulse train that follows F0 through
 * unvoiced stretches too (the filters decide how much of it is heard) and white noise.
 *
 * A pulse is the sum of all cosines below Nyquist, in closed form (Dirichlet kernel; cf. the harmonic source of HiFTNet, Li et al.
 * 2023, and DDSP, Engel et al. 2020), scaled to unit power.
 */
export class Excitation {
  /** Samples of the pulse train, valid below {@link filled}. */
  readonly pulses: Float32Array;
  /** Samples of the noise, valid below {@link filled}. */
  readonly noise: Float32Array;
  /** How many samples are made. */
  filled = 0;
  readonly #f0: Float32Array;
  readonly #hop: number;
  readonly #sampleRate: number;
  readonly #random: Random;
  #phase: number;

  /** @param f0 [T] Hz per frame, above 0 everywhere. */
  constructor(f0: Float32Array, hop: number, sampleRate: number, random: Random) {
    this.#f0 = f0;
    this.#hop = hop;
    this.#sampleRate = sampleRate;
    this.#random = random;
    this.#phase = random.uniform();
    this.pulses = new Float32Array(f0.length * hop);
    this.noise = new Float32Array(f0.length * hop);
  }

  /** Makes samples up to `end` (or to the end of the signal). */
  fill(end: number): void {
    const limit = Math.min(end, this.pulses.length);
    const last = this.#f0.length - 1;
    for (let n = this.filled; n < limit; n++) {
      // Frame values stand at frame centres and are joined by straight lines, as in training.
      const position = Math.min(Math.max((n + 0.5) / this.#hop - 0.5, 0), last);
      const left = Math.floor(position);
      const right = Math.min(left + 1, last);
      const f0 = this.#f0[left] + (this.#f0[right] - this.#f0[left]) * (position - left);
      this.#phase = (this.#phase + f0 / this.#sampleRate) % 1;
      const harmonics = Math.floor(this.#sampleRate / 2 / f0) - 1;
      const s = Math.sin(Math.PI * this.#phase);
      const kernel =
        Math.abs(s) < NEAR_PULSE
          ? 2 * harmonics + 1
          : Math.sin((2 * harmonics + 1) * Math.PI * this.#phase) / s;
      this.pulses[n] = ((kernel - 1) / 2) * Math.sqrt(2 / Math.max(harmonics, 1));
      this.noise[n] = this.#random.gaussian();
    }
    this.filled = Math.max(this.filled, limit);
  }
}

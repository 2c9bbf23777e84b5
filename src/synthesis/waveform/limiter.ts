import { freeArrays } from '../../base/free.ts';

/** Samples that the limiter looks ahead: 5 ms, within which the gain glides down before a peak. */
const LOOKAHEAD = 120;

/** Highest amplitude let through: -0.2 dBFS, so that codecs and resamplers have room. */
const CEILING = 0.977;

/** Share of the way back to full gain in a sample: a time constant of 50 ms. */
const RELEASE = 1 / 1200;

/**
 * A look-ahead peak limiter. The gain for a peak is applied from 5 ms before it, recovers slowly, and is averaged over 5 ms. So it changes
 * smoothly and limits every peak. Speech below the ceiling is not changed.
 */
export class Limiter {
  /** Samples taken in and not given out. */
  #waiting = new Float32Array(0);
  /** Gains of the last samples given out, as a ring; their mean is the gain applied. */
  readonly #gains = new Float64Array(LOOKAHEAD + 1).fill(1);
  #at = 0;
  #sum = LOOKAHEAD + 1;
  /** Number of gains in the ring that are below 1. */
  #reduced = 0;
  #gain = 1;
  #fresh = true;

  /** @returns the samples whose gain is final; {@link flush} returns the last 5 ms. */
  push(samples: Float32Array): Float32Array {
    const input = new Float32Array(this.#waiting.length + samples.length);
    input.set(this.#waiting);
    input.set(samples, this.#waiting.length);
    const ready = Math.max(0, input.length - LOOKAHEAD);
    this.#waiting = input.slice(ready);
    const output = this.#limit(input, ready);
    freeArrays(input);
    return output;
  }

  /** @returns what is left; the limiter is then as new. */
  flush(): Float32Array {
    const input = this.#waiting;
    this.#waiting = new Float32Array(0);
    const output = this.#limit(input, input.length);
    this.#start(1);
    this.#fresh = true;
    return output;
  }

  #limit(input: Float32Array, count: number): Float32Array {
    const needed = neededGains(input, count);
    const output = input.slice(0, count);
    if (this.#fresh && count > 0) {
      // A peak in the first 5 ms had no time to be prepared for.
      if (needed) this.#start(needed[0]);
      this.#fresh = false;
    }
    if (!needed && this.#reduced === 0 && this.#gain === 1) return output;
    for (let n = 0; n < count; n++) output[n] *= this.#step(needed ? needed[n] : 1);
    return output;
  }

  /** As if the gain had been so for long. */
  #start(gain: number): void {
    this.#gains.fill(gain);
    this.#gain = gain;
    this.#reduced = gain < 1 ? this.#gains.length : 0;
    this.#sum = gain * this.#gains.length;
  }

  #step(needed: number): number {
    const rising = this.#gain + (1 - this.#gain) * RELEASE;
    this.#gain = Math.min(needed, rising > 0.99999 ? 1 : rising);
    const old = this.#gains[this.#at];
    this.#gains[this.#at] = this.#gain;
    this.#at = (this.#at + 1) % this.#gains.length;
    this.#reduced += Number(this.#gain < 1) - Number(old < 1);
    // Without rounding errors from before, so that silence between two peaks leaves no trace.
    this.#sum = this.#reduced === 0 ? this.#gains.length : this.#sum + this.#gain - old;
    return this.#sum / this.#gains.length;
  }
}

/** For each of the first `count` samples the gain that the loudest of it and the next 5 ms needs; `undefined` if none needs any. */
function neededGains(input: Float32Array, count: number): Float64Array | undefined {
  let gains: Float64Array | undefined;
  for (let n = 0; n < input.length; n++) {
    const level = Math.abs(input[n]);
    if (!(level > CEILING)) continue;
    gains ??= new Float64Array(count).fill(1);
    const gain = CEILING / level;
    for (let k = Math.max(0, n - LOOKAHEAD); k <= n && k < count; k++) gains[k] = Math.min(gains[k], gain);
  }
  return gains;
}

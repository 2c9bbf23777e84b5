import { concatSamples } from '../../base/bytes.ts';
import { gainOf } from '../decibels.ts';
import { integratedLoudness } from '../loudness.ts';
import { toInt16 } from '../samples.ts';

/** Seconds at the beginning by whose loudness the gain is chosen. */
const MEASURED_SECONDS = 2;
/** Most hundredths of a decibel of gain, up or down. */
const MOST_GAIN = 2400;
/** Amplitude from which on peaks are bent, and the one that they come near to: -1 dBFS. */
const KNEE = 0.7;
const CEILING = 0.891;

/**
 * Brings speech to a loudness by one gain while it is made: the gain that its first two seconds need. Peaks are bent below -1 dBFS,
 * sample by sample. Where the signal is cut makes no difference.
 */
export class SteadyLevel {
  readonly #sampleRate: number;
  readonly #target: number;
  #held: Int16Array[] = [];
  #count = 0;
  #gain: number | undefined;

  /** @param target LUFS. */
  constructor(sampleRate: number, target: number) {
    this.#sampleRate = sampleRate;
    this.#target = target;
  }

  /** @returns the samples whose gain is known. */
  push(samples: Int16Array): Int16Array {
    if (this.#gain !== undefined) return this.#amplify(samples, this.#gain);
    this.#held.push(samples);
    this.#count += samples.length;
    return this.#count < MEASURED_SECONDS * this.#sampleRate ? new Int16Array(0) : this.finish();
  }

  /** @returns what is held back. */
  finish(): Int16Array {
    const held = concatSamples(this.#held);
    this.#held = [];
    this.#gain ??= this.#gainFor(held.subarray(0, MEASURED_SECONDS * this.#sampleRate));
    return this.#amplify(held, this.#gain);
  }

  #gainFor(beginning: Int16Array): number {
    const needed = Math.round(100 * (this.#target - integratedLoudness(beginning, this.#sampleRate)));
    return Number.isFinite(needed) ? gainOf(Math.max(-MOST_GAIN, Math.min(MOST_GAIN, needed))) : 1;
  }

  #amplify(samples: Int16Array, gain: number): Int16Array {
    return samples.map((sample) => toInt16(bent((sample * gain) / 32_767)));
  }
}

/** A peak above the knee, bent: without a corner, and of the same bits on every machine. */
function bent(value: number): number {
  const over = Math.abs(value) - KNEE;
  if (over <= 0) return value;
  const room = CEILING - KNEE;
  return Math.sign(value) * (KNEE + (room * over) / (over + room));
}

import { concatSamples } from '../../base/bytes.ts';
import { gainOf } from '../decibels.ts';
import { LoudnessMeter } from '../loudness.ts';
import { toInt16 } from '../samples.ts';

/** Length of a step in seconds. The gain is chosen anew at the end of each step. */
const STEP_SECONDS = 0.1;
/** Steps that are measured before the first sample is returned. The first piece of speech is longer, so audio starts with it. */
const FIRST_STEPS = 2;
/** Number of steps whose loudness is measured; the gain is constant afterwards. */
const MEASURED_STEPS = 20;
/** LUFS of the model's voices at 8 kHz, on average. */
const USUAL_LOUDNESS = -21;
/** Weight of {@link USUAL_LOUDNESS} at the beginning, in steps: the first vowel or pause alone predicts the loudness badly. */
const USUAL_STEPS = 2;
/** Most hundredths of a decibel of gain, up or down. */
const MOST_GAIN = 2400;
/** Amplitude from which on peaks are bent, and the one that they come near to: -1 dBFS. */
const KNEE = 0.7;
const CEILING = 0.891;

/**
 * Brings speech to a loudness while it is made. The gain starts from the first 0.2 seconds and from the loudness that voices usually have,
 * glides to the one that the first two seconds need, and stays there. Peaks are bent below -1 dBFS, sample by sample. Where the signal is cut
 * makes no difference.
 */
export class SteadyLevel {
  readonly #target: number;
  readonly #step: number;
  readonly #meter: LoudnessMeter;
  /** The step that is not full yet. */
  #held: Int16Array[] = [];
  #filled = 0;
  #steps = 0;
  /** Full steps that wait for the first gain. */
  #early: Int16Array[] = [];
  #gain: number | undefined;

  /** @param target LUFS. */
  constructor(sampleRate: number, target: number) {
    this.#target = target;
    this.#step = Math.round(STEP_SECONDS * sampleRate);
    this.#meter = new LoudnessMeter(sampleRate);
  }

  /** @returns the samples whose gain is known. */
  push(samples: Int16Array): Int16Array {
    const known: Int16Array[] = [];
    let from = 0;
    while (this.#steps < MEASURED_STEPS && from < samples.length) {
      const to = Math.min(samples.length, from + this.#step - this.#filled);
      this.#held.push(samples.slice(from, to));
      this.#filled += to - from;
      from = to;
      if (this.#filled === this.#step) known.push(...this.#endStep());
    }
    if (from < samples.length) known.push(this.#amplify(samples.subarray(from), this.#gain ?? 1));
    return concatSamples(known);
  }

  /** @returns the remaining samples. */
  finish(): Int16Array {
    return concatSamples(this.#steps < MEASURED_STEPS ? this.#endStep(true) : []);
  }

  /** @param last whether the speech ends here. */
  #endStep(last = false): Int16Array[] {
    const step = concatSamples(this.#held);
    this.#held = [];
    this.#filled = 0;
    this.#steps++;
    this.#meter.push(step);
    this.#early.push(step);
    if (this.#steps < FIRST_STEPS && !last) return [];
    const gain = this.#neededGain();
    // The first gain holds from the first sample on.
    const before = this.#gain ?? gain;
    this.#gain = gain;
    const steps = this.#early;
    this.#early = [];
    return steps.map((samples) => this.#glide(samples, before, gain));
  }

  #neededGain(): number {
    const measured = this.#meter.loudness();
    if (!Number.isFinite(measured)) return this.#gain ?? 1;
    const usual = USUAL_STEPS * (1 - Math.min(1, this.#steps / MEASURED_STEPS));
    const loudness = (this.#steps * measured + usual * USUAL_LOUDNESS) / (this.#steps + usual);
    const needed = Math.round(100 * (this.#target - loudness));
    return gainOf(Math.max(-MOST_GAIN, Math.min(MOST_GAIN, needed)));
  }

  #amplify(samples: Int16Array, gain: number): Int16Array {
    return samples.map((sample) => toInt16(bent((sample * gain) / 32_767)));
  }

  #glide(samples: Int16Array, from: number, to: number): Int16Array {
    const rise = (to - from) / samples.length;
    return samples.map((sample, n) => toInt16(bent((sample * (from + rise * (n + 1))) / 32_767)));
  }
}

/** A peak above the knee, bent: without a corner, and of the same bits on every machine. */
function bent(value: number): number {
  const over = Math.abs(value) - KNEE;
  if (over <= 0) return value;
  const room = CEILING - KNEE;
  return Math.sign(value) * (KNEE + (room * over) / (over + room));
}

import { decibels } from './decibels.ts';
import { pieces } from './pieces.ts';

/** Steps in a block of 0.4 s. Blocks overlap by three quarters (ITU-R BS.1770-4), so a block is the sum of four steps. */
const STEP_SECONDS = 0.1;
const STEPS_IN_BLOCK = 4;
/** Loudness of a mean square of 1. */
const OFFSET = -0.691;
/** Mean square at -70 LUFS: 10^((-70 + 0.691) / 10). Gates compare powers, where no logarithm's last bit matters. */
const ABSOLUTE_GATE = 1.1724653045822981e-7;
/** 10 LU below. */
const RELATIVE_GATE = 0.1;
/** A filter state that adds nothing to any sample. */
const SILENCE = 1e-30;
/** Divisor of 16-bit samples: full scale of `toInt16`. */
const INT16_SCALE = 32_767;

/**
 * Integrated loudness of a mono signal by ITU-R BS.1770-4: K-weighting, blocks of 400 ms, a gate at -70 LUFS and a second gate 10 LU below
 * the mean of the blocks that pass the first. Uses about 200 bytes a second in addition to the samples.
 * @param samples floats of full scale 1, or 16-bit samples.
 * @returns LUFS; -Infinity when nothing passes the gates. Sound shorter than one block counts as one block.
 */
export function integratedLoudness(samples: Float32Array | Int16Array, sampleRate: number): number {
  const meter = new LoudnessMeter(sampleRate);
  meter.push(samples);
  return meter.loudness();
}

/** {@link integratedLoudness}, piece by piece. Five minutes take about 0.1 s. */
export async function loudnessInTurns(
  samples: Float32Array | Int16Array,
  sampleRate: number,
): Promise<number> {
  const meter = new LoudnessMeter(sampleRate);
  for await (const { from, to } of pieces(samples.length)) meter.push(samples.subarray(from, to));
  return meter.loudness();
}

/** {@link integratedLoudness} of a signal that comes in pieces; where it is cut makes no difference. */
export class LoudnessMeter {
  readonly #filter: readonly [Section, Section];
  readonly #step: number;
  /** Energies of complete steps. */
  readonly #steps: number[] = [];
  /** Energy of the current step. */
  #energy = 0;
  #filled = 0;

  constructor(sampleRate: number) {
    this.#filter = kWeighting(sampleRate);
    this.#step = Math.round(STEP_SECONDS * sampleRate);
  }

  /** @param samples floats of full scale 1, or 16-bit samples. */
  push(samples: Float32Array | Int16Array): void {
    const scale = samples instanceof Int16Array ? 1 / INT16_SCALE : 1;
    for (let from = 0; from < samples.length; ) {
      const to = Math.min(from + this.#step - this.#filled, samples.length);
      this.#energy = weightedEnergy(this.#filter, samples, { from, to, scale, sum: this.#energy });
      this.#filled += to - from;
      from = to;
      if (this.#filled < this.#step) return;
      this.#steps.push(this.#energy);
      for (const section of this.#filter) settle(section);
      this.#energy = 0;
      this.#filled = 0;
    }
  }

  /** @returns LUFS of all that came. */
  loudness(): number {
    const powers = this.#blockPowers().filter((power) => power > ABSOLUTE_GATE);
    const gate = mean(powers) * RELATIVE_GATE;
    return OFFSET + decibels(mean(powers.filter((power) => power > gate)));
  }

  /** Mean squares of the K-weighted signal's blocks, or of all of it where it is shorter than one. */
  #blockPowers(): number[] {
    const steps = this.#steps;
    if (steps.length < STEPS_IN_BLOCK) {
      const length = steps.length * this.#step + this.#filled;
      const energy = steps.reduce((sum, each) => sum + each, 0) + this.#energy;
      return length > 0 ? [energy / length] : [];
    }
    const powers: number[] = [];
    for (let i = 0; i + STEPS_IN_BLOCK <= steps.length; i++) {
      powers.push((steps[i] + steps[i + 1] + steps[i + 2] + steps[i + 3]) / (STEPS_IN_BLOCK * this.#step));
    }
    return powers;
  }
}

function mean(values: readonly number[]): number {
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : 0;
}

/** A second-order section: its coefficients, and its state between two calls. */
interface Section {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
  z1: number;
  z2: number;
}

/** Passes part of a signal through both sections. @returns `sum` and its squares. */
function weightedEnergy(
  [shelf, highPass]: readonly [Section, Section],
  samples: Float32Array | Int16Array,
  { from, to, scale, sum: before }: { from: number; to: number; scale: number; sum: number },
): number {
  let sum = before;
  for (let i = from; i < to; i++) {
    const x = samples[i] * scale;
    const y = shelf.b0 * x + shelf.z1;
    shelf.z1 = shelf.b1 * x - shelf.a1 * y + shelf.z2;
    shelf.z2 = shelf.b2 * x - shelf.a2 * y;
    const w = highPass.b0 * y + highPass.z1;
    highPass.z1 = highPass.b1 * y - highPass.a1 * w + highPass.z2;
    highPass.z2 = highPass.b2 * y - highPass.a2 * w;
    sum += w * w;
  }
  return sum;
}

/**
 * Smallest state that is kept, far below what can be heard. A filter that decays in silence would reach subnormal numbers, which are slow
 * on processors.
 */
function settle(section: Section): void {
  if (Math.abs(section.z1) < SILENCE) section.z1 = 0;
  if (Math.abs(section.z2) < SILENCE) section.z2 = 0;
}

/**
 * The shelf filter and the high-pass of K-weighting. BS.1770-4, annex 1, gives coefficients for 48 kHz only; the analogue parameters give
 * them for any rate.
 */
function kWeighting(sampleRate: number): [Section, Section] {
  const k1 = Math.tan((Math.PI * 1681.974450955533) / sampleRate);
  const q1 = 0.7071752369554196;
  const high = 10 ** (3.999843853973347 / 20);
  const band = high ** 0.4996667741545416;
  const a1 = 1 + k1 / q1 + k1 * k1;
  const shelf = section(
    (high + (band * k1) / q1 + k1 * k1) / a1,
    (2 * (k1 * k1 - high)) / a1,
    (high - (band * k1) / q1 + k1 * k1) / a1,
    (2 * (k1 * k1 - 1)) / a1,
    (1 - k1 / q1 + k1 * k1) / a1,
  );
  const k2 = Math.tan((Math.PI * 38.13547087602444) / sampleRate);
  const q2 = 0.5003270373238773;
  const a2 = 1 + k2 / q2 + k2 * k2;
  return [shelf, section(1, -2, 1, (2 * (k2 * k2 - 1)) / a2, (1 - k2 / q2 + k2 * k2) / a2)];
}

/** Rounds coefficients to a multiple of 2^-36, since `Math.tan` differs in the last bit between engines. */
function section(b0: number, b1: number, b2: number, a1: number, a2: number): Section {
  const grid = (value: number) => Math.round(value * 2 ** 36) / 2 ** 36;
  return { b0: grid(b0), b1: grid(b1), b2: grid(b2), a1: grid(a1), a2: grid(a2), z1: 0, z2: 0 };
}

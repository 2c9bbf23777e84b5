import type { Random } from '../random.ts';
import type { Expression } from './expression.ts';
import { hzOf, type Vibrato } from './score.ts';

/** A note's stretch in the frames of a phrase. */
export interface PitchTarget {
  /** Frame at which the note begins; fractions count. */
  readonly from: number;
  /** MIDI note number. */
  readonly pitch: number;
  readonly vibrato?: Vibrato;
  /** Frames before `from` that consonants take: the glide is centred in them. 0 within a syllable. */
  readonly consonants: number;
}

/** Seconds over which a vibrato grows to its depth, and over which it ends. */
const VIBRATO_RISE = 0.3;
const VIBRATO_FALL = 0.08;
/** Seconds of the dip before a leap and of the swing after it. */
const PREPARATION_TIME = 0.08;
const OVERSHOOT_TIME = 0.12;
/** Cents of a leap from which preparation and overshoot have their full amounts. */
const FULL_LEAP = 200;
/** Cut-off in Hz of the voice's irregularity. */
const JITTER_CUTOFF = 6;

/**
 * The F0 of a phrase: notes joined by glides, with what a singer's voice adds to them (Saitou et al. 2005, Speech Communication 46, section 2:
 * overshoot, vibrato, preparation, fine fluctuation). With all expression at 0 it is the notes, frame by frame.
 * @param targets in order, at least one.
 * @param frames frames of the phrase; the last target lasts to their end.
 * @param frameRate frames a second.
 * @returns [T] Hz.
 */
export function pitchCurve(
  targets: readonly PitchTarget[],
  frames: number,
  frameRate: number,
  expression: Expression,
  random: Random,
): Float32Array {
  const cents = new Float64Array(frames);
  for (const [i, { from, pitch }] of targets.entries()) {
    const start = i === 0 ? 0 : Math.max(0, Math.round(from));
    cents.fill(pitch * 100, start, frames);
  }
  for (let i = 1; i < targets.length; i++) addLeap(cents, targets, i, frameRate, expression);
  for (let i = 0; i < targets.length; i++) addVibrato(cents, targets, i, frameRate, expression);
  if (expression.jitter > 0) addJitter(cents, frameRate, expression.jitter, random);
  return Float32Array.from(cents, (value) => hzOf(value / 100));
}

function addLeap(
  cents: Float64Array,
  targets: readonly PitchTarget[],
  i: number,
  frameRate: number,
  { portamento, preparation, overshoot }: Expression,
): void {
  const [before, after] = [targets[i - 1], targets[i]];
  const leap = (after.pitch - before.pitch) * 100;
  if (leap === 0) return;
  const next = targets[i + 1]?.from ?? cents.length;
  const width = Math.min(
    (portamento / 1000) * frameRate,
    0.5 * (after.from - before.from) + after.consonants / 2,
    0.5 * (next - after.from),
  );
  // Over consonants the glide is centred; within a vowel it has come most of the way when the note begins.
  const centre = after.consonants > 0 ? after.from - after.consonants / 2 : after.from - width / 4;
  const begin = centre - width / 2;
  const end = centre + width / 2;
  if (width >= 1) {
    for (let t = Math.max(0, Math.ceil(begin)); t < cents.length && t < Math.max(end, after.from); t++) {
      const x = Math.min(1, (t + 0.5 - begin) / width);
      cents[t] = before.pitch * 100 + leap * (0.5 - 0.5 * Math.cos(Math.PI * x));
    }
  }
  const share = Math.sign(leap) * Math.min(1, Math.abs(leap) / FULL_LEAP);
  addBump(cents, begin - PREPARATION_TIME * frameRate, Math.max(0, begin), -share * preparation);
  addBump(cents, end, Math.min(end + OVERSHOOT_TIME * frameRate, next), share * overshoot);
}

/** Adds a raised cosine between two frames. */
function addBump(cents: Float64Array, from: number, to: number, height: number): void {
  if (height === 0 || to - from < 2) return;
  for (let t = Math.max(0, Math.ceil(from)); t < Math.min(to, cents.length); t++) {
    cents[t] += height * (0.5 - 0.5 * Math.cos((2 * Math.PI * (t - from)) / (to - from)));
  }
}

function addVibrato(
  cents: Float64Array,
  targets: readonly PitchTarget[],
  i: number,
  frameRate: number,
  expression: Expression,
): void {
  const { from, vibrato = {} } = targets[i];
  const depth = vibrato.depth ?? expression.vibratoDepth;
  const rate = vibrato.rate ?? expression.vibratoRate;
  const start = from + (vibrato.delay ?? expression.vibratoDelay) * frameRate;
  const following = targets[i + 1];
  const end = following ? following.from - following.consonants : cents.length;
  const cycle = frameRate / rate;
  if (depth === 0 || end - start < cycle) return;
  for (let t = Math.max(0, Math.ceil(start)); t < Math.min(end, cents.length); t++) {
    const rise = Math.min(1, (t - start) / (VIBRATO_RISE * frameRate));
    const fall = Math.min(1, (end - t) / (VIBRATO_FALL * frameRate));
    cents[t] += depth * rise * fall * Math.sin((2 * Math.PI * (t - start)) / cycle);
  }
}

/** Gaussian noise through one pole, scaled to the standard deviation that is asked for. */
function addJitter(cents: Float64Array, frameRate: number, deviation: number, random: Random): void {
  const pole = Math.exp((-2 * Math.PI * JITTER_CUTOFF) / frameRate);
  const drive = Math.sqrt(1 - pole * pole) * deviation;
  let value = deviation * random.gaussian();
  for (let t = 0; t < cents.length; t++) {
    cents[t] += value;
    value = pole * value + drive * random.gaussian();
  }
}

import type { ContourPoint, SpeechControls } from '../types.ts';
import { attempt, quote, type Report, Unreadable } from './place.ts';

/** Mean pitch in Hz that changes given in Hz count from, where the caller names none. */
export const MEAN_PITCH = 160;

/** Controls that change nothing. */
export const NEUTRAL: SpeechControls = { rate: 1, pitch: 0, pitchRange: 1, volume: 0 };

/** Limits of nested elements together. Beyond them there is no further effect. */
const RATE = [0.25, 4] as const;
const PITCH = [-12, 12] as const;
const PITCH_HZ = [40, 500] as const;
const PITCH_RANGE = [0, 3] as const;
const VOLUME = [-60, 12] as const;
const MAX_POINTS = 100;
/** Share of full volume: 0 to 400 %. */
const SHARE = [0, 4] as const;
const FULL = [0, 1] as const;
/** Semitones between the usual low and high of a speaking voice, which ranges in st and Hz are measured by. */
const NATURAL_RANGE = 6;

const RATES = words({ 'x-slow': 0.5, slow: 0.75, medium: 1, default: 1, fast: 1.3, 'x-fast': 1.75 });
const PITCHES = words({ 'x-low': -6, low: -3, medium: 0, default: 0, high: 3, 'x-high': 6 });
const RANGES = words({ 'x-low': 0.25, low: 0.5, medium: 1, default: 1, high: 1.5, 'x-high': 2 });
const VOLUMES = words({
  silent: Number.NEGATIVE_INFINITY,
  'x-soft': -12,
  soft: -6,
  medium: 0,
  default: 0,
  loud: 4,
  'x-loud': 8,
});

/** Emphasis is longer, higher, livelier and louder speech; reduced emphasis is the opposite. */
const EMPHASIS = new Map<string, SpeechControls>([
  ['strong', { rate: 0.85, pitch: 2, pitchRange: 1.3, volume: 3 }],
  ['moderate', { rate: 0.92, pitch: 1, pitchRange: 1.15, volume: 1.5 }],
  ['none', NEUTRAL],
  ['reduced', { rate: 1.1, pitch: -1, pitchRange: 0.8, volume: -2 }],
]);

const NUMBER = String.raw`(?:\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})`;
const PERCENT = new RegExp(`^([+-]?)(${NUMBER})%$`);
const SHARE_OF_FULL = new RegExp(`^([+-]?)(${NUMBER})$`);
const FACTOR = new RegExp(`^${NUMBER}$`);
const DECIBELS = new RegExp(`^([+-]?)(${NUMBER})dB$`, 'i');
const SEMITONES = new RegExp(`^([+-]?)(${NUMBER})(st)$`, 'i');
const HERTZ = new RegExp(`^([+-]?)(${NUMBER})(Hz)$`, 'i');
const CONTOUR = /\(\s*([^(),\s]+)\s*,\s*([^(),\s]+)\s*\)\s*/y;

/** Words with their values. */
function words(table: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  return new Map(Object.entries(table));
}

/** Settings around an element. */
export interface ProsodyPlace {
  /** Controls of the elements around. */
  readonly outer: SpeechControls;
  /** Mean pitch in Hz that changes given in Hz count from. */
  readonly meanPitch: number;
  /** Whether the document declares Microsoft's extension. Then rates and pitches in percent are changes even without a sign. */
  readonly mstts: boolean;
  readonly report: Report;
}

/**
 * Applies the attributes of `prosody` to the controls around it. Rates and ranges multiply, semitones and dB add up. A pitch in Hz
 * replaces the pitch around it, and a contour the contour around it. An attribute that can't be read is reported and changes nothing. A
 * value out of range is reported, and the nearest one is used.
 * @throws {Unreadable} naming the attribute, in strict mode.
 */
export function prosody(attributes: ReadonlyMap<string, string>, place: ProsodyPlace): SpeechControls {
  const { outer, report } = place;
  let controls = outer;
  for (const [name, written] of attributes) {
    const apply = APPLY[name];
    if (apply) controls = attempt(report, () => apply(controls, written.trim(), place), controls);
  }
  // Last, whatever the attributes' order: its points in Hz count from the element's own pitch.
  const points = attributes.get('contour');
  if (points === undefined) return controls;
  const shaped = controls;
  return attempt(
    report,
    () => ({ ...shaped, contour: contour(points, shaped.pitchHz ?? place.meanPitch) }),
    shaped,
  );
}

/** Effect of each attribute on the current controls. */
const APPLY: Readonly<
  Record<string, (controls: SpeechControls, value: string, place: ProsodyPlace) => SpeechControls>
> = {
  rate: (controls, value, place) => ({
    ...controls,
    rate: within(RATE, controls.rate * rate(value, place)),
  }),
  range: (controls, value, place) => ({
    ...controls,
    pitchRange: within(PITCH_RANGE, controls.pitchRange * range(value, place)),
  }),
  volume(controls, value, place) {
    const volume = controls.volume + decibels(value, place);
    return {
      ...controls,
      volume: volume < VOLUME[0] ? Number.NEGATIVE_INFINITY : Math.min(VOLUME[1], volume),
    };
  },
  pitch: pitched,
  duration(controls, _, { report }) {
    const what = 'The attribute duration is not supported. Use rate for the speed and break for pauses.';
    report('ignored_attribute', what, 'It has no effect.');
    return controls;
  },
};

/**
 * The controls of `emphasis` on top of those around it.
 * @throws {Unreadable} for an unknown level.
 */
export function emphasis(level: string, outer: SpeechControls): SpeechControls {
  const own = EMPHASIS.get(level);
  if (!own) throw new Unreadable(`level ${quote(level)} is not one of ${[...EMPHASIS.keys()].join(', ')}.`);
  return {
    ...outer,
    rate: within(RATE, outer.rate * own.rate),
    pitch: within(PITCH, outer.pitch + own.pitch),
    pitchRange: within(PITCH_RANGE, outer.pitchRange * own.pitchRange),
    volume: Math.min(VOLUME[1], outer.volume + own.volume),
  };
}

/** Whether the controls change nothing. */
export function isNeutral(controls: SpeechControls): boolean {
  const { rate, pitch, pitchHz, pitchRange, volume, contour } = controls;
  return rate === 1 && pitch === 0 && pitchRange === 1 && volume === 0 && pitchHz === undefined && !contour;
}

function rate(value: string, { mstts, report }: ProsodyPlace): number {
  const word = RATES.get(value);
  if (word !== undefined) return word;
  const what = `rate ${quote(value)} is not one of ${list(RATES)}, nor a percentage or a factor from 25% to 400%, 0.25 to 4.`;
  const percent = PERCENT.exec(value);
  const factor = percent ? relative(percent, mstts) : FACTOR.test(value) ? Number(value) : Number.NaN;
  return bounded(factor, RATE, what, report);
}

function range(value: string, { mstts, meanPitch, report }: ProsodyPlace): number {
  const word = RANGES.get(value);
  if (word !== undefined) return word;
  const what = `range ${quote(value)} is not one of ${list(RANGES)}, nor a percentage from 0% to 300%.`;
  const percent = PERCENT.exec(value);
  if (percent) return bounded(relative(percent, mstts), PITCH_RANGE, what, report);
  const wider = SEMITONES.exec(value) ?? HERTZ.exec(value);
  if (!wider) throw new Unreadable(what);
  const isSemitones = wider[3].toLowerCase() === 'st';
  const natural = isSemitones ? NATURAL_RANGE : meanPitch * (2 ** (NATURAL_RANGE / 12) - 1);
  const share = (wider[1] === '' ? 0 : natural) + signed(wider);
  report('approximated', what, `It is read as a share of a range of ${NATURAL_RANGE} semitones.`);
  return within(PITCH_RANGE, share / natural);
}

function decibels(value: string, { report }: ProsodyPlace): number {
  const word = VOLUMES.get(value);
  if (word !== undefined) return word;
  const what = `volume ${quote(value)} is not one of ${list(VOLUMES)}, nor dB from -60dB to +12dB, a percentage from 0% to 400% or a number from 0 to 100.`;
  const db = DECIBELS.exec(value);
  if (db) return bounded(signed(db), VOLUME, what, report);
  const percent = PERCENT.exec(value);
  // A bare number is a share of full volume, as SSML 1.0 has it. With a sign it is a change of that share.
  const share = percent ?? SHARE_OF_FULL.exec(value);
  if (!share) throw new Unreadable(what);
  const limits = percent || share[1] !== '' ? SHARE : FULL;
  return Math.min(VOLUME[1], gainOf(bounded(relative(share), limits, what, report)));
}

function gainOf(share: number): number {
  return 20 * Math.log10(share);
}

function pitched(controls: SpeechControls, value: string, place: ProsodyPlace): SpeechControls {
  const { meanPitch, mstts, report } = place;
  const what = `pitch ${quote(value)} is not one of ${list(PITCHES)}, nor a change with its sign from -12st to +12st (+2st, -10%, +20Hz), nor 40Hz to 500Hz.`;
  const hertz = HERTZ.exec(value);
  if (hertz && hertz[1] === '') {
    return { ...controls, pitchHz: bounded(Number(hertz[2]), PITCH_HZ, what, report), pitch: 0 };
  }
  const base = controls.pitchHz ?? meanPitch;
  const shift = PITCHES.get(value) ?? semitones(value, base) ?? unsignedShift(value, mstts, what, report);
  if (shift === undefined) throw new Unreadable(what);
  return { ...controls, pitch: within(PITCH, controls.pitch + bounded(shift, PITCH, what, report)) };
}

/** A change of pitch without its sign, which the standards require and some vendors' examples leave out. */
function unsignedShift(value: string, mstts: boolean, what: string, report: Report): number | undefined {
  const shift = SEMITONES.exec(value);
  const percent = PERCENT.exec(value);
  if (shift) {
    report('approximated', what, `It is read as +${value}.`);
    return Number(shift[2]);
  }
  if (!percent) return undefined;
  if (!mstts) report('approximated', what, `It is read as ${value} of the usual pitch.`);
  return 12 * Math.log2(relative(percent, mstts));
}

/**
 * A number of a range, or the nearest in it, which is reported.
 * @throws {Unreadable} where it is no number.
 */
function bounded(
  value: number,
  [low, high]: readonly [number, number],
  what: string,
  report: Report,
): number {
  if (value >= low && value <= high) return value;
  if (Number.isNaN(value)) throw new Unreadable(what);
  report('approximated', what, 'The nearest value is used.');
  return within([low, high], value);
}

/** A change of pitch with its sign. */
function semitones(value: string, base: number): number | undefined {
  const shift = SEMITONES.exec(value);
  if (shift && shift[1] !== '') return signed(shift);
  const percent = PERCENT.exec(value);
  if (percent && percent[1] !== '') return 12 * Math.log2(relative(percent));
  const hertz = HERTZ.exec(value);
  return hertz && hertz[1] !== '' ? 12 * Math.log2(Math.max(0, base + signed(hertz)) / base) : undefined;
}

function contour(value: string, base: number): ContourPoint[] {
  const points: ContourPoint[] = [];
  const text = value.trim();
  for (let at = 0; at < text.length; at = CONTOUR.lastIndex) {
    CONTOUR.lastIndex = at;
    const match = CONTOUR.exec(text);
    const place = match ? PERCENT.exec(match[1]) : null;
    if (match === null || place === null || place[1] !== '' || Number(place[2]) > 100) {
      throw new Unreadable(
        `contour ${quote(value)} can't be read at ${quote(text.slice(at))}. Points look like (0%,+2st)(50%,-10%)(100%,+20Hz), places from 0% to 100%.`,
      );
    }
    points.push({ at: Number(place[2]) / 100, semitones: target(match[2], base) });
    if (points.length > MAX_POINTS) throw new Unreadable(`contour has more than ${MAX_POINTS} points.`);
  }
  if (points.length === 0) throw new Unreadable('contour has no point.');
  return points.sort((a, b) => a.at - b.at);
}

/** Pitch of a contour's point as a change; Hz without a sign are the pitch itself. */
function target(value: string, base: number): number {
  const hertz = HERTZ.exec(value);
  const shift =
    PITCHES.get(value) ??
    (hertz?.[1] === '' ? 12 * Math.log2(Number(hertz[2]) / base) : semitones(value, base));
  if (shift !== undefined && Math.abs(shift) <= 24) return shift;
  throw new Unreadable(
    `contour's pitch ${quote(value)} is not one of ${list(PITCHES)}, nor a change with its sign of at most 24 semitones (+2st, -10%, +20Hz), nor Hz.`,
  );
}

/** `+10%` → 1.1, `90%` → 0.9, or 1.9 where a number without a sign is a change. */
function relative([, sign, number]: RegExpExecArray, unsignedIsChange = false): number {
  const share = Number(number) / 100;
  if (sign === '-') return 1 - share;
  return sign === '+' || unsignedIsChange ? 1 + share : share;
}

function signed([, sign, number]: RegExpExecArray): number {
  return sign === '-' ? -Number(number) : Number(number);
}

function within([low, high]: readonly [number, number], value: number): number {
  return Math.min(high, Math.max(low, value));
}

function list(table: ReadonlyMap<string, number>): string {
  return [...table.keys()].join(', ');
}

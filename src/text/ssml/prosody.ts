import type { ContourPoint, SpeechControls } from '../types.ts';
import { quote, Unreadable } from './place.ts';

/** Mean pitch in Hz that changes given in Hz count from, where the caller names none. */
export const MEAN_PITCH = 160;

/** Controls that change nothing. */
export const NEUTRAL: SpeechControls = { rate: 1, pitch: 0, pitchRange: 1, volume: 0 };

/** What nested elements together may reach; beyond it they have no further effect. */
const RATE = [0.25, 4] as const;
const PITCH = [-12, 12] as const;
const PITCH_HZ = [40, 500] as const;
const PITCH_RANGE = [0, 3] as const;
const VOLUME = [-60, 12] as const;
const MAX_POINTS = 100;

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

/** Emphasis as people make it: longer, higher, livelier and louder; less so when reduced. */
const EMPHASIS = new Map<string, SpeechControls>([
  ['strong', { rate: 0.85, pitch: 2, pitchRange: 1.3, volume: 3 }],
  ['moderate', { rate: 0.92, pitch: 1, pitchRange: 1.15, volume: 1.5 }],
  ['none', NEUTRAL],
  ['reduced', { rate: 1.1, pitch: -1, pitchRange: 0.8, volume: -2 }],
]);

const NUMBER = String.raw`(?:\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})`;
const PERCENT = new RegExp(`^([+-]?)(${NUMBER})%$`);
const FACTOR = new RegExp(`^${NUMBER}$`);
const DECIBELS = new RegExp(`^([+-]?)(${NUMBER})dB$`, 'i');
const SEMITONES = new RegExp(`^([+-])(${NUMBER})st$`, 'i');
const HERTZ = new RegExp(`^([+-]?)(${NUMBER})Hz$`, 'i');
const CONTOUR = /\(\s*([^(),\s]+)\s*,\s*([^(),\s]+)\s*\)\s*/y;

/** Words with their values. */
function words(table: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  return new Map(Object.entries(table));
}

/** What stands around an element. */
export interface ProsodyPlace {
  /** Controls of the elements around. */
  readonly outer: SpeechControls;
  /** Mean pitch in Hz that changes given in Hz count from. */
  readonly meanPitch: number;
}

/**
 * Attributes of `prosody` on top of the controls around it: rates and ranges multiply, semitones and dB add up. A pitch in Hz takes
 * the place of the pitch around it, a contour that of the contour around it.
 * @throws {Unreadable} naming the attribute.
 */
export function prosody(
  attributes: ReadonlyMap<string, string>,
  { outer, meanPitch }: ProsodyPlace,
): SpeechControls {
  let controls = outer;
  for (const [name, written] of attributes) {
    const value = written.trim();
    if (name === 'rate') controls = { ...controls, rate: within(RATE, controls.rate * rate(value)) };
    else if (name === 'range') {
      controls = { ...controls, pitchRange: within(PITCH_RANGE, controls.pitchRange * range(value)) };
    } else if (name === 'volume') {
      const volume = controls.volume + decibels(value);
      controls = {
        ...controls,
        volume: volume < VOLUME[0] ? Number.NEGATIVE_INFINITY : Math.min(VOLUME[1], volume),
      };
    } else if (name === 'pitch') controls = pitched(controls, value, meanPitch);
    else if (name === 'duration') {
      throw new Unreadable(
        'The attribute duration is not supported. Use rate for the speed and break for pauses.',
      );
    }
  }
  // Last, whatever the attributes' order: its points in Hz count from the element's own pitch.
  const points = attributes.get('contour');
  return points === undefined
    ? controls
    : { ...controls, contour: contour(points, controls.pitchHz ?? meanPitch) };
}

/**
 * The controls of `emphasis` on top of those around it.
 * @throws {Unreadable} for an unknown level.
 */
export function emphasis(level: string, outer: SpeechControls): SpeechControls {
  const own = EMPHASIS.get(level);
  if (!own) throw new Unreadable(`level ${quote(level)} is none of ${[...EMPHASIS.keys()].join(', ')}.`);
  return {
    ...outer,
    rate: within(RATE, outer.rate * own.rate),
    pitch: within(PITCH, outer.pitch + own.pitch),
    pitchRange: within(PITCH_RANGE, outer.pitchRange * own.pitchRange),
    volume: Math.min(VOLUME[1], outer.volume + own.volume),
  };
}

/** Do the controls change anything? */
export function isNeutral(controls: SpeechControls): boolean {
  const { rate, pitch, pitchHz, pitchRange, volume, contour } = controls;
  return rate === 1 && pitch === 0 && pitchRange === 1 && volume === 0 && pitchHz === undefined && !contour;
}

function rate(value: string): number {
  const word = RATES.get(value);
  if (word !== undefined) return word;
  const percent = PERCENT.exec(value);
  const factor = percent ? relative(percent) : FACTOR.test(value) ? Number(value) : Number.NaN;
  if (factor >= RATE[0] && factor <= RATE[1]) return factor;
  throw new Unreadable(
    `rate ${quote(value)} is none of ${list(RATES)}, nor a percentage or a factor from 25% to 400%, 0.25 to 4.`,
  );
}

function range(value: string): number {
  const word = RANGES.get(value);
  if (word !== undefined) return word;
  const percent = PERCENT.exec(value);
  const factor = percent ? relative(percent) : Number.NaN;
  if (factor >= PITCH_RANGE[0] && factor <= PITCH_RANGE[1]) return factor;
  throw new Unreadable(`range ${quote(value)} is none of ${list(RANGES)}, nor a percentage from 0% to 300%.`);
}

function decibels(value: string): number {
  const word = VOLUMES.get(value);
  if (word !== undefined) return word;
  const db = DECIBELS.exec(value);
  // A bare number is a share of full volume, as SSML 1.0 has it.
  const percent = PERCENT.exec(value);
  const share = percent ? relative(percent) : FACTOR.test(value) ? Number(value) / 100 : Number.NaN;
  const shareLimit = percent ? 4 : 1;
  if (db) {
    const volume = signed(db);
    if (volume >= VOLUME[0] && volume <= VOLUME[1]) return volume;
  } else if (share >= 0 && share <= shareLimit) return Math.min(VOLUME[1], 20 * Math.log10(share));
  throw new Unreadable(
    `volume ${quote(value)} is none of ${list(VOLUMES)}, nor dB from -60dB to +12dB, a percentage from 0% to 400% or a number from 0 to 100.`,
  );
}

function pitched(controls: SpeechControls, value: string, meanPitch: number): SpeechControls {
  const hertz = HERTZ.exec(value);
  if (hertz && hertz[1] === '') {
    const pitchHz = Number(hertz[2]);
    if (pitchHz >= PITCH_HZ[0] && pitchHz <= PITCH_HZ[1]) return { ...controls, pitchHz, pitch: 0 };
  }
  const shift = PITCHES.get(value) ?? semitones(value, controls.pitchHz ?? meanPitch);
  if (shift !== undefined && shift >= PITCH[0] && shift <= PITCH[1]) {
    return { ...controls, pitch: within(PITCH, controls.pitch + shift) };
  }
  throw new Unreadable(
    `pitch ${quote(value)} is none of ${list(PITCHES)}, nor a change with its sign from -12st to +12st (+2st, -10%, +20Hz), nor 40Hz to 500Hz.`,
  );
}

/** A change of pitch with its sign. */
function semitones(value: string, base: number): number | undefined {
  const shift = SEMITONES.exec(value);
  if (shift) return signed(shift);
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
    `contour's pitch ${quote(value)} is none of ${list(PITCHES)}, nor a change with its sign of at most 24 semitones (+2st, -10%, +20Hz), nor Hz.`,
  );
}

/** `+10%` → 1.1, `90%` → 0.9. */
function relative([, sign, number]: RegExpExecArray): number {
  const share = Number(number) / 100;
  return sign === '' ? share : sign === '+' ? 1 + share : 1 - share;
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

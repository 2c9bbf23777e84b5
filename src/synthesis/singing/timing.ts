import { shiftBounds } from '../../base/shift-bounds.ts';
import { BOUNDARY, END, START } from '../../text/symbols.ts';
import type { SungPhrase } from './phrase.ts';

/** Role of a symbol in its syllable. */
export type SymbolKind = 'edge' | 'boundary' | 'onset' | 'nucleus' | 'coda';

/** A symbol of a phrase. */
export interface SungSymbol {
  readonly symbol: string;
  readonly kind: SymbolKind;
  /** Number of its syllable in the phrase; -1 for edges and boundaries. */
  readonly syllable: number;
}

/** Frames of a phrase's symbols. */
export interface PhraseTiming {
  /** Frames of each symbol for the networks [P]. */
  readonly frames: Int32Array;
  /** Frames in which each symbol is audible [P]. */
  readonly audible: readonly number[];
  /** Seconds from the start of the audio to the phrase's first sample. */
  readonly origin: number;
  /** Frame at which each syllable's vowel starts to sound: `soundLead` frames before its symbol. */
  readonly vowels: readonly number[];
  /** Frames of short rests within the phrase, which are to be silent: from the first to the one after the last. */
  readonly rests: readonly { readonly from: number; readonly to: number }[];
}

/** Consonants between two vowels take at most this share of the time from vowel to vowel. */
const MOST_CONSONANTS = 0.5;
/** Factor on the spoken lengths of consonants where there is time: singers hold them, and words become clear. */
const HELD = 1.3;
/** Held consonants take at most this share of the time from vowel to vowel. */
const MOST_HELD = 0.35;
/** Consonants whose sound rises before their end: a vowel after one begins {@link LATE} frames after its note. */
const VOICED = new Set(['b', 'd', 'ɡ', 'dʒ', 'dʑ', 'ð', 'v', 'z', 'ʒ']);
const LATE = 1;
/** Most seconds of such a consonant before a vowel: the sound of a longer one rises too early. */
const MOST_VOICED = 0.0625;
/** Korean tense stops, whose release is short, and the most seconds of one before a vowel. */
const TENSE = new Set(['p͈', 't͈', 'k͈', 'tɕ͈']);
const MOST_TENSE = 0.1;
/** Seconds that the consonants before a phrase's first vowel take at most. */
const MOST_LEAD = 0.35;
/** If there is too little time before a phrase, its first consonants are shortened to this share before the vowel is delayed. */
const LEAST_LEAD = 0.4;
/** Frames of `^` before a phrase and of `.` and `$` after it: the sound's rise and fall. */
const HEAD_FRAMES = 6;
const TAIL_FRAMES = 12;
/** Those of the tail that are `$`, after the frames of `.`. */
const END_FRAMES = 3;
/** Frames at either side of a short rest in which the sound fades. */
const REST_LEAST = 2;

/**
 * Symbols of a phrase for the text encoder: `^`, the syllables with a boundary between words, and an end that has no frames but `.` and `$`.
 * The end begins with a word that is not sung: in speech the last vowel before a pause holds the silence after it, so a sung one must not be last.
 */
export function symbolsOf({ syllables }: SungPhrase): SungSymbol[] {
  const symbols: SungSymbol[] = [{ symbol: START, kind: 'edge', syllable: -1 }];
  for (const [syllable, { onset, nucleus, coda, begins }] of syllables.entries()) {
    if (begins && syllable > 0) symbols.push({ symbol: BOUNDARY, kind: 'boundary', syllable: -1 });
    for (const symbol of onset) symbols.push({ symbol, kind: 'onset', syllable });
    symbols.push({ symbol: nucleus, kind: 'nucleus', syllable });
    for (const symbol of coda) symbols.push({ symbol, kind: 'coda', syllable });
  }
  const edge = (symbol: string): SungSymbol => ({ symbol, kind: 'edge', syllable: -1 });
  symbols.push(...[BOUNDARY, 'n', syllables[syllables.length - 1].nucleus, '.', END].map(edge));
  return symbols;
}

/**
 * Computes the frames of a phrase's symbols. Every vowel sounds from the beginning of its note. The consonants before it take their time from the previous
 * sound, and those after it end with their last note. Consonants are held longer than the duration model says if there is time, and are
 * shorter if the notes leave less.
 * @param spoken predicted seconds of each symbol [P].
 * @param earliest seconds before which the phrase can't begin.
 * @param frameRate frames a second.
 * @param soundLead frames by which the model's sounds are audible before their symbols (see the manifest).
 */
export function timePhrase(
  phrase: SungPhrase,
  symbols: readonly SungSymbol[],
  spoken: Float64Array,
  {
    earliest,
    frameRate,
    soundLead,
  }: { readonly earliest: number; readonly frameRate: number; readonly soundLead: number },
): PhraseTiming {
  const { syllables } = phrase;
  const lengths = spoken.map((seconds, p) => heldLength(symbols[p], seconds));
  const totals = syllables.map((_, s) => ({
    onset: sum(symbols, lengths, s, 'onset'),
    coda: sum(symbols, lengths, s, 'coda'),
    spoken:
      sum(symbols, spoken, s, 'coda') + (s + 1 < syllables.length ? sum(symbols, spoken, s + 1, 'onset') : 0),
  }));
  const start = (s: number) => syllables[s].notes[0].start;
  const end = (s: number) => syllables[s].notes[syllables[s].notes.length - 1].end;

  // The first vowel lies on a frame's edge, and with it all frames.
  const available = Math.max(0, start(0) - earliest);
  const wanted = Math.min(totals[0].onset, MOST_LEAD);
  const lead = Math.max(Math.min(wanted, available), Math.min(wanted * LEAST_LEAD, totals[0].onset));
  const firstVowel = Math.max(start(0), earliest + lead);
  const leadFrames = totals[0].onset > 0 ? Math.max(1, Math.round(lead * frameRate)) : 0;
  const origin = firstVowel - (HEAD_FRAMES + leadFrames - soundLead - lateness(syllables[0])) / frameRate;
  const frameOf = (seconds: number) => Math.round((seconds - origin) * frameRate) + soundLead;

  const frames = new Int32Array(symbols.length);
  const vowels: number[] = [];
  const rests: { from: number; to: number }[] = [];
  frames[0] = HEAD_FRAMES;
  frames[frames.length - 2] = TAIL_FRAMES - END_FRAMES;
  frames[frames.length - 1] = END_FRAMES;
  fill(frames, symbols, lengths, 0, 'onset', leadFrames);
  let at = HEAD_FRAMES + leadFrames;
  for (let s = 0; s < syllables.length; s++) {
    vowels.push(at - soundLead);
    const last = s === syllables.length - 1;
    const until = last
      ? Number.POSITIVE_INFINITY
      : Math.max(at + 1, frameOf(start(s + 1)) + lateness(syllables[s + 1]));
    const sung = Math.min(Math.max(at + 1, frameOf(end(s))), until);
    const room = (last ? sung : until) - at;
    const rest = last ? 0 : until - sung;
    const coda = totals[s].coda * frameRate;
    const onset = last ? 0 : totals[s + 1].onset * frameRate;
    // An onset takes of a rest first.
    const taken = coda + Math.max(0, onset - rest);
    const time = sung - at;
    const most = Math.max(MOST_HELD * time, Math.min(MOST_CONSONANTS * time, totals[s].spoken * frameRate));
    const scale = taken > 0 ? Math.min(1, most / taken) : 1;
    const onsetFrames = Math.min(
      room - 1,
      atLeast(onset === 0 ? 0 : Math.max(rest, 0) >= onset ? onset : onset * scale),
    );
    const vowelEnd = Math.min(sung, until - onsetFrames);
    const codaFrames = Math.min(Math.max(0, (last ? sung : vowelEnd) - at - 1), atLeast(coda * scale));
    const silent = last ? 0 : Math.max(0, until - onsetFrames - vowelEnd);
    fill(frames, symbols, lengths, s, 'coda', codaFrames);
    if (!last) fill(frames, symbols, lengths, s + 1, 'onset', onsetFrames);
    const nucleus = symbols.findIndex(({ syllable, kind }) => syllable === s && kind === 'nucleus');
    frames[nucleus] = room - codaFrames - onsetFrames - silent;
    if (silent > 0) {
      // The last symbol of the syllable extends through the rest, where it is silent.
      const lastSymbol = symbols.findLastIndex(({ syllable }) => syllable === s);
      frames[codaFrames > 0 ? lastSymbol : nucleus] += silent;
      if (silent >= REST_LEAST) {
        rests.push({ from: vowelEnd - soundLead, to: vowelEnd + silent - soundLead });
      }
    }
    at += room;
  }
  return { frames, audible: shiftBounds(frames, soundLead), origin, vowels, rests };
}

/**
 * Index of the symbol that each frame belongs to [T].
 * @param frames of each symbol [P].
 */
export function symbolsOfFrames(frames: readonly number[]): Int32Array {
  return Int32Array.from(frames.flatMap((count, p) => new Array<number>(count).fill(p)));
}

/** Seconds of a sound that is `spoken` seconds long in speech, where there is time. */
function heldLength({ kind, symbol }: SungSymbol, spoken: number): number {
  if (kind !== 'onset' && kind !== 'coda') return spoken;
  const held = HELD * spoken;
  if (kind !== 'onset') return held;
  if (VOICED.has(symbol)) return Math.min(held, MOST_VOICED);
  return TENSE.has(symbol) ? Math.min(held, MOST_TENSE) : held;
}

/** Frames after the note's beginning at which a syllable's vowel begins. */
function lateness({ onset }: SungPhrase['syllables'][number]): number {
  return VOICED.has(onset.at(-1) ?? '') ? LATE : 0;
}

function atLeast(frames: number): number {
  return frames > 0 ? Math.max(1, Math.round(frames)) : 0;
}

function sum(
  symbols: readonly SungSymbol[],
  lengths: Float64Array,
  syllable: number,
  kind: SymbolKind,
): number {
  return symbols.reduce((total, symbol, p) => {
    return symbol.syllable === syllable && symbol.kind === kind ? total + lengths[p] : total;
  }, 0);
}

/** Divides frames among the consonants of one kind of a syllable by their lengths; with too few, the last ones get none. */
function fill(
  frames: Int32Array,
  symbols: readonly SungSymbol[],
  lengths: Float64Array,
  syllable: number,
  kind: SymbolKind,
  count: number,
): void {
  const places = symbols.flatMap((symbol, p) =>
    symbol.syllable === syllable && symbol.kind === kind ? [p] : [],
  );
  const total = places.reduce((all, p) => all + lengths[p], 0);
  let given = 0;
  let done = 0;
  for (const [i, p] of places.entries()) {
    done += lengths[p];
    const left = places.length - 1 - i;
    const ideal = Math.round((done / total) * count) - given;
    frames[p] = Math.max(0, Math.min(Math.max(1, ideal), count - given - Math.min(left, count - given - 1)));
    given += frames[p];
  }
}

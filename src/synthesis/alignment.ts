import { isSsml, plainText } from '../text/markup.ts';
import type { Span } from '../text/types.ts';
import { timedVisemes } from './visemes.ts';

/** A phoneme or pause and where it sounds. */
export interface TimedPhoneme {
  /** Of the model's table; a word's phoneme, a pause mark, a word boundary, `^` or `$`. */
  readonly symbol: string;
  /** First sample at 24 kHz. */
  readonly startSample: number;
  /** Sample after the last one. Phonemes follow each other without gaps; a pause may be empty. */
  readonly endSample: number;
  /** Of the original input, SSML included. */
  readonly span: Span;
  /** Number of the written word in the text, from 0; -1 for all that is no word. */
  readonly word: number;
  /** Number of the sentence in the text, from 0. */
  readonly sentence: number;
}

/** An SSML `<mark>` and the sample that it falls on. */
export interface TimedMark {
  readonly name: string;
  readonly sample: number;
  readonly span: Span;
}

/** When what is spoken. Filled in as utterances are planned. */
export interface Alignment {
  readonly phonemes: TimedPhoneme[];
  readonly marks: TimedMark[];
}

/** Units of cues. */
export const CUE_UNITS = ['word', 'phoneme', 'sentence', 'mark', 'viseme'] as const;
/** One of {@link CUE_UNITS}. */
export type CueUnit = (typeof CUE_UNITS)[number];

/** A stretch of speech and the text that it speaks. */
export interface Cue {
  /** Milliseconds from the start of the audio. */
  readonly start_ms: number;
  /** Milliseconds; a mark's equals its start. */
  readonly end_ms: number;
  /** Its text without SSML markup; a phoneme's symbol; a mark's name. */
  readonly text: string;
  /** UTF-16 code units of the original input. */
  readonly span: Span;
}

const SAMPLES_PER_MS = 24;

/**
 * Words, phonemes, sentences, marks or visemes with their times, in the order spoken. Pauses make no cues but visemes; a word or sentence lasts from
 * its first phoneme's start to its last one's end.
 * @param input the text or SSML that the alignment's spans point into.
 */
export function cuesOf(alignment: Alignment, input: string, unit: CueUnit): Cue[] {
  if (unit === 'mark') {
    return alignment.marks.map(({ name, sample, span }) => cue(sample, sample, name, span));
  }
  if (unit === 'viseme') {
    return timedVisemes(alignment.phonemes).map(({ viseme, startSample, endSample, span }) =>
      cue(startSample, endSample, viseme, span),
    );
  }
  const spoken = alignment.phonemes.filter(({ word }) => word >= 0);
  if (unit === 'phoneme') {
    return spoken.map(({ startSample, endSample, symbol, span }) =>
      cue(startSample, endSample, symbol, span),
    );
  }
  const read = isSsml(input) ? plainText : (text: string) => text;
  return grouped(spoken, unit).map((group) => {
    const span = coverOf(group, unit === 'sentence' ? alignment.phonemes : group);
    const last = group[group.length - 1];
    return cue(group[0].startSample, last.endSample, read(input.slice(span.start, span.end)), span);
  });
}

function cue(start: number, end: number, text: string, span: Span): Cue {
  return { start_ms: milliseconds(start), end_ms: milliseconds(end), text, span };
}

/** To a tenth of a millisecond, which is finer than any frame. */
function milliseconds(sample: number): number {
  return Math.round((sample / SAMPLES_PER_MS) * 10) / 10;
}

function grouped(phonemes: readonly TimedPhoneme[], unit: 'word' | 'sentence'): TimedPhoneme[][] {
  const groups: TimedPhoneme[][] = [];
  for (const phoneme of phonemes) {
    const group = groups[groups.length - 1];
    if (group && group[0][unit] === phoneme[unit]) group.push(phoneme);
    else groups.push([phoneme]);
  }
  return groups;
}

/** The stretch of input that a group speaks; a sentence's includes its marks, of which the last follows its last word. */
function coverOf(group: readonly TimedPhoneme[], candidates: readonly TimedPhoneme[]): Span {
  const { sentence } = group[0];
  let { start, end } = group[0].span;
  for (const phoneme of candidates) {
    // `^`, `$` and word boundaries have no position.
    if (phoneme.sentence !== sentence || phoneme.span.start === phoneme.span.end) continue;
    start = Math.min(start, phoneme.span.start);
    end = Math.max(end, phoneme.span.end);
  }
  return { start, end };
}

import { SoriError } from '../../base/errors.ts';
import type { AnalyzeOptions, FrontEnd } from '../frontend.ts';
import { parseIpa } from '../ipa.ts';
import { isBritish, primarySubtag } from '../language.ts';
import { END, isPauseSymbol, isVowel, isWordBoundary, START, TUNE_MARKS } from '../symbols.ts';
import { shareSyllables } from './share.ts';
import { englishOnset, koreanOnset, type OnsetRule, type Syllable, syllabify } from './syllables.ts';

/** Lyrics of one note. */
export interface LyricText {
  readonly text: string;
  /** Whether a word begins, and ends, with it. */
  readonly begins: boolean;
  readonly ends: boolean;
  /** IPA in place of the text's pronunciation. */
  readonly phonemes?: string;
  /** Position in its file, for messages. */
  readonly place?: string;
}

/** A syllable and its position in the words. */
export interface LyricSyllable extends Syllable {
  /** Whether a word begins with it. */
  readonly begins: boolean;
}

/** Options for reading lyrics. */
export interface LyricOptions extends Pick<AnalyzeOptions, 'pronunciations'> {
  /** BCP 47. */
  readonly language: string;
}

/** Maximum letters of a word. The cost of assigning syllables grows with its square. */
const MAX_WORD = 64;

interface Word {
  /** Numbers of its notes: from the first to the one after the last. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly phonemes?: string;
}

/**
 * Reads the lyrics of a phrase: words are pronounced in their context, divided into syllables and assigned to their notes.
 * @param lyrics the lyrics of the notes, in order.
 * @returns the syllables of each; none where the syllable before continues.
 * @throws {SoriError} `invalid_lyrics` for text that can't be sung, with its place; `invalid_pronunciation`.
 */
export function readLyrics(
  lyrics: readonly LyricText[],
  frontEnd: FrontEnd,
  { language, pronunciations }: LyricOptions,
): LyricSyllable[][] {
  const words = wordsOf(joinHangul(lyrics));
  const spoken = pronounce(words, lyrics, frontEnd, { language, pronunciations });
  const mayBegin: OnsetRule = primarySubtag(language) === 'ko' ? koreanOnset : englishOnset;
  return words.flatMap(({ from, to }, w) => {
    const syllables = syllabify(spoken[w], mayBegin, isSungVowel);
    const written = lyrics.slice(from, to).map(({ text }) => Math.max(1, lettersOf(text).length));
    const sizes = syllables.map(({ onset, coda }) => onset.length + coda.length + 1);
    return shareSyllables(written, sizes).map((share) =>
      syllables.slice(share.from, share.to).map((syllable, i) => ({
        ...syllable,
        begins: share.from === 0 && i === 0,
      })),
    );
  });
}

/** A vowel of any language of the models. */
function isSungVowel(symbol: string): boolean {
  return isVowel(symbol) || /^[ˈˌ]?[aeiouɑɐæɒɔəɘɛɜɝɚɞɤɨɪɯøœʉʊʌyʏ]/.test(symbol);
}

/** Maximum syllables of Korean that are joined into a word. */
const MAX_JOINED = 24;

/**
 * Joins Korean lyrics that name a single syllable for each note and no words, as many editors write them: a consonant at the end of a
 * syllable then sounds with the next one (값 이 as 갑 시). Where any lyric of the phrase shows where words begin or end, all are kept.
 */
function joinHangul(lyrics: readonly LyricText[]): readonly LyricText[] {
  const single = lyrics.every(({ text, begins, ends, phonemes }) => {
    return begins && ends && phonemes === undefined && /^[가-힣][^\p{L}\p{N}]*$/u.test(text.trim());
  });
  if (!single) return lyrics;
  const closes = (i: number) => !/^[가-힣]$/.test(lyrics[i].text.trim()) || (i + 1) % MAX_JOINED === 0;
  return lyrics.map((lyric, i) => ({
    ...lyric,
    begins: i === 0 || closes(i - 1),
    ends: i === lyrics.length - 1 || closes(i),
  }));
}

/** Whether a symbol of an utterance is a sound: no edge, boundary, pause or tune. */
function isSound(symbol: string): boolean {
  const mark = symbol === START || symbol === END || isWordBoundary(symbol) || TUNE_MARKS.has(symbol);
  return !mark && !isPauseSymbol(symbol);
}

function wordsOf(lyrics: readonly LyricText[]): Word[] {
  const words: Word[] = [];
  for (let from = 0; from < lyrics.length; ) {
    let to = from + 1;
    // Stated phonemes are a syllable of their own.
    const stated = lyrics[from].phonemes;
    while (stated === undefined && to < lyrics.length && continues(lyrics, to)) to++;
    const text = lyrics
      .slice(from, to)
      .map(({ text }) => text.trim())
      .join('');
    if (text.length > MAX_WORD) {
      throw unsingable(lyrics[from], `a word of more than ${MAX_WORD} letters can't be sung`);
    }
    words.push({ from, to, text: unshouted(text), phonemes: stated });
    from = to;
  }
  return words;
}

function continues(lyrics: readonly LyricText[], i: number): boolean {
  return !lyrics[i].begins && !lyrics[i - 1].ends && lyrics[i].phonemes === undefined;
}

/** Lower case, since scores may write words in capitals, which a front end would read as initials. */
function unshouted(text: string): string {
  const letters = lettersOf(text);
  return letters.length > 1 && letters === letters.toUpperCase() ? text.toLowerCase() : text;
}

function lettersOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}']/gu, '');
}

/** Symbols of each word, as it is pronounced next to its neighbours. */
function pronounce(
  words: readonly Word[],
  lyrics: readonly LyricText[],
  frontEnd: FrontEnd,
  { language, pronunciations }: LyricOptions,
): string[][] {
  const spoken: string[][] = words.map(({ phonemes, from }) =>
    phonemes ? stated(phonemes, lyrics[from]) : [],
  );
  const read = words.filter(({ phonemes, text }) => !phonemes && lettersOf(text) !== '');
  if (read.length > 0) {
    const bounds: { readonly end: number; readonly word: number }[] = [];
    let input = '';
    for (const word of read) {
      input += `${input ? ' ' : ''}${plain(word.text)}`;
      bounds.push({ end: input.length, word: words.indexOf(word) });
    }
    // Neither markup nor sentence ends are recognized.
    const utterances = frontEnd.analyze(input, {
      language: isBritish(language) ? language : undefined,
      pronunciations,
      maxPhonemes: Number.MAX_SAFE_INTEGER,
    });
    for (const { symbol, span } of utterances.flatMap(({ phonemes }) => phonemes)) {
      if (!isSound(symbol)) continue;
      const bound = bounds.find(({ end }) => span.start < end);
      if (bound) spoken[bound.word].push(symbol);
    }
  }
  const silent = spoken.findIndex((symbols) => symbols.length === 0);
  if (silent >= 0) {
    const { from, text } = words[silent];
    throw unsingable(lyrics[from], `"${text}" can't be pronounced`);
  }
  return spoken;
}

/** Symbols of a syllable whose phonemes are stated. @throws {SoriError} `invalid_pronunciation`, with the place. */
function stated(phonemes: string, { place }: LyricText): string[] {
  try {
    return parseIpa(phonemes, 'score').flat();
  } catch (error) {
    if (!(error instanceof SoriError) || place === undefined) throw error;
    throw new SoriError(error.code, `${place}: ${error.message}`, { param: 'score', cause: error });
  }
}

/** Letters, digits and the marks inside words. Other characters of a score are removed. */
function plain(text: string): string {
  const kept = text
    .normalize('NFC')
    .replaceAll('’', "'")
    .replace(/[^\p{L}\p{M}\p{N}'.,?!-]/gu, '');
  return kept.replace(/^[^\p{L}\p{N}']+/u, '') || text;
}

function unsingable({ place }: LyricText, what: string): SoriError {
  return new SoriError('invalid_lyrics', `${place ? `${place}: ` : ''}${what}.`, { param: 'score' });
}

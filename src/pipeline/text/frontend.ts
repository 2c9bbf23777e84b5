import { SoriError } from '../../errors.ts';
import { openDictionary } from './dictionary.ts';
import { reduce } from './function-words.ts';
import { heteronym, type Sentence } from './heteronyms.ts';
import { parseIpa } from './ipa.ts';
import { letterName } from './letter-names.ts';
import { openLetterToSound } from './letter-to-sound.ts';
import { withS } from './morphology.ts';
import { normalize } from './normalize.ts';
import { findOverrides, type Override } from './overrides.ts';
import { createPronouncer, type Pronouncer, type PronunciationSource } from './pronounce.ts';
import { cutUtterances, joinWords, type SpokenWord } from './sequence.ts';
import { isPauseSymbol, PAUSE_MARKS, SYMBOLS } from './symbols.ts';
import type { Phoneme, Span, SpokenToken, Utterance } from './types.ts';

/** Longest utterance by default, in symbols: some 15 seconds of speech. */
export const DEFAULT_MAX_PHONEMES = 220;

/** What a front end needs of a model. */
export interface FrontEndData {
  /** `en.dictionary.bin` */
  readonly dictionary: Uint8Array;
  /** `en.fallback.bin`; without it unknown words are spelled. */
  readonly fallback?: Uint8Array;
  /** The model's phoneme table. */
  readonly phonemes: readonly string[];
}

/** Options of {@link FrontEnd.analyze}. */
export interface AnalyzeOptions {
  /** Word or phrase, any case, to IPA. */
  readonly pronunciations?: Readonly<Record<string, string>>;
  /** Longest utterance in symbols, `^` and `$` included; longer sentences are cut. */
  readonly maxPhonemes?: number;
  /** Told of every word: how it was found and as what. For tools. */
  readonly onWord?: (
    word: string,
    from: PronunciationSource | 'heteronym' | 'override',
    symbols: readonly string[],
  ) => void;
}

/** Text in, utterances of phonemes out. */
export interface FrontEnd {
  /**
   * @param text any string.
   * @returns one utterance for each sentence, more for a long one; at least one.
   * @throws {SoriError} `nothing_to_speak` when the text holds no word; `invalid_pronunciation` for IPA that can't be read.
   */
  analyze(text: string, options?: AnalyzeOptions): Utterance[];
}

/**
 * Makes the English front end: text → words → phonemes → utterances. Opening costs next to nothing.
 * @throws {SoriError} `model_unavailable` when the data can't be used with the model.
 */
export function createFrontEnd(data: FrontEndData): FrontEnd {
  const table = new Set(data.phonemes);
  const missing = SYMBOLS.find((symbol) => !table.has(symbol));
  if (missing !== undefined) {
    throw new SoriError(
      'model_unavailable',
      `The model's phoneme table lacks "${missing}", which English needs.`,
    );
  }
  const pronouncer = openPronouncer(data);
  return { analyze: (text, options = {}) => analyze(text, pronouncer, options) };
}

function openPronouncer(data: FrontEndData): Pronouncer {
  return readable(() => {
    const fallback = data.fallback && openLetterToSound(data.fallback);
    // The fallback reads most of its bytes only when the first unknown word comes.
    const guarded = fallback && {
      pronounce: (letters: string) => readable(() => fallback.pronounce(letters)),
    };
    return createPronouncer(openDictionary(data.dictionary), guarded);
  });
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new SoriError('model_unavailable', "The model's pronunciation data can't be read.", { cause });
  }
}

function analyze(text: string, pronouncer: Pronouncer, options: AnalyzeOptions): Utterance[] {
  const overrides = findOverrides(options.pronunciations ?? {})(text);
  const sentences = readSentences(normalize(text), overrides);
  const utterances = sentences.flatMap((sentence, index) => {
    const words = speakSentence(sentence, pronouncer, options.onWord);
    return cutUtterances(joinWords(words), options.maxPhonemes ?? DEFAULT_MAX_PHONEMES, index);
  });
  if (utterances.length === 0) {
    throw new SoriError(
      'nothing_to_speak',
      'The input holds nothing that can be spoken: no word, number or named symbol.',
      {
        param: 'input',
      },
    );
  }
  return utterances;
}

/** A word token, or an override in place of one or several, and the mark that follows. */
interface Item {
  readonly token: Exclude<SpokenToken, { kind: 'pause' }>;
  readonly override: readonly (readonly string[])[] | undefined;
  pause: Phoneme | undefined;
}

const SENTENCE_END = new Set(['.', '?', '!']);

/** Cuts the tokens into sentences; of marks in a row the strongest stays, marks before any word are dropped. */
function readSentences(tokens: readonly SpokenToken[], overrides: readonly Override[]): Item[][] {
  const sentences: Item[][] = [];
  let sentence: Item[] = [];
  let next = 0;
  let spokenUpTo = -1;
  for (const token of tokens) {
    if (token.kind === 'pause') {
      if (sentence.length === 0) continue;
      const last = sentence[sentence.length - 1];
      if (last.pause === undefined || strength(token.text) > strength(last.pause.symbol)) {
        last.pause = { symbol: token.text, span: token.span };
      }
      continue;
    }
    if (token.span.end <= spokenUpTo) continue;
    if (endsSentence(sentence, token)) {
      sentences.push(sentence);
      sentence = [];
    }
    while (next < overrides.length && overrides[next].span.end <= token.span.start) next++;
    const match = overrides[next];
    const override = match && token.kind !== 'ipa' ? overrideFor(token, match) : undefined;
    if (override) spokenUpTo = match.span.end;
    const span = override ? cover(token.span, match.span) : token.span;
    sentence.push({ token: { ...token, span }, override, pause: undefined });
  }
  if (sentence.length > 0) sentences.push(sentence);
  return sentences;
}

function strength(mark: string): number {
  return PAUSE_MARKS.indexOf(mark as (typeof PAUSE_MARKS)[number]);
}

/** `.`, `?` and `!` end a sentence; `…` does when a capital follows. */
function endsSentence(sentence: readonly Item[], next: SpokenToken): boolean {
  const mark = sentence[sentence.length - 1]?.pause?.symbol;
  if (mark === undefined) return false;
  return SENTENCE_END.has(mark) || (mark === '…' && next.kind === 'word' && /^\p{Lu}/u.test(next.source));
}

/** The override's words if it is for this token: all of it, or all but a possessive ending. */
function overrideFor(token: SpokenToken, { span, words }: Override): Override['words'] | undefined {
  const overlaps = span.start < token.span.end && token.span.start < span.end;
  if (!overlaps) return undefined;
  const possessive = token.kind === 'word' && token.span.end > span.end && token.text.endsWith("'s");
  return possessive ? [...words.slice(0, -1), withS(words[words.length - 1])] : words;
}

function cover(a: Span, b: Span): Span {
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}

function speakSentence(
  items: readonly Item[],
  pronouncer: Pronouncer,
  onWord: AnalyzeOptions['onWord'],
): SpokenWord[] {
  const context: Sentence = {
    words: items.map(({ token }) => token.text.toLowerCase()),
    sources: items.map(({ token }) => (token.kind === 'word' ? token.source : token.text)),
    pauses: items.map(({ pause }, i) => pause !== undefined || i === items.length - 1),
  };
  const spoken = items
    .map((item, index) => ({ item, index, parts: citation(item, index, context, pronouncer, onWord) }))
    .filter(({ parts }) => parts.length > 0);
  return spoken.map(({ item, index, parts }, i) => {
    const isWord = item.token.kind === 'word' && item.override === undefined;
    const symbols = isWord && !isLetterName(item.token, index) ? reduced(spoken, i, context) : parts;
    return { parts: symbols, span: item.token.span, pause: item.pause };
  });
}

interface Cited {
  readonly item: Item;
  readonly index: number;
  readonly parts: readonly (readonly string[])[];
}

function reduced(spoken: readonly Cited[], i: number, context: Sentence): readonly (readonly string[])[] {
  const { item, index, parts } = spoken[i];
  const beforePause = context.pauses[index] || i === spoken.length - 1;
  const place = {
    alone: spoken.length === 1,
    beforePause,
    next: beforePause ? undefined : spoken[i + 1].parts[0][0],
  };
  return [reduce(item.token.text, parts[0], place)];
}

/** "Plan A": a capital A inside a sentence is the letter. */
function isLetterName(token: SpokenToken, index: number): boolean {
  return token.kind === 'word' && token.text === 'a' && token.source === 'A' && index > 0;
}

function citation(
  item: Item,
  index: number,
  context: Sentence,
  pronouncer: Pronouncer,
  onWord: AnalyzeOptions['onWord'],
): readonly (readonly string[])[] {
  const { token, override } = item;
  if (override) {
    onWord?.(token.text, 'override', override.flat());
    return override;
  }
  if (token.kind === 'ipa') return parseIpa(token.ipa, 'input');
  if (token.kind === 'letter' || isLetterName(token, index)) {
    const name = letterName(token.text.toLowerCase());
    return name ? [name] : [];
  }
  const chosen = heteronym(context, index);
  if (chosen) {
    onWord?.(token.text, 'heteronym', chosen);
    return [chosen];
  }
  const found = pronouncer.pronounce(token.text);
  if (!found || found.symbols.length === 0) return [];
  onWord?.(token.text, found.from, found.symbols);
  return [found.symbols];
}

/** Is the symbol one that stands between words? */
export function isBetweenWords(symbol: string): boolean {
  return symbol === ' ' || isPauseSymbol(symbol);
}

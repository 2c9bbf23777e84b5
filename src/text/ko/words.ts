import type { Item } from '../en/sentences.ts';
import { parseIpa } from '../ipa.ts';
import type { SpokenWord } from '../sequence.ts';
import { BOUNDARY, isPauseSymbol, PHRASE_BOUNDARY, TUNE_MARKS } from '../symbols.ts';
import type { Phoneme, Span, SpokenToken } from '../types.ts';
import { exactKorean } from './exact.ts';
import { koreanIpa } from './ipa.ts';
import { tuneOf } from './phrases.ts';
import { type SpokenKorean, speak } from './speak.ts';
import { TUNES } from './symbols.ts';

/** Symbols that a model's table may lack. */
export interface KoreanTable {
  /** Whether the table has the boundary of accentual phrases. */
  readonly boundaries: boolean;
  /** Whether the table has the tune marks. */
  readonly tunes: boolean;
}

/** Writes a word that is not Hangul, such as markup makes it, in Hangul. */
export type Transcriber = (word: string, spelled: boolean) => string;

/** Options of {@link speakKoreanSentence}. */
export interface SentenceOptions {
  readonly table: KoreanTable;
  readonly transcribe: Transcriber;
  /** Whether the sentence ends with these words and doesn't continue in another voice or language. */
  readonly ends: boolean;
}

/** Speaks the words of a Korean sentence: phrases, junctures and tunes included. */
export function speakKoreanSentence(
  items: readonly Item[],
  { table, transcribe, ends }: SentenceOptions,
): SpokenWord[] {
  const spoken: SpokenWord[] = [];
  let from = 0;
  for (const [i, { pause }] of items.entries()) {
    if (pause === undefined && i < items.length - 1) continue;
    spoken.push(...speakStretch(items, from, i + 1, { table, transcribe, ends }));
    from = i + 1;
  }
  return spoken;
}

/** Words without a pause between them. Words with a pronunciation in the request divide it into runs of Hangul. */
function speakStretch(
  items: readonly Item[],
  from: number,
  to: number,
  { table, transcribe, ends }: SentenceOptions,
): SpokenWord[] {
  const spoken: SpokenWord[] = [];
  const hangul: { item: Item; word: string }[] = [];
  const flush = () => {
    if (hangul.length === 0) return;
    const words = speak(hangul.map(({ word }) => word));
    spoken.push(...words.map((word) => toWord(word, hangul[word.word].item.token.span, table)));
    hangul.length = 0;
  };
  for (const item of items.slice(from, to)) {
    const { token, override } = item;
    const given = override ? { parts: override } : pronounced(token, table);
    if (given) {
      flush();
      spoken.push({ ...given, span: token.span, pause: undefined });
    } else {
      const word = writtenInHangul(token) ?? transcribe(token.text, token.kind === 'letter');
      if (word !== '') hangul.push({ item, word });
    }
  }
  flush();
  return withPause(spoken, items.slice(0, to), table, ends);
}

/** The pronunciation of a word that the text gives in IPA, unless it is that of Hangul, which depends on the neighbouring words. */
function pronounced(
  token: SpokenToken,
  { boundaries, tunes }: KoreanTable,
): Pick<SpokenWord, 'parts' | 'boundary'> | undefined {
  if (token.kind !== 'ipa') return undefined;
  const exact = exactKorean(token.ipa);
  if (exact) {
    const symbols = tunes ? exact.symbols : exact.symbols.filter((symbol) => !TUNE_MARKS.has(symbol));
    return { parts: [symbols], boundary: boundaries && exact.phrase ? PHRASE_BOUNDARY : BOUNDARY };
  }
  return writtenInHangul(token) === undefined ? { parts: parseIpa(token.ipa, 'input') } : undefined;
}

function writtenInHangul(token: SpokenToken): string | undefined {
  const text = token.kind === 'ipa' ? token.ipa.replace(/\s/g, '') : token.text;
  if (/^[가-힣]+$/.test(text)) return text;
  return token.kind === 'ipa' ? koreanIpa(text) : undefined;
}

function toWord({ symbols, juncture }: SpokenKorean, span: Span, { boundaries }: KoreanTable): SpokenWord {
  const end = { start: span.end, end: span.end };
  return {
    parts: [symbols],
    span,
    pause: juncture === 'intonation' ? { symbol: ',', span: end } : undefined,
    boundary: boundaries && juncture === 'accentual' ? PHRASE_BOUNDARY : BOUNDARY,
  };
}

/** Sets the mark after the last word: as written, but a question without a question mark gets one. */
function withPause(
  spoken: SpokenWord[],
  items: readonly Item[],
  { tunes }: KoreanTable,
  ends: boolean,
): SpokenWord[] {
  const last = spoken.at(-1);
  if (!last) return spoken;
  const { pause } = items[items.length - 1];
  const words = items.map(({ token }) => token.text);
  const tune = tuneOf(words, pause?.symbol ?? (ends ? undefined : ','));
  const asks =
    !hasTune(last.parts) && pause?.symbol === '.' && (tune === 'question' || tune === 'wh-question');
  const marked: Phoneme | undefined = asks ? { ...pause, symbol: '?' } : pause;
  const parts = tunes ? withTune(last.parts, TUNES[tune]) : last.parts;
  spoken[spoken.length - 1] = { ...last, parts, pause: marked };
  if (!tunes) return spoken;
  return spoken.map((word, i) =>
    i < spoken.length - 1 && word.pause && isPauseSymbol(word.pause.symbol)
      ? { ...word, parts: withTune(word.parts, TUNES.continuation) }
      : word,
  );
}

/** A word whose tune is given keeps it. */
function withTune(parts: SpokenWord['parts'], tune: string): SpokenWord['parts'] {
  if (hasTune(parts)) return parts;
  return [...parts.slice(0, -1), [...(parts.at(-1) ?? []), tune]];
}

function hasTune(parts: SpokenWord['parts']): boolean {
  return TUNE_MARKS.has(parts.at(-1)?.at(-1) ?? '');
}

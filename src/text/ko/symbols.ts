import { PHRASE_BOUNDARY } from '../symbols.ts';

/**
 * The Korean sounds, each with one symbol. All other files take them from here. Tense consonants carry U+0348, unreleased finals U+031A.
 * Lenis stops have two symbols: voiceless at the beginning of an accentual phrase, voiced inside it.
 *
 * - `teacher`: the nearest spelling in the alphabet of the teacher that sori-2 is trained from, as measured (see docs/korean.md).
 * - `english`: the nearest symbols of sori-1's table, with which a model for English only speaks Korean.
 */
export interface KoreanSymbol {
  readonly symbol: string;
  readonly teacher: string;
  readonly english: readonly string[];
}

const TABLE = `
p p p|t t t|k k k|tɕ ʨ tʃ
b b b|d d d|ɡ ɡ ɡ|dʑ ʥ dʒ
p͈ ʔp p|t͈ ʔt t|k͈ ʔk k|tɕ͈ ʔʨ tʃ
pʰ pʰ p|tʰ tʰ t|kʰ kʰ k|tɕʰ ʨʰ tʃ
s s s|ɕ ɕ ʃ|s͈ s s|ɕ͈ ɕ ʃ
h h h|ɦ h h
m m m|n n n|ŋ ŋ ŋ|ɾ ɾ ɹ|l l l
p̚ p p|t̚ t t|k̚ k k
j j j|w w w|ɰ ɰ w
a a ɑ|ɛ ɛ ɛ|e e ɛ|ʌ ɔ ʌ|o o oʊ|u u u|ɯ ɯ ʊ|i i i
`;

/** The Korean sounds in order. */
export const KOREAN_SYMBOLS: readonly KoreanSymbol[] = TABLE.trim()
  .split(/[\n|]/)
  .map((entry) => {
    const [symbol, teacher, english] = entry.split(' ');
    return { symbol, teacher, english: [english] };
  });

/** Marks of the tune at the end of an intonation phrase, before its pause mark. */
export const TUNES = {
  statement: '↘',
  question: '↗',
  'wh-question': '↗',
  request: '↓',
  continuation: '→',
  list: '→',
} as const;

const BY_SYMBOL = new Map(KOREAN_SYMBOLS.map((one) => [one.symbol, one]));

/** Whether the symbol is a Korean sound. */
export function isKoreanSound(symbol: string): boolean {
  return BY_SYMBOL.has(symbol);
}

/** Whether the symbol is a Korean vowel. */
export function isKoreanVowel(symbol: string): boolean {
  return 'aɛeʌouɯi'.includes(symbol) && symbol.length === 1;
}

/** Korean symbols in the teacher's alphabet: the tune marks are its own, the boundaries are spaces. */
export function toTeacher(symbols: readonly string[]): string {
  return symbols
    .map((symbol) => (symbol === PHRASE_BOUNDARY ? ' ' : (BY_SYMBOL.get(symbol)?.teacher ?? symbol)))
    .join('');
}

/** The symbols of sori-1's table that are nearest to a Korean one. */
export function toEnglish(symbol: string): readonly string[] {
  return BY_SYMBOL.get(symbol)?.english ?? [symbol];
}

/** Marks that a sentence may carry between words, weakest first; of consecutive marks the strongest is kept. */
export const PAUSE_MARKS = [',', ':', ';', '—', '…', '.', '!', '?'] as const;
/** One pause mark. */
export type PauseMark = (typeof PAUSE_MARKS)[number];

/** Padding, start of an utterance, end of an utterance, boundary between two words. */
export const PAD = '_';
export const START = '^';
export const END = '$';
export const BOUNDARY = ' ';
/** Boundary between two accentual phrases of Korean, in models that have it. */
export const PHRASE_BOUNDARY = '|';
/** Marks of the tune at the end of a Korean phrase, in models that have them: falling, rising, low, level. */
export const TUNE_MARKS: ReadonlySet<string> = new Set('↘↗↓→');

/** Whether the symbol separates two words without a pause. */
export function isWordBoundary(symbol: string): boolean {
  return symbol === BOUNDARY || symbol === PHRASE_BOUNDARY;
}

const CONSONANTS = 'p b t d k ɡ tʃ dʒ f v θ ð s z ʃ ʒ h m n ŋ l ɹ w j'.split(' ');
const FULL_VOWELS = 'ɑ æ ɔ aʊ aɪ ɛ eɪ ɪ i oʊ ɔɪ ʊ u'.split(' ');
/** Central vowels, whose quality goes with their stress: unstressed, primary, secondary. */
const CENTRAL_VOWELS = ['ə', 'ˈʌ', 'ˌʌ', 'ɚ', 'ˈɝ', 'ˌɝ'];

/** The phoneme table of sori-1: a symbol's position is its id. Trained weights depend on this order. */
export const SYMBOLS: readonly string[] = [
  PAD,
  START,
  END,
  BOUNDARY,
  ',',
  '.',
  '?',
  '!',
  ';',
  ':',
  '—',
  '…',
  ...CONSONANTS,
  ...FULL_VOWELS.flatMap((vowel) => [vowel, `ˈ${vowel}`, `ˌ${vowel}`]),
  ...CENTRAL_VOWELS,
];

/** Vowels of British English that American lacks: LOT, GOAT, NURSE and SQUARE. */
const BRITISH_VOWELS = 'ɒ əʊ ɜː ɛː'.split(' ');

/** Symbols of British English in addition to {@link SYMBOLS}, in models that have them. */
export const BRITISH_SYMBOLS: readonly string[] = BRITISH_VOWELS.flatMap((vowel) => [
  vowel,
  `ˈ${vowel}`,
  `ˌ${vowel}`,
]);

/** Symbol to its position in {@link SYMBOLS}. */
export const SYMBOL_IDS: ReadonlyMap<string, number> = new Map(SYMBOLS.map((symbol, id) => [symbol, id]));

const VOWELS: ReadonlySet<string> = new Set([...SYMBOLS.slice(12 + CONSONANTS.length), ...BRITISH_SYMBOLS]);

/** Whether the symbol is a vowel, of any stress. */
export function isVowel(symbol: string): boolean {
  return VOWELS.has(symbol);
}

/** Stress of a symbol: 0 none (and every consonant), 1 primary, 2 secondary. */
export type Stress = 0 | 1 | 2;

/** Stress that a symbol carries. */
export function stressOf(symbol: string): Stress {
  if (symbol.startsWith('ˈ')) return 1;
  return symbol.startsWith('ˌ') ? 2 : 0;
}

/**
 * The same vowel with another stress. The table holds `ə` and `ɚ` only unstressed, `ʌ` and `ɝ` only stressed: they are each other's
 * partners. Consonants are returned unchanged.
 */
export function withStress(symbol: string, stress: Stress): string {
  if (!isVowel(symbol)) return symbol;
  const bare = stressOf(symbol) === 0 ? symbol : symbol.slice(1);
  const quality = (stress === 0 ? REDUCED : FULL).get(bare) ?? bare;
  return ['', 'ˈ', 'ˌ'][stress] + quality;
}

const REDUCED = new Map([
  ['ʌ', 'ə'],
  ['ɝ', 'ɚ'],
]);
const FULL = new Map([
  ['ə', 'ʌ'],
  ['ɚ', 'ɝ'],
]);

const ARPABET_CONSONANTS = 'P B T D K G CH JH F V TH DH S Z SH ZH HH M N NG L R W Y'.split(' ');
const ARPABET_VOWELS = 'AA AE AO AW AY EH EY IH IY OW OY UH UW'.split(' ');

const FROM_ARPABET: ReadonlyMap<string, string> = new Map([
  ...ARPABET_CONSONANTS.map((name, i): [string, string] => [name, CONSONANTS[i]]),
  ...ARPABET_VOWELS.flatMap((name, i): [string, string][] => [
    [`${name}0`, FULL_VOWELS[i]],
    [`${name}1`, `ˈ${FULL_VOWELS[i]}`],
    [`${name}2`, `ˌ${FULL_VOWELS[i]}`],
  ]),
  ...['AH0', 'AH1', 'AH2', 'ER0', 'ER1', 'ER2'].map((name, i): [string, string] => [name, CENTRAL_VOWELS[i]]),
]);
const TO_ARPABET: ReadonlyMap<string, string> = new Map(
  [...FROM_ARPABET].map(([name, symbol]) => [symbol, name]),
);

/**
 * ARPAbet as CMUdict writes it (`R EH1 D`) to symbols. A vowel needs its stress digit.
 * @throws {RangeError} naming a phone that isn't ARPAbet.
 */
export function fromArpabet(phones: string): string[] {
  return phones
    .trim()
    .split(/\s+/)
    .map((phone) => {
      const symbol = FROM_ARPABET.get(phone);
      if (symbol === undefined) throw new RangeError(`not an ARPAbet phone: ${phone}`);
      return symbol;
    });
}

/**
 * Symbols to ARPAbet, the inverse of {@link fromArpabet}.
 * @throws {RangeError} for a symbol that is no phoneme (pause marks, `^`, `$`).
 */
export function toArpabet(symbols: readonly string[]): string {
  return symbols
    .map((symbol) => {
      const name = TO_ARPABET.get(symbol);
      if (name === undefined) throw new RangeError(`not a phoneme: ${symbol}`);
      return name;
    })
    .join(' ');
}

const PAUSE_SET: ReadonlySet<string> = new Set(PAUSE_MARKS);

/** Whether the symbol is a pause mark (`,` `.` …). A word boundary is not. */
export function isPauseSymbol(symbol: string): symbol is PauseMark {
  return PAUSE_SET.has(symbol);
}

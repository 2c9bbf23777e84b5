import { isPauseSymbol, isVowel } from '../../../text/symbols.ts';

/** Kokoro's letters and their token ids: `config.json` of hexgrad/Kokoro-82M. */
const VOCABULARY: ReadonlyMap<string, number> = new Map([
  ...numbered(1, ';:,.!?'),
  ...numbered(9, '—…"()“” \u0303ʣʥʦʨᵝꭧAI'),
  ['O', 31],
  ['Q', 33],
  ['S', 35],
  ['T', 36],
  ['W', 39],
  ['Y', 41],
  ['ᵊ', 42],
  ...numbered(43, 'abcdef'),
  ...numbered(50, 'hijklmnopqrstuvwxyzɑɐɒæ'),
  ...numbered(75, 'βɔɕç'),
  ['ɖ', 80],
  ['ð', 81],
  ['ʤ', 82],
  ['ə', 83],
  ['ɚ', 85],
  ['ɛ', 86],
  ['ɜ', 87],
  ['ɟ', 90],
  ['ɡ', 92],
  ['ɥ', 99],
  ['ɨ', 101],
  ['ɪ', 102],
  ['ʝ', 103],
  ...numbered(110, 'ɯɰŋɳɲɴø'),
  ...numbered(118, 'ɸθœ'),
  ['ɹ', 123],
  ['ɾ', 125],
  ['ɻ', 126],
  ...numbered(128, 'ʁɽʂʃʈʧ'),
  ...numbered(135, 'ʊʋ'),
  ...numbered(138, 'ʌɣɤ'),
  ['χ', 142],
  ['ʎ', 143],
  ...numbered(147, 'ʒʔ'),
  ...numbered(156, 'ˈˌː'),
  ['ʰ', 162],
  ['ʲ', 164],
  ['↓', 169],
  ...numbered(171, '→↗↘'),
  ['ᵻ', 177],
]);

function numbered(from: number, letters: string): [string, number][] {
  return [...letters].map((letter, i) => [letter, from + i]);
}

/** Kokoro writes diphthongs and affricates with one letter, and r-coloured vowels with two. */
const LETTERS: Readonly<Record<string, string>> = {
  eɪ: 'A',
  aɪ: 'I',
  aʊ: 'W',
  oʊ: 'O',
  ɔɪ: 'Y',
  tʃ: 'ʧ',
  dʒ: 'ʤ',
  ɚ: 'əɹ',
  ɝ: 'ɜɹ',
};

/** Token id of silence at both ends. */
const EDGE = 0;
const SPACE = 16;
/** Sounds after which an unstressed "-en" or "-el" has no vowel of its own: `button`, `little`. */
const BEFORE_SYLLABIC: ReadonlySet<string> = new Set([...'ptkbdɡszʃʒfvθ', 'tʃ', 'dʒ']);
const SIBILANTS_AND_STOPS: ReadonlySet<string> = new Set(['s', 'z', 'ʃ', 'ʒ', 'tʃ', 'dʒ', 't', 'd']);

/** Tokens of an utterance. */
export interface KokoroTokens {
  readonly ids: readonly number[];
  /** For each token the number of the symbol that it belongs to; lengths of tokens sum to those of symbols. */
  readonly owners: readonly number[];
}

/**
 * Turns symbols of Sori's table into Kokoro's tokens. Kokoro was trained on American speech as `misaki` writes it, which marks what
 * Sori's symbols leave to the model: the tap in `water`, syllabic consonants, weak forms of `a`, `of` and `to`.
 * @param symbols of one utterance, from `^` to `$`.
 * @throws {RangeError} for a symbol that Kokoro has no letter for.
 */
export function toKokoro(symbols: readonly string[]): KokoroTokens {
  const ids: number[] = [];
  const owners: number[] = [];
  const push = (id: number, owner: number) => {
    ids.push(id);
    owners.push(owner);
  };
  for (const [at, symbol] of symbols.entries()) {
    if (symbol === '^' || symbol === '$') {
      push(EDGE, at);
      continue;
    }
    for (const letter of lettersOf(symbols, at)) {
      const id = VOCABULARY.get(letter);
      if (id === undefined) throw new RangeError(`Kokoro has no letter for "${symbol}".`);
      push(id, at);
    }
    // A pause mark stands against the word before it, with a space behind it.
    const next = symbols[at + 1];
    if (isPauseSymbol(symbol) && next !== undefined && next !== '$' && next !== ' ') push(SPACE, at);
  }
  return { ids, owners };
}

function lettersOf(symbols: readonly string[], at: number): string {
  const symbol = symbols[at];
  const before = symbols[at - 1] ?? '';
  const next = symbols[at + 1] ?? '';
  const after = symbols[at + 2] ?? '';
  const opens = isEdge(before);
  if (symbol === ' ') return ' ';
  if (symbol === 't' && (isVowel(before) || before === 'ɹ') && isVowel(next) && !isStressed(next)) return 'T';
  if (symbol === 'ə' && opens && isEdge(next)) return 'ɐ';
  if (symbol === 'ə' && opens && next === 'v' && isEdge(after)) return 'ʌ';
  if (symbol === 'u' && before === 't' && isEdge(symbols[at - 2] ?? '') && next === ' ') {
    return isVowel(after) ? 'ʊ' : 'ə';
  }
  if (symbol === 'ə' && (next === 'l' || next === 'n') && BEFORE_SYLLABIC.has(before) && !isVowel(after)) {
    if (!(before === 'v' && next === 'n')) return 'ᵊ';
  }
  const ends = isEdge(after) || isPauseSymbol(after);
  if (symbol === 'ɪ' && (next === 'z' || next === 'd') && ends && SIBILANTS_AND_STOPS.has(before)) return 'ᵻ';
  const stress = isStressed(symbol) ? symbol[0] : '';
  const base = symbol.slice(stress.length);
  return stress + (LETTERS[base] ?? base);
}

const isEdge = (symbol: string): boolean => symbol === ' ' || symbol === '^' || symbol === '$';
const isStressed = (symbol: string): boolean => symbol.startsWith('ˈ') || symbol.startsWith('ˌ');

import { isPauseSymbol, isVowel } from '../../../text/symbols.ts';

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

/** Sounds after which an unstressed "-en" or "-el" has no vowel of its own: `button`, `little`. */
const BEFORE_SYLLABIC: ReadonlySet<string> = new Set([...'ptkbdɡszʃʒfvθ', 'tʃ', 'dʒ']);
const SIBILANTS_AND_STOPS: ReadonlySet<string> = new Set(['s', 'z', 'ʃ', 'ʒ', 'tʃ', 'dʒ', 't', 'd']);

/**
 * Kokoro's letters for a symbol of American English. Kokoro was trained on speech as `misaki` writes it, which marks what Sori's symbols
 * leave to the model: the tap in `water`, syllabic consonants, weak forms of `a`, `of` and `to`.
 */
export function americanLetters(symbols: readonly string[], at: number): string {
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

import { isPauseSymbol, isVowel, stressOf } from '../../../text/symbols.ts';

/** Kokoro writes diphthongs and affricates with one letter, and marks long vowels. */
const LETTERS: Readonly<Record<string, string>> = {
  æ: 'a',
  ɑ: 'ɑː',
  ɔ: 'ɔː',
  əʊ: 'Q',
  eɪ: 'A',
  aɪ: 'I',
  aʊ: 'W',
  ɔɪ: 'Y',
  tʃ: 'ʧ',
  dʒ: 'ʤ',
};

/** Sounds after which an unstressed "-en" or "-el" has no vowel of its own. */
const OBSTRUENTS: ReadonlySet<string> = new Set([...'ptkbdɡszʃʒfvθð', 'tʃ', 'dʒ']);

/**
 * Kokoro's letters for a symbol of British English, as `misaki` writes it: long vowels are marked, `i` and `u` are short where they are
 * weak, `a` has its weak form.
 */
export function britishLetters(symbols: readonly string[], at: number): string {
  const symbol = symbols[at];
  const before = symbols[at - 1] ?? '^';
  const after = symbols[at + 1] ?? '$';
  const stress = stressOf(symbol) > 0 ? symbol[0] : '';
  const base = symbol.slice(stress.length);
  if (base === 'i' || base === 'u') {
    if (stress !== '' || !isWeak(symbols, at)) return `${stress}${base}ː`;
    return base === 'i' ? 'i' : 'ʊ';
  }
  if (symbol === 'ə' && isBetweenWords(before) && isBetweenWords(after)) return 'ɐ';
  const syllabic = (after === 'l' || after === 'n') && OBSTRUENTS.has(before);
  if (symbol === 'ə' && syllabic && !isVowel(symbols[at + 2] ?? '$')) return 'ᵊ';
  return stress + (LETTERS[base] ?? base);
}

/** Whether an unstressed `i` or `u` is weak: before a vowel, or as in `happy` at the end of a word that has another vowel. */
function isWeak(symbols: readonly string[], at: number): boolean {
  const after = symbols[at + 1] ?? '$';
  if (isVowel(after)) return true;
  if (symbols[at] !== 'i' || !isBetweenWords(after)) return false;
  for (let i = at - 1; i >= 0 && !isBetweenWords(symbols[i]); i--) if (isVowel(symbols[i])) return true;
  return false;
}

const isBetweenWords = (symbol: string): boolean =>
  symbol === ' ' || symbol === '^' || symbol === '$' || isPauseSymbol(symbol);

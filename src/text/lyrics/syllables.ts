import { isVowel } from '../symbols.ts';

/** A syllable's symbols. */
export interface Syllable {
  readonly onset: readonly string[];
  /** The vowel; in a word without one (`hmm`), the most sonorous consonant. */
  readonly nucleus: string;
  readonly coda: readonly string[];
}

/** Whether these consonants may begin a syllable. */
export type OnsetRule = (consonants: readonly string[]) => boolean;

const ENGLISH_CLUSTERS = new Set(
  `p l|p ɹ|p j|b l|b ɹ|b j|t ɹ|t w|t j|d ɹ|d w|d j|k l|k ɹ|k w|k j|ɡ l|ɡ ɹ|ɡ w|ɡ j|f l|f ɹ|f j|v j|θ ɹ|θ w|ʃ ɹ|h j|m j|n j|l j|
  s p|s t|s k|s f|s m|s n|s l|s w|s p l|s p ɹ|s p j|s t ɹ|s t j|s k ɹ|s k w|s k j|s k l|h w`
    .split('|')
    .map((cluster) => cluster.trim()),
);

/** English: any single consonant but `ŋ` (and `ʒ`, which words hardly begin with, but syllables do), and the clusters of its words. */
export const englishOnset: OnsetRule = (consonants) =>
  consonants.length === 1 ? consonants[0] !== 'ŋ' : ENGLISH_CLUSTERS.has(consonants.join(' '));

/** Korean: one consonant, with or without a glide after it. `ŋ` and the unreleased stops only end syllables: 강아지 is 강.아.지. */
export const koreanOnset: OnsetRule = ([first, ...others]) =>
  !/^(?:ŋ|[ptk]\u031a)$/.test(first) &&
  (others.length === 0 || (others.length === 1 && /^[wjɰɥ]$/.test(others[0])));

/** Consonants that can be held, the most sonorous first. */
const HELD = ['ɹ', 'l', 'm', 'n', 'ŋ', 'w', 'j', 'z', 'v', 'ʒ', 'ð', 's', 'ʃ', 'f', 'h', 'θ'];

/**
 * Divides a word into syllables by the principle of maximal onset (Kahn 1976): consonants between two vowels go to the second as far as a
 * syllable may begin so.
 * @param symbols phonemes of one word, without pauses and boundaries; at least one.
 * @param vowel whether a symbol is a vowel.
 */
export function syllabify(
  symbols: readonly string[],
  mayBegin: OnsetRule,
  vowel: (symbol: string) => boolean = isVowel,
): Syllable[] {
  const nuclei = symbols.flatMap((symbol, i) => (vowel(symbol) ? [i] : []));
  if (nuclei.length === 0) return [withoutVowel(symbols)];
  return nuclei.map((nucleus, n) => {
    const begin = n === 0 ? 0 : onsetStart(symbols, nuclei[n - 1] + 1, nucleus, mayBegin);
    const next = nuclei[n + 1];
    const end = next === undefined ? symbols.length : onsetStart(symbols, nucleus + 1, next, mayBegin);
    return {
      onset: symbols.slice(begin, nucleus),
      nucleus: symbols[nucleus],
      coda: symbols.slice(nucleus + 1, end),
    };
  });
}

function onsetStart(symbols: readonly string[], from: number, nucleus: number, mayBegin: OnsetRule): number {
  for (let start = from; start < nucleus; start++) {
    if (mayBegin(symbols.slice(start, nucleus))) return start;
  }
  return nucleus;
}

function withoutVowel(symbols: readonly string[]): Syllable {
  const best = HELD.find((symbol) => symbols.includes(symbol));
  const place = best === undefined ? symbols.length - 1 : symbols.indexOf(best);
  // `hmm` holds its first m; the second is the same sound.
  const after = symbols.slice(place + 1).filter((symbol) => symbol !== symbols[place]);
  return { onset: symbols.slice(0, place), nucleus: symbols[place], coda: after };
}

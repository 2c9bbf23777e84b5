import { isVowel, stressOf } from '../../symbols.ts';

/** Letters that usually spell a consonant. */
const SPELLED: Readonly<Record<string, string>> = {
  p: 'p',
  b: 'b',
  t: 'td',
  d: 'd',
  k: 'kcqx',
  ɡ: 'g',
  tʃ: 'ct',
  dʒ: 'jgd',
  f: 'fp',
  v: 'v',
  θ: 't',
  ð: 't',
  s: 'scx',
  z: 'zsx',
  ʃ: 'sctx',
  ʒ: 'sgz',
  h: 'h',
  m: 'm',
  n: 'n',
  ŋ: 'n',
  l: 'l',
  ɹ: 'r',
  w: 'wu',
  j: 'yui',
};

/** Letters that usually spell an American vowel; any other vowel letter may, too. */
const VOWEL_SPELLED: Readonly<Record<string, string>> = {
  ɑ: 'oa',
  æ: 'a',
  ɔ: 'oa',
  aʊ: 'o',
  aɪ: 'iy',
  ɛ: 'ea',
  eɪ: 'a',
  ɪ: 'iye',
  i: 'eyi',
  oʊ: 'o',
  ɔɪ: 'o',
  ʊ: 'ou',
  u: 'uo',
  ʌ: 'uo',
  ɝ: 'eiou',
  ɚ: 'eoaiu',
  ə: 'aeiou',
};
const VOWEL_LETTERS = 'aeiouy';

function worth(symbol: string, letter: string): number {
  const base = stressOf(symbol) === 0 ? symbol : symbol.slice(1);
  if (!isVowel(symbol)) return SPELLED[base]?.includes(letter) ? 4 : 0;
  if (!VOWEL_LETTERS.includes(letter)) return 0;
  return VOWEL_SPELLED[base]?.includes(letter) ? 4 : 2;
}

/**
 * The letter that each phoneme of a word is spelled with (the first of several), or -1 for a phoneme without one.
 * It is the order-keeping assignment that fits best; letters may be silent.
 */
export function align(letters: string, symbols: readonly string[]): number[] {
  const width = letters.length + 1;
  // best[i * width + k]: worth of the best assignment of the phonemes from i on to the letters from k on.
  const best = new Int16Array((symbols.length + 1) * width);
  for (let i = symbols.length - 1; i >= 0; i--) {
    for (let k = letters.length - 1; k >= 0; k--) {
      const value = worth(symbols[i], letters[k]);
      const matched = value > 0 ? value + best[(i + 1) * width + k + 1] : 0;
      best[i * width + k] = Math.max(matched, best[(i + 1) * width + k], best[i * width + k + 1]);
    }
  }
  const places: number[] = [];
  for (let i = 0, k = 0; i < symbols.length; i++) {
    let at = k;
    // The first letter that the best assignment allows.
    while (at < letters.length) {
      const value = worth(symbols[i], letters[at]);
      if (value > 0 && value + best[(i + 1) * width + at + 1] === best[i * width + k]) break;
      at++;
    }
    const found = at < letters.length;
    places.push(found ? at : -1);
    if (found) k = at + 1;
  }
  return places;
}

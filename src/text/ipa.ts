import { SoriError } from '../base/errors.ts';
import { isVowel, type Stress, withStress } from './symbols.ts';

/** The English whose vowels IPA is read as. */
export type IpaAccent = 'american' | 'british';

/**
 * IPA spellings and their phonemes of American English without stress, longest spelling first. British vowels map to their rhotic American
 * counterparts, other sounds to the nearest one of the model.
 */
const SPELLINGS: Readonly<Record<string, string>> = {
  // consonants
  ...Object.fromEntries(Array.from('pbtdkfvszhmnlwjðθʃʒŋɡɹ', (symbol) => [symbol, symbol])),
  tʃ: 'tʃ',
  ʧ: 'tʃ',
  dʒ: 'dʒ',
  ʤ: 'dʒ',
  g: 'ɡ',
  r: 'ɹ',
  ɻ: 'ɹ',
  ʁ: 'ɹ',
  ʀ: 'ɹ',
  ɾ: 't',
  ʔ: 't',
  ɫ: 'l',
  ʍ: 'w',
  ʋ: 'v',
  β: 'v',
  x: 'k',
  ɣ: 'ɡ',
  ɱ: 'm',
  ɲ: 'n j',
  ɕ: 'ʃ',
  ʑ: 'ʒ',
  ʂ: 'ʃ',
  ɦ: 'h',
  l̩: 'ə l',
  n̩: 'ə n',
  m̩: 'ə m',
  ɹ̩: 'ɚ',
  r̩: 'ɚ',
  // vowels
  ɑ: 'ɑ',
  ɒ: 'ɑ',
  a: 'ɑ',
  æ: 'æ',
  ɔ: 'ɔ',
  ɛ: 'ɛ',
  e: 'ɛ',
  ɪ: 'ɪ',
  ɨ: 'ɪ',
  ᵻ: 'ɪ',
  i: 'i',
  ʊ: 'ʊ',
  ɵ: 'ʊ',
  u: 'u',
  ʉ: 'u',
  ə: 'ə',
  ɘ: 'ə',
  ɐ: 'ə',
  ʌ: 'ə',
  ɚ: 'ɚ',
  ɝ: 'ɚ',
  ɜ: 'ɚ',
  o: 'oʊ',
  eɪ: 'eɪ',
  ei: 'eɪ',
  eː: 'eɪ',
  ɛː: 'ɛ',
  aɪ: 'aɪ',
  ai: 'aɪ',
  ɑɪ: 'aɪ',
  aʊ: 'aʊ',
  au: 'aʊ',
  ɑʊ: 'aʊ',
  ɔɪ: 'ɔɪ',
  ɔi: 'ɔɪ',
  oɪ: 'ɔɪ',
  oʊ: 'oʊ',
  ou: 'oʊ',
  əʊ: 'oʊ',
  əu: 'oʊ',
  ɪə: 'ɪ ɹ',
  ɪəɹ: 'ɪ ɹ',
  ɪər: 'ɪ ɹ',
  eə: 'ɛ ɹ',
  eəɹ: 'ɛ ɹ',
  eər: 'ɛ ɹ',
  ɛə: 'ɛ ɹ',
  ɛəɹ: 'ɛ ɹ',
  ɛər: 'ɛ ɹ',
  ʊə: 'ʊ ɹ',
  ʊəɹ: 'ʊ ɹ',
  ʊər: 'ʊ ɹ',
  əɹ: 'ɚ',
  ər: 'ɚ',
  ɜɹ: 'ɚ',
  ɜr: 'ɚ',
  ɜːɹ: 'ɚ',
  ɜːr: 'ɚ',
  ɝɹ: 'ɚ',
  ɚɹ: 'ɚ',
};

/** British readings that differ. An `ɹ` without a vowel after it is silent, and dropped later. */
const BRITISH: Readonly<Record<string, string>> = {
  a: 'æ',
  ɒ: 'ɒ',
  oʊ: 'əʊ',
  ou: 'əʊ',
  o: 'əʊ',
  əʊ: 'əʊ',
  əu: 'əʊ',
  ɜ: 'ɜː',
  ɝ: 'ɜː ɹ',
  ɜː: 'ɜː',
  ɚ: 'ə ɹ',
  ɛː: 'ɛː',
  ...Object.fromEntries(['ɪə', 'ʊə'].map((vowel) => [vowel, Array.from(vowel).join(' ')])),
  ...Object.fromEntries(['eə', 'ɛə'].map((vowel) => [vowel, 'ɛː'])),
  ...Object.fromEntries(
    ['ɪə', 'ʊə', 'eə', 'ɛə', 'ə', 'ɜ', 'ɜː', 'ɝ', 'ɚ'].flatMap((vowel) => {
      const base = { ɪə: 'ɪ ə', ʊə: 'ʊ ə', eə: 'ɛː', ɛə: 'ɛː', ə: 'ə', ɚ: 'ə' }[vowel] ?? 'ɜː';
      return ['ɹ', 'r'].map((r) => [vowel + r, `${base} ɹ`]);
    }),
  ),
};

const TABLES: Readonly<Record<IpaAccent, ReadonlyMap<string, readonly string[]>>> = {
  american: tableOf(SPELLINGS),
  british: tableOf({ ...SPELLINGS, ...BRITISH }),
};
const LONGEST = Math.max(...Object.keys(SPELLINGS).map((spelling) => spelling.length));

function tableOf(spellings: Readonly<Record<string, string>>): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(spellings).map(([spelling, symbols]) => [spelling, symbols.split(' ')]));
}

const PRIMARY = "ˈ'’";
const SECONDARY = 'ˌ';
/** Length, syllable dots, linking, diacritics that change nothing here (nasal, dental, non-syllabic, aspiration, tones …). */
const SILENT = /[ːˑ.‿\-ʰʲʷˠˤ˞/[\]()]|[\u0300-\u0328]|[\u032a-\u0361]/;
const TIE = /[\u0361\u035c]/g;

/**
 * Reads an IPA pronunciation. Stress marks come before their syllable; without any, the first full vowel is stressed.
 * @param ipa with or without slashes; a space separates words.
 * @param param request field to name in the error.
 * @param accent `british` gives symbols that only some models have.
 * @returns one list of symbols for each word.
 * @throws {SoriError} `invalid_pronunciation`, naming the first symbol that can't be read and its place, or when nothing is left.
 */
export function parseIpa(ipa: string, param = 'pronunciations', accent: IpaAccent = 'american'): string[][] {
  const table = TABLES[accent];
  const words: string[][] = [[]];
  let stress: Stress = 0;
  for (let i = 0; i < ipa.length; ) {
    const char = ipa[i];
    const read = readSound(table, ipa, i);
    if (read) {
      for (const symbol of read.symbols) {
        words[words.length - 1].push(withStress(symbol, stress));
        if (isVowel(symbol)) stress = 0;
      }
      i += read.length;
    } else if (PRIMARY.includes(char)) {
      stress = 1;
      i++;
    } else if (SECONDARY === char) {
      stress = 2;
      i++;
    } else if (/\s/.test(char)) {
      if (words[words.length - 1].length > 0) words.push([]);
      stress = 0;
      i++;
    } else if (SILENT.test(char)) i++;
    else throw unreadable(ipa, i, param);
  }
  const spoken = words.filter((symbols) => symbols.length > 0);
  if (spoken.length === 0) {
    throw new SoriError('invalid_pronunciation', 'The pronunciation is empty: give at least one IPA sound.', {
      param,
    });
  }
  return /[ˈ'’ˌ]/.test(ipa) ? spoken : spoken.map(withFirstStress);
}

/** Longest spelling at `start`; a tie bar inside counts for nothing. */
function readSound(
  table: ReadonlyMap<string, readonly string[]>,
  ipa: string,
  start: number,
): { symbols: readonly string[]; length: number } | undefined {
  for (let length = Math.min(LONGEST + 1, ipa.length - start); length > 0; length--) {
    const symbols = table.get(ipa.slice(start, start + length).replace(TIE, ''));
    if (symbols) return { symbols, length };
  }
  return undefined;
}

function withFirstStress(symbols: string[]): string[] {
  const place = symbols.findIndex((symbol) => isVowel(symbol) && symbol !== 'ə' && symbol !== 'ɚ');
  return symbols.map((symbol, i) => (i === place ? withStress(symbol, 1) : symbol));
}

function unreadable(ipa: string, index: number, param: string): SoriError {
  const symbol = String.fromCodePoint(ipa.codePointAt(index)!);
  const code = symbol.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  const shown = ipa.length > 80 ? `${ipa.slice(0, 80)}…` : ipa;
  return new SoriError(
    'invalid_pronunciation',
    `"${symbol}" (U+${code}, position ${index + 1}) in the pronunciation "${shown}" is not an English IPA symbol that this model can speak.`,
    { param },
  );
}

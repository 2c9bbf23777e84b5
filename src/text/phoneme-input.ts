import { SoriError } from '../base/errors.ts';
import { parseIpa } from './ipa.ts';
import { isPauseSymbol } from './symbols.ts';

/** Longest transcription of one word. */
const MAX_WORD = 100;
const STRESS = /[ˈ'’ˌ]/;
const MARKS = /[,.?!;:—…]+$/;

/**
 * Turns an input of phonemes into text that speaks them as they are: every word becomes `[word](/IPA/)`, pause marks stay.
 * Where any word has a stress mark, words without one stay unstressed; else each is stressed on its first full vowel.
 * @param input IPA with spaces between words, with or without slashes; marks such as `,` and `.` behind a word pause.
 * @throws {SoriError} `invalid_pronunciation`, param `input`, for what is no IPA that can be spoken; `nothing_to_speak` without a sound.
 * @example
 * phonemeText('həˈloʊ, wɝld.'); // '[həˈloʊ](/həˈloʊ/), [wɝld](/wɝldˈ/).'
 */
export function phonemeText(input: string): string {
  const words = input
    .replace(/[/[\]()]/g, ' ')
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  const stressed = STRESS.test(input);
  const spoken = words.map((word) => {
    const marks = MARKS.exec(word)?.[0] ?? '';
    const ipa = word.slice(0, word.length - marks.length);
    if (ipa === '') return marks;
    if (ipa.length > MAX_WORD) {
      const message = `A word of phonemes has at most ${MAX_WORD} characters: put spaces between words.`;
      throw new SoriError('invalid_pronunciation', message, { param: 'input' });
    }
    parseIpa(ipa, 'input');
    // A closing stress mark keeps a word without stress from being given one.
    const exact = stressed && !STRESS.test(ipa) ? `${ipa}ˈ` : ipa;
    return `[${ipa}](/${exact}/)${marks}`;
  });
  if (!spoken.some((word) => word.startsWith('['))) {
    throw new SoriError('nothing_to_speak', 'The input holds no phonemes.', { param: 'input' });
  }
  return spoken.join(' ');
}

/**
 * Symbols of one word as IPA that {@link phonemeText} and `[word](/IPA/)` read back to the same symbols: a dot parts what would
 * be read as one sound.
 */
export function wordIpa(symbols: readonly string[]): string {
  return symbols
    .filter((symbol) => !isPauseSymbol(symbol))
    .map((symbol, i) => {
      const joined = (symbols[i - 1] === 't' && symbol === 'ʃ') || (symbols[i - 1] === 'd' && symbol === 'ʒ');
      return joined || isVowelPair(symbols[i - 1], symbol) ? `.${symbol}` : symbol;
    })
    .join('');
}

/** Two vowels that would be read as a diphthong or an `r` vowel: `ə` and `ɹ`, `ɔ` and `ɪ`. */
function isVowelPair(first: string | undefined, second: string): boolean {
  if (first === undefined) return false;
  const last = first.replace(/^[ˈˌ]/, '').slice(-1);
  return (/^[ɪiʊuə]$/.test(second) && /[aɑɔeɛoəɪʊ]/.test(last)) || (second === 'ɹ' && /[əɚɝʌɪɛʊ]/.test(last));
}

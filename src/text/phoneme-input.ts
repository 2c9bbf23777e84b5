import { SoriError } from '../base/errors.ts';
import { parseIpa } from './ipa.ts';
import { exactKorean, hangulOfWord, looksKorean } from './ko/exact.ts';
import { primarySubtag } from './language.ts';
import { isPauseSymbol } from './symbols.ts';

/** Longest transcription of one word. */
const MAX_WORD = 100;
const STRESS = /[ˈ'’ˌ]/;
const MARKS = /[,.?!;:—…]+$/;

/**
 * Turns an input of phonemes into text that speaks them as they are: every word becomes `[word](/IPA/)`, pause marks stay.
 * Where any word has a stress mark, words without one stay unstressed; else each is stressed on its first full vowel. Korean phonemes become
 * words in Hangul, so that the Korean front end speaks them; `|` behind a word begins a new accentual phrase.
 * @param input IPA with spaces between words, with or without slashes; marks such as `,` and `.` behind a word pause.
 * @param language BCP 47 tag of the input. In Korean every word that can be one is Korean. Without a tag the symbols decide.
 * @throws {SoriError} `invalid_pronunciation`, param `input`, for what is no IPA that can be spoken; `nothing_to_speak` without a sound.
 * @example
 * phonemeText('həˈloʊ, wɝld.'); // '[həˈloʊ](/həˈloʊ/), [wɝld](/wɝldˈ/).'
 * phonemeText('annjʌŋ↘.'); // '[안녕](/annjʌŋ↘/).'
 */
export function phonemeText(input: string, language?: string): string {
  const words = input
    .replace(/[/[\]()]/g, ' ')
    .replace(/\s+\|/g, '|')
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(withMarks);
  const reader = { stressed: STRESS.test(input), korean: koreanReader(words, language) };
  const spoken = words.map(({ ipa, marks }) => spokenWord(ipa, reader) + marks);
  if (!spoken.some((word) => word.startsWith('['))) {
    throw new SoriError('nothing_to_speak', 'The input contains no phonemes.', { param: 'input' });
  }
  return spoken.join(' ');
}

interface Word {
  readonly ipa: string;
  readonly marks: string;
}

function withMarks(word: string): Word {
  const marks = MARKS.exec(word)?.[0] ?? '';
  return { ipa: word.slice(0, word.length - marks.length), marks };
}

/** Hangul for a word, or undefined for one that is not Korean. */
type KoreanReader = (ipa: string) => string | undefined;

function koreanReader(words: readonly Word[], language: string | undefined): KoreanReader {
  if (language !== undefined && primarySubtag(language) === 'ko') return hangulOfWord;
  const written = words.map(({ ipa }) => ipa);
  if (!looksKorean(written)) return () => undefined;
  // An unstressed English word such as ə between Korean words is not Korean, although its sound exists in Korean.
  return (ipa) => (exactKorean(ipa) || looksKorean([ipa]) ? hangulOfWord(ipa) : undefined);
}

function spokenWord(
  ipa: string,
  { stressed, korean }: { readonly stressed: boolean; readonly korean: KoreanReader },
): string {
  if (ipa === '') return '';
  if (ipa.length > MAX_WORD) {
    const message = `A word of phonemes has at most ${MAX_WORD} characters: put spaces between words.`;
    throw new SoriError('invalid_pronunciation', message, { param: 'input' });
  }
  const hangul = korean(ipa);
  if (hangul !== undefined) return `[${hangul}](/${ipa}/)`;
  parseIpa(ipa, 'input');
  // A closing stress mark keeps a word without stress from being given one.
  const exact = stressed && !STRESS.test(ipa) ? `${ipa}ˈ` : ipa;
  return `[${ipa}](/${exact}/)`;
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

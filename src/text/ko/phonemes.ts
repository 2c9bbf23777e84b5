import type { Sound } from './pronounce/syllables.ts';

const LENIS: Readonly<Record<string, readonly [voiceless: string, voiced: string]>> = {
  ㄱ: ['k', 'ɡ'],
  ㄷ: ['t', 'd'],
  ㅂ: ['p', 'b'],
  ㅈ: ['tɕ', 'dʑ'],
};
const OTHER: Readonly<Record<string, string>> = {
  ㄲ: 'k͈',
  ㄸ: 't͈',
  ㅃ: 'p͈',
  ㅉ: 'tɕ͈',
  ㅋ: 'kʰ',
  ㅌ: 'tʰ',
  ㅍ: 'pʰ',
  ㅊ: 'tɕʰ',
  ㄴ: 'n',
  ㅁ: 'm',
};
const FINAL: Readonly<Record<string, string>> = {
  ㄱ: 'k̚',
  ㄷ: 't̚',
  ㅂ: 'p̚',
  ㄴ: 'n',
  ㅁ: 'm',
  ㅇ: 'ŋ',
  ㄹ: 'l',
};
const VOWELS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  'ㅏa ㅐɛ ㅑja ㅒjɛ ㅓʌ ㅔe ㅕjʌ ㅖje ㅗo ㅘwa ㅙwɛ ㅚwe ㅛjo ㅜu ㅝwʌ ㅞwe ㅟwi ㅠju ㅡɯ ㅢɰi ㅣi'
    .split(' ')
    .map((pair) => [pair[0], Array.from(pair.slice(1))]),
);
/** Vowels before which ㅅ is palatal. */
const PALATAL = /^[ij]|^wi/;

/**
 * The sounds of a syllable as it is spoken.
 * @param voiced does it follow a vowel, a nasal or ㄹ in the same accentual phrase?
 * @param afterLateral does it follow ㄹ, so that its own ㄹ is lateral too?
 */
export function symbolsOf(
  { initial, vowel, final }: Sound,
  voiced: boolean,
  afterLateral: boolean,
): string[] {
  const vowels = VOWELS[vowel];
  const palatal = PALATAL.test(vowels.join(''));
  const symbols: string[] = [];
  if (initial in LENIS) symbols.push(LENIS[initial][voiced ? 1 : 0]);
  else if (initial === 'ㅅ') symbols.push(palatal ? 'ɕ' : 's');
  else if (initial === 'ㅆ') symbols.push(palatal ? 'ɕ͈' : 's͈');
  else if (initial === 'ㅎ') symbols.push(voiced ? 'ɦ' : 'h');
  else if (initial === 'ㄹ') symbols.push(afterLateral ? 'l' : 'ɾ');
  else if (initial !== 'ㅇ') symbols.push(OTHER[initial]);
  symbols.push(...vowels);
  if (final !== '') symbols.push(FINAL[final]);
  return symbols;
}

/** Whether a syllable ends with a voiced sound: a vowel, a nasal or ㄹ. */
export function endsVoiced({ final }: Sound): boolean {
  return final === '' || 'ㄴㅁㅇㄹ'.includes(final);
}

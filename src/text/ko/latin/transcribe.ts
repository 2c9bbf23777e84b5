import { compose, decompose, FINALS } from '../hangul.ts';

/** English vowels, by sori's symbols without stress, as the rules for loanwords write them (외래어 표기법, chapter 3, section 1). */
const VOWELS: Readonly<Record<string, string>> = {
  ɑ: 'ㅏ',
  æ: 'ㅐ',
  ɔ: 'ㅗ',
  ʌ: 'ㅓ',
  ə: 'ㅓ',
  ɚ: 'ㅓ',
  ɝ: 'ㅓ',
  ɛ: 'ㅔ',
  ɪ: 'ㅣ',
  i: 'ㅣ',
  ʊ: 'ㅜ',
  u: 'ㅜ',
  eɪ: 'ㅔㅣ',
  aɪ: 'ㅏㅣ',
  ɔɪ: 'ㅗㅣ',
  aʊ: 'ㅏㅜ',
  oʊ: 'ㅗ',
};
const CONSONANTS: Readonly<Record<string, string>> = {
  p: 'ㅍ',
  b: 'ㅂ',
  t: 'ㅌ',
  d: 'ㄷ',
  k: 'ㅋ',
  ɡ: 'ㄱ',
  f: 'ㅍ',
  v: 'ㅂ',
  θ: 'ㅅ',
  ð: 'ㄷ',
  s: 'ㅅ',
  z: 'ㅈ',
  ʃ: 'ㅅ',
  ʒ: 'ㅈ',
  tʃ: 'ㅊ',
  dʒ: 'ㅈ',
  h: 'ㅎ',
  m: 'ㅁ',
  n: 'ㄴ',
  l: 'ㄹ',
  ɹ: 'ㄹ',
};
/** Finals that close the syllable before them after a short vowel. */
const STOPS: Readonly<Record<string, string>> = { p: 'ㅂ', t: 'ㅅ', k: 'ㄱ' };
const SONORANTS: Readonly<Record<string, string>> = { m: 'ㅁ', n: 'ㄴ', ŋ: 'ㅇ', l: 'ㄹ' };
const SHORT = new Set(['æ', 'ɛ', 'ɪ', 'ɑ', 'ʌ', 'ʊ', 'ə', 'ɔ']);
const Y_VOWELS: Readonly<Record<string, string>> = {
  ㅏ: 'ㅑ',
  ㅐ: 'ㅒ',
  ㅓ: 'ㅕ',
  ㅔ: 'ㅖ',
  ㅗ: 'ㅛ',
  ㅜ: 'ㅠ',
  ㅣ: 'ㅣ',
};
const W_VOWELS: Readonly<Record<string, string>> = {
  ㅏ: 'ㅘ',
  ㅐ: 'ㅙ',
  ㅓ: 'ㅝ',
  ㅔ: 'ㅞ',
  ㅣ: 'ㅟ',
  ㅗ: 'ㅝ',
  ㅜ: 'ㅜ',
};
/** Vowels added to a consonant without a vowel. */
const FILLER: Readonly<Record<string, string>> = { tʃ: 'ㅣ', dʒ: 'ㅣ', ʒ: 'ㅣ', ʃ: 'ㅣ' };

function bare(symbol: string): string {
  return symbol.replace(/^[ˈˌ]/, '');
}

/**
 * Writes an English pronunciation in Hangul, by the rules for loanwords.
 * @param symbols phonemes of American English, as the English front end makes them.
 * @example
 * transcribe(['s', 'm', 'ˈɑ', 'ɹ', 't']); // '스마트'
 */
export function transcribe(symbols: readonly string[]): string {
  const sounds = symbols.map(bare);
  const out: string[] = [];
  let onset = '';
  let glide = '';
  const close = (final: string): boolean => {
    const last = decompose(out.at(-1) ?? '');
    if (last?.final !== '' || !FINALS.includes(final)) return false;
    out[out.length - 1] = compose({ ...last, final });
    return true;
  };
  const fill = (consonant: string, vowel = 'ㅡ') =>
    out.push(compose({ initial: consonant, vowel, final: '' }));
  for (let i = 0; i < sounds.length; i++) {
    const [before, sound, next] = [sounds[i - 1], sounds[i], sounds[i + 1]];
    const vowels = VOWELS[sound];
    if (vowels !== undefined) {
      const [first, second] = vowels;
      const vowel =
        glide === 'j' ? (Y_VOWELS[first] ?? first) : glide === 'w' ? (W_VOWELS[first] ?? first) : first;
      out.push(compose({ initial: onset || 'ㅇ', vowel, final: '' }));
      if (second) out.push(compose({ initial: 'ㅇ', vowel: second, final: '' }));
      onset = '';
      glide = '';
      continue;
    }
    const beforeVowel =
      next !== undefined && (next in VOWELS || ((next === 'j' || next === 'w') && sounds[i + 2] in VOWELS));
    if (sound === 'j' || sound === 'w') {
      glide = sound;
      continue;
    }
    if (sound === 'ʃ' && beforeVowel) {
      onset = 'ㅅ';
      glide = 'j';
      continue;
    }
    if (sound === 'ɹ' && !beforeVowel) continue;
    if (sound === 'l' && beforeVowel && before !== undefined) {
      // Between vowels and after a consonant it is written twice: 블루, 컬러.
      if (!close('ㄹ') && before in CONSONANTS && !(before in SONORANTS)) close('ㄹ');
      onset = 'ㄹ';
      continue;
    }
    if (beforeVowel) {
      if (sound === 'ŋ') close('ㅇ');
      else onset = CONSONANTS[sound] ?? '';
      continue;
    }
    if (sound in SONORANTS) {
      if (!close(SONORANTS[sound])) fill(sound === 'ŋ' ? 'ㅇ' : SONORANTS[sound]);
      continue;
    }
    if (
      sound in STOPS &&
      SHORT.has(before) &&
      (next === undefined || !(next in VOWELS || 'lɹmnjw'.includes(next)))
    ) {
      if (close(STOPS[sound])) continue;
    }
    fill(CONSONANTS[sound] ?? 'ㅇ', FILLER[sound]);
  }
  return out.join('');
}

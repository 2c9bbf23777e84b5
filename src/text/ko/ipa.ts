import { compose, FINALS } from './hangul.ts';

/** Consonants of a syllable's beginning, longest spelling first where one begins like another. */
const INITIALS: Readonly<Record<string, string>> = Object.fromEntries(
  (
    'tɕʰㅊ tɕ͈ㅉ tɕㅈ dʑㅈ tʃʰㅊ tʃ͈ㅉ tʃㅈ dʒㅈ ʨʰㅊ ʨ͈ㅉ ʨㅈ ʥㅈ ʧʰㅊ ʧ͈ㅉ ʧㅈ ʤㅈ pʰㅍ p͈ㅃ ppㅃ pㅂ bㅂ tʰㅌ t͈ㄸ ttㄸ tㄷ dㄷ kʰㅋ k͈ㄲ kkㄲ kㄱ ɡㄱ gㄱ ' +
    's͈ㅆ ɕ͈ㅆ ʃ͈ㅆ ssㅆ sʰㅅ sㅅ ɕㅅ ʃㅅ hㅎ ɦㅎ mㅁ nㄴ ɲㄴ ɾㄹ rㄹ lㄹ ʎㄹ ɭㄹ'
  )
    .split(' ')
    .map(split),
);
const FINAL_SOUNDS: Readonly<Record<string, string>> = Object.fromEntries(
  'p̚ㅂ t̚ㄷ k̚ㄱ pㅂ tㄷ kㄱ mㅁ nㄴ ŋㅇ lㄹ ɭㄹ ʎㄹ ɾㄹ rㄹ'.split(' ').map(split),
);
const VOWELS: Readonly<Record<string, string>> = Object.fromEntries(
  'jaㅑ jɐㅑ jɛㅒ jʌㅕ jɔㅕ jəㅕ jeㅖ joㅛ juㅠ waㅘ wɐㅘ wɛㅙ wʌㅝ wɔㅝ wəㅝ weㅞ wiㅟ ɥiㅟ ɰiㅢ ɯiㅢ aㅏ ɐㅏ ɛㅐ eㅔ ʌㅓ ɔㅓ əㅓ ɘㅓ oㅗ uㅜ ɯㅡ ɨㅡ iㅣ øㅚ yㅟ'
    .split(' ')
    .map(split),
);
const LONGEST = 3;
/** Marks of length, of closer articulation and ties; U+0348 (tense) and U+031A (unreleased) are sounds of their own. */
const NO_SOUND = /[ːˑ‿/[\]]|\u035c|\u0361|(?!\u031a|\u0348)[\u0300-\u035b]/gu;

function split(pair: string): [string, string] {
  return [pair.slice(0, -1), pair.slice(-1)];
}

/**
 * A pronunciation in IPA as Hangul, for Korean text: kimtɕʰi is 김치. Several consonants before a vowel become syllables of their own,
 * as in loanwords: stʰail is 스타일.
 * @returns undefined for IPA that is not Korean: with a sound that Korean lacks, a syllable that it can't have, or a stress mark.
 */
export function koreanIpa(ipa: string): string | undefined {
  const words = ipa.normalize('NFD').replace(NO_SOUND, '').trim().split(/\s+/);
  const written = words.map((word) => hangulOf(word));
  return written.includes(undefined) || written.includes('') ? undefined : written.join(' ');
}

type Part = { readonly sound: string; readonly vowel?: string };

function hangulOf(word: string): string | undefined {
  const parts = partsOf(word);
  if (!parts?.some(({ vowel }) => vowel !== undefined)) return undefined;
  let said = '';
  for (let at = 0; at < parts.length; ) {
    let initial = 'ㅇ';
    if (parts[at].vowel === undefined) {
      initial = INITIALS[parts[at].sound] ?? '';
      at++;
      if (initial !== '' && isConsonant(parts[at])) {
        said += compose({ initial, vowel: 'ㅡ', final: '' });
        continue;
      }
    }
    const vowel = parts[at]?.vowel;
    if (initial === '' || vowel === undefined) return undefined;
    at++;
    let final = '';
    if (isFinal(parts, at)) {
      final = FINAL_SOUNDS[parts[at].sound] ?? '';
      if (final === '') return undefined;
      at++;
    }
    if (parts[at]?.sound === '.') at++;
    said += compose({ initial, vowel, final: FINALS[FINALS.indexOf(final)] });
  }
  return said;
}

const isConsonant = (part: Part | undefined): boolean =>
  part !== undefined && part.vowel === undefined && part.sound !== '.';

/** Whether a consonant ends its syllable: before another one, a boundary or the end of the word; ŋ always does. */
function isFinal(parts: readonly Part[], at: number): boolean {
  const [part, next] = [parts[at], parts[at + 1]];
  if (part === undefined || part.vowel !== undefined || part.sound === '.') return false;
  return (
    next === undefined || next.vowel === undefined || part.sound === 'ŋ' || part.sound.endsWith('\u031a')
  );
}

/** Sounds and syllable dots, the longest spelling first. */
function partsOf(word: string): Part[] | undefined {
  const parts: Part[] = [];
  for (let at = 0; at < word.length; ) {
    if (word[at] === '.' || word[at] === '-') {
      parts.push({ sound: '.' });
      at++;
      continue;
    }
    let length = Math.min(LONGEST, word.length - at);
    const known = (text: string) => text in VOWELS || text in INITIALS || text in FINAL_SOUNDS;
    while (length > 0 && !known(word.slice(at, at + length))) length--;
    if (length === 0) return undefined;
    const sound = word.slice(at, at + length);
    parts.push({ sound, vowel: VOWELS[sound] });
    at += length;
  }
  return parts;
}

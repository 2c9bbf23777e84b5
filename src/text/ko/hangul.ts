/** Initial consonants of a Hangul syllable, in Unicode's order. */
export const INITIALS = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';
/** Vowels of a Hangul syllable, in Unicode's order. */
export const VOWELS = 'ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ';
/** Final consonants of a Hangul syllable, in Unicode's order; the first one means no final consonant. */
export const FINALS: readonly string[] = ['', ...'ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ'];

const FIRST = 0xac00;
const COUNT = 11172;

/** The parts of a syllable, as written or as spoken. */
export interface Syllable {
  initial: string;
  vowel: string;
  /** Final consonant or cluster; '' if there is none. */
  final: string;
}

/** Whether the character is a Hangul syllable, `가` to `힣`. */
export function isSyllable(char: string): boolean {
  const index = char.charCodeAt(0) - FIRST;
  return char.length === 1 && index >= 0 && index < COUNT;
}

/** Splits a syllable into its parts. @returns `undefined` for anything but one Hangul syllable. */
export function decompose(char: string): Syllable | undefined {
  if (!isSyllable(char)) return undefined;
  const index = char.charCodeAt(0) - FIRST;
  return {
    initial: INITIALS[Math.floor(index / 588)],
    vowel: VOWELS[Math.floor((index % 588) / 28)],
    final: FINALS[index % 28],
  };
}

/** Composes a syllable from its parts. */
export function compose({ initial, vowel, final }: Syllable): string {
  const index = (INITIALS.indexOf(initial) * 21 + VOWELS.indexOf(vowel)) * 28 + FINALS.indexOf(final);
  return String.fromCharCode(FIRST + index);
}

/** Final consonant of the last Hangul syllable; '' when it has none or there is no Hangul at the end. */
export function finalOf(text: string): string {
  return decompose(text.slice(-1))?.final ?? '';
}

/** A syllable with another initial consonant. */
export function withInitial(char: string, change: (initial: string) => string): string {
  const syllable = decompose(char);
  return syllable ? compose({ ...syllable, initial: change(syllable.initial) }) : char;
}

const TENSE = new Map(
  [...'ㄱㄲㄷㄸㅂㅃㅅㅆㅈㅉ'].flatMap((char, i, all) => (i % 2 ? [] : [[char, all[i + 1]]])),
);
const ASPIRATED = new Map(
  [...'ㄱㅋㄷㅌㅂㅍㅈㅊ'].flatMap((char, i, all) => (i % 2 ? [] : [[char, all[i + 1]]])),
);

/** The tense counterpart of a lenis consonant. Other consonants are returned unchanged. */
export function tense(consonant: string): string {
  return TENSE.get(consonant) ?? consonant;
}

/** The aspirated counterpart of a lenis stop. Other consonants are returned unchanged. */
export function aspirate(consonant: string): string {
  return ASPIRATED.get(consonant) ?? consonant;
}

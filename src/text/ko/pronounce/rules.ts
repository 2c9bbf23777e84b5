import { aspirate, compose, tense } from '../hangul.ts';
import type { Sound } from './syllables.ts';

/** Final consonants and clusters as they sound before a consonant and at a word's end (articles 8 to 11). */
const NEUTRAL: Readonly<Record<string, string>> = Object.fromEntries(
  'ㄱㄱ ㄲㄱ ㅋㄱ ㄳㄱ ㄺㄱ ㄴㄴ ㄵㄴ ㄶㄴ ㄷㄷ ㅅㄷ ㅆㄷ ㅈㄷ ㅊㄷ ㅌㄷ ㅎㄷ ㄹㄹ ㄼㄹ ㄽㄹ ㄾㄹ ㅀㄹ ㅁㅁ ㄻㅁ ㅂㅂ ㅍㅂ ㅄㅂ ㄿㅂ ㅇㅇ'
    .split(' ')
    .map(([written, spoken]) => [written, spoken]),
);
/** A cluster's first consonant, which stays, and its second one, which moves to a following vowel (article 14). */
const PARTED: Readonly<Record<string, string>> = {
  ㄳ: 'ㄱㅆ',
  ㄵ: 'ㄴㅈ',
  ㄺ: 'ㄹㄱ',
  ㄻ: 'ㄹㅁ',
  ㄼ: 'ㄹㅂ',
  ㄽ: 'ㄹㅆ',
  ㄾ: 'ㄹㅌ',
  ㄿ: 'ㄹㅍ',
  ㅄ: 'ㅂㅆ',
};
/** The rest of a final consonant with ㅎ after the ㅎ is dropped. */
const WITHOUT_HIEUT: Readonly<Record<string, string>> = { ㅎ: '', ㄶ: 'ㄴ', ㅀ: 'ㄹ' };
/** Finals after which ㄱㄷㅂㅅㅈ are tense (articles 23 and 25). */
const TENSING = new Set([...'ㄱㄲㅋㄳㄺㄷㅅㅆㅈㅊㅌㅂㅍㄼㄿㅄㄵㄾㄽ']);
const NASAL: Readonly<Record<string, string>> = { ㄱ: 'ㅇ', ㄷ: 'ㄴ', ㅂ: 'ㅁ' };
/** Finals that ㅎ changes in another way inside a word than at its end: what stays, and the stop. */
const ASPIRATED_INSIDE: Readonly<Record<string, readonly [string, string]>> = {
  ㅈ: ['', 'ㅈ'],
  ㄵ: ['ㄴ', 'ㅈ'],
  ㄺ: ['ㄹ', 'ㄱ'],
  ㄼ: ['ㄹ', 'ㅂ'],
};
/** Vowels with i or j, before which ㄷ and ㅌ turn into ㅈ and ㅊ, and before which a ㄴ may be added. */
const PALATAL = new Set(['ㅣ', 'ㅕ']);
const IOTATED = new Set([...'ㅣㅑㅕㅛㅠㅒㅖ']);

/**
 * Applies the rules of standard pronunciation to a phrase, in place: afterwards every syllable is spelled as it is spoken.
 * @param sounds the syllables of a phrase without pauses.
 */
export function applyRules(sounds: Sound[]): void {
  const initials = sounds.map(({ initial }) => initial);
  for (let i = 0; i < sounds.length; i++) {
    const next = sounds[i + 1];
    if (next === undefined) sounds[i].final = NEUTRAL[sounds[i].final] ?? '';
    else meet(sounds[i], next);
  }
  for (const [i, sound] of sounds.entries()) sayVowel(sound, initials[i]);
}

function meet(left: Sound, right: Sound): void {
  if (right.nieun && right.initial === 'ㅇ' && left.final !== '' && IOTATED.has(right.vowel)) {
    right.initial = 'ㄴ';
    left.final = NEUTRAL[left.final];
  }
  if (left.final === '') {
    if (right.tense) right.initial = tense(right.initial);
    return;
  }
  if (right.initial === 'ㅇ') meetVowel(left, right);
  else if (right.initial === 'ㅎ') meetHieut(left, right);
  else meetConsonant(left, right);
}

/** Articles 12 to 15 and 17: the final consonant moves to the vowel. */
function meetVowel(left: Sound, right: Sound): void {
  const { final } = left;
  if (final === 'ㅇ') return;
  if (right.before !== 'inside') {
    // A word of its own begins: the consonant is first said as at the end of a word.
    right.initial = NEUTRAL[final];
    left.final = '';
    return;
  }
  if (final in WITHOUT_HIEUT) {
    right.initial = WITHOUT_HIEUT[final] || 'ㅇ';
    left.final = '';
    return;
  }
  const [stays, moves] = final in PARTED ? PARTED[final] : ['', final];
  left.final = stays;
  right.initial = palatalized(moves, right);
}

function palatalized(consonant: string, { vowel }: Sound): string {
  if (!PALATAL.has(vowel)) return consonant;
  if (consonant === 'ㄷ') return 'ㅈ';
  return consonant === 'ㅌ' ? 'ㅊ' : consonant;
}

/** Article 12: stops and ㅎ make an aspirated consonant. */
function meetHieut(left: Sound, right: Sound): void {
  const { final } = left;
  if (final in WITHOUT_HIEUT) {
    left.final = WITHOUT_HIEUT[final];
    return;
  }
  const inside = right.before === 'inside' ? insideWord(final, right) : undefined;
  const spoken = NEUTRAL[final];
  if (inside) aspirated(left, right, inside[0], inside[1]);
  else if (spoken in NASAL) aspirated(left, right, '', spoken);
  else left.final = spoken;
}

/** The rest of a final consonant inside a word, and the stop that ㅎ makes aspirated. */
function insideWord(final: string, { written }: Sound): readonly [stays: string, stop: string] | undefined {
  if ((final === 'ㄷ' || final === 'ㅌ') && /[히혀혔힌힐힘힙]/.test(written)) return ['', 'ㅈ'];
  return ASPIRATED_INSIDE[final];
}

function aspirated(left: Sound, right: Sound, stays: string, stop: string): void {
  left.final = stays;
  right.initial = aspirate(stop);
}

function meetConsonant(left: Sound, right: Sound): void {
  if (left.final in WITHOUT_HIEUT && !meetAfterHieut(left, right)) return;
  const { final } = left;
  const tenses = (TENSING.has(final) || right.tense) && !right.lenis;
  left.final = simplified(left, right);
  if (tenses) right.initial = tense(right.initial);
  if (right.initial === 'ㄹ') meetRieul(left, right);
  else if (right.initial === 'ㄴ' && left.final === 'ㄹ') right.initial = 'ㄹ';
  else if (right.initial === 'ㄴ' || right.initial === 'ㅁ') left.final = NASAL[left.final] ?? left.final;
}

/** @returns whether the other rules still have something to do. */
function meetAfterHieut(left: Sound, right: Sound): boolean {
  const rest = WITHOUT_HIEUT[left.final];
  if ('ㄱㄷㅈ'.includes(right.initial)) {
    left.final = rest;
    right.initial = aspirate(right.initial);
    return false;
  }
  if (right.initial === 'ㅅ') {
    left.final = rest;
    right.initial = 'ㅆ';
    return false;
  }
  if (rest !== '') left.final = rest;
  return true;
}

function simplified({ final, predicate, written }: Sound, right: Sound): string {
  // 맑게, 묽고: ㄺ of verbs and adjectives before ㄱ.
  if (final === 'ㄺ' && predicate && right.initial === 'ㄱ' && right.before === 'inside') return 'ㄹ';
  if (final === 'ㄼ' && written === '밟') return 'ㅂ';
  return NEUTRAL[final];
}

/** Articles 19 and 20: ㄹ after a consonant. */
function meetRieul(left: Sound, right: Sound): void {
  if (left.final === 'ㄹ') return;
  if (left.final === 'ㄴ' && right.before === 'inside' && !keepsNieun(left, right)) {
    left.final = 'ㄹ';
    return;
  }
  right.initial = 'ㄴ';
  left.final = NASAL[left.final] ?? left.final;
}

const KEEPING_SUFFIX = new Set([...'란량력령례로론료류록룡률램랜']);

/** 의견란, 생산량: after a word of two syllables the suffix keeps its distance; loanwords such as 온라인 do too. */
function keepsNieun({ place }: Sound, right: Sound): boolean {
  return right.lenis || (KEEPING_SUFFIX.has(right.written) && place >= 1);
}

function sayVowel(sound: Sound, initial: string): void {
  const { vowel } = sound;
  if ('ㅈㅉㅊ'.includes(sound.initial))
    sound.vowel =
      ({ ㅑ: 'ㅏ', ㅕ: 'ㅓ', ㅛ: 'ㅗ', ㅠ: 'ㅜ', ㅖ: 'ㅔ', ㅒ: 'ㅐ' } as Record<string, string>)[vowel] ??
      vowel;
  else if (vowel === 'ㅖ' && initial !== 'ㅇ' && initial !== 'ㄹ') sound.vowel = 'ㅔ';
  if (vowel !== 'ㅢ') return;
  if (initial !== 'ㅇ') sound.vowel = 'ㅣ';
  else if (sound.before === 'inside') sound.vowel = sound.genitive ? 'ㅔ' : 'ㅣ';
}

/** Syllables as spoken, spelled in Hangul: 국민 → 궁민. A space between words. */
export function spell(sounds: readonly Sound[]): string {
  return sounds
    .map((sound, i) => (i > 0 && sounds[i - 1].word !== sound.word ? ' ' : '') + compose(sound))
    .join('');
}

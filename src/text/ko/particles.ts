import { finalOf } from './hangul.ts';

/** Particles by their form after a final consonant and their form after a vowel. */
const PAIRS: readonly (readonly [consonant: string, vowel: string])[] = [
  ['을', '를'],
  ['이', '가'],
  ['은', '는'],
  ['과', '와'],
  ['아', '야'],
  ['으로', '로'],
  ['으로서', '로서'],
  ['으로써', '로써'],
  ['으로부터', '로부터'],
  ['이에요', '예요'],
  ['이었', '였'],
  ['이나', '나'],
  ['이랑', '랑'],
  ['이며', '며'],
  ['이면', '면'],
  ['이고', '고'],
  ['이라', '라'],
  ['이라고', '라고'],
  ['이라는', '라는'],
  ['이란', '란'],
  ['이든', '든'],
  ['이야', '야'],
  ['이여', '여'],
];

const FORMS = new Map<string, readonly [string, string]>(
  PAIRS.flatMap((pair) => [
    [pair[0], pair] as const,
    // 야 is the vowel form of 아 and of 이야; 아/야 comes first and stays.
    ...(pair[1] === '야' && pair[0] !== '아' ? [] : [[pair[1], pair] as const]),
  ]),
);

/** Digits as they are read in Sino-Korean: the final consonant of 영 일 이 삼 사 오 육 칠 팔 구. */
const DIGIT_FINALS = ['ㅇ', 'ㄹ', '', 'ㅁ', '', '', 'ㄱ', 'ㄹ', 'ㄹ', ''];
/** Latin letters whose Korean name ends in a consonant: 엘 엠 엔 아르(알). */
const LETTER_FINALS: Readonly<Record<string, string>> = { l: 'ㄹ', m: 'ㅁ', n: 'ㄴ', r: 'ㄹ' };
/** Final consonant of a number's last unit when it ends in zeros: 십 백 천 만 만 만 만 억. */
const ZERO_FINALS = ['ㅂ', 'ㄱ', 'ㄴ', 'ㄴ', 'ㄴ', 'ㄴ', 'ㄴ', 'ㄱ'];

/**
 * The final consonant with which a word ends when it is read in Korean: of a Hangul syllable, of a number as Sino-Korean reads it, of a
 * Latin letter's name. Closing marks at the end are ignored.
 * @returns '' for a vowel, and where nothing is known.
 */
export function spokenFinal(word: string): string {
  const text = word.replace(/[\s"'”’)\]}」』》.,!?…]+$/u, '');
  const digits = /\d[\d,]*$/.exec(text)?.[0].replaceAll(',', '');
  if (digits !== undefined) {
    const zeros = /0*$/.exec(digits)![0].length;
    if (zeros === 0 || zeros === digits.length) return DIGIT_FINALS[Number(digits.at(-1))];
    return ZERO_FINALS[Math.min(zeros, ZERO_FINALS.length) - 1];
  }
  return finalOf(text) || (LETTER_FINALS[text.slice(-1).toLowerCase()] ?? '');
}

/**
 * The form of a particle that fits a word: `을` or `를`, `이` or `가`, `은` or `는`, `과` or `와`, `으로` or `로` (also after ㄹ),
 * `아` or `야`, `이에요` or `예요`, and alike.
 * @param word the text before the particle: Hangul, a number or Latin letters.
 * @param particle either form.
 * @returns the fitting form. A particle with only one form is returned unchanged.
 * @example
 * particleFor('사과', '을'); // '를'
 * particleFor('서울', '으로'); // '로'
 */
export function particleFor(word: string, particle: string): string {
  const pair = FORMS.get(particle);
  if (pair === undefined) return particle;
  const final = spokenFinal(word);
  const vowelForm = final === '' || (final === 'ㄹ' && pair[0].startsWith('으로'));
  return pair[vowelForm ? 1 : 0];
}

/** Notations with both forms of a particle: `을(를)`, `이(가)`, `(으)로`, `을/를`. */
const BOTH_FORMS =
  /을\(를\)|를\(을\)|이\(가\)|가\(이\)|은\(는\)|는\(은\)|과\(와\)|와\(과\)|아\(야\)|야\(아\)|\(으\)로|으로\(로\)|로\(으로\)|\(이\)(?=나|랑|며|면|고|라|든)|이에요\(예요\)|예요\(이에요\)|(?<=\S)(?:을\/를|를\/을|은\/는|는\/은|이\/가|가\/이|과\/와|와\/과|으로\/로|로\/으로|아\/야|이에요\/예요)(?![가-힣])/gu;

/** A particle written in both forms, and its value after a word. */
export interface OpenParticle {
  readonly start: number;
  readonly end: number;
  /** Either form; {@link particleFor} chooses. */
  readonly particle: string;
}

/** Finds particles written in both forms: `사과을(를)`, `{city}(으)로`. */
export function openParticles(text: string): OpenParticle[] {
  return Array.from(text.matchAll(BOTH_FORMS), (match) => {
    const written = match[0];
    const particle = written === '(으)로' ? '으로' : written === '(이)' ? '이' : written.split(/[(/]/)[0];
    return { start: match.index, end: match.index + written.length, particle };
  });
}

/** Text before a particle that decides its form: the end of a word. */
const LOOK_BACK = 40;

/**
 * Chooses the form of each particle that is written in both forms, by the previous word.
 * @param before the text before `text`, such as the
 * value of a slot.
 * @example
 * settleParticles('사과을(를) 서울(으)로 보냅니다.'); // '사과를 서울로 보냅니다.'
 * settleParticles('을(를) 보냅니다.', '사과'); // '를 보냅니다.'
 */
export function settleParticles(text: string, before = ''): string {
  const context = before.slice(-LOOK_BACK);
  const whole = context + text;
  let settled = '';
  let from = 0;
  for (const { start, end, particle } of openParticles(whole)) {
    // The text before is unknown.
    if (start < context.length) continue;
    settled += whole.slice(from, start);
    // (이) before 나, 랑 …: it is kept after a consonant only.
    if (whole.slice(start, end) === '(이)') settled += spokenFinal(settled) === '' ? '' : '이';
    else settled += particleFor(settled, particle);
    from = end;
  }
  return (settled + whole.slice(from)).slice(context.length);
}

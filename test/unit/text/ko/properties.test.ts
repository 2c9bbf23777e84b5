import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compose, decompose, FINALS, INITIALS, VOWELS } from '../../../../src/text/ko/hangul.ts';
import { normalizeKorean } from '../../../../src/text/ko/normalize/normalize.ts';
import { particleFor, settleParticles } from '../../../../src/text/ko/particles.ts';
import { speak } from '../../../../src/text/ko/speak.ts';
import { isKoreanSound, isKoreanVowel, KOREAN_SYMBOLS, toEnglish } from '../../../../src/text/ko/symbols.ts';
import { SYMBOLS } from '../../../../src/text/symbols.ts';
import { anyText } from '../../../support/any-text.ts';

const syllable = fc.integer({ min: 0xac00, max: 0xd7a3 }).map((code) => String.fromCharCode(code));
const word = fc.array(syllable, { minLength: 1, maxLength: 8 }).map((chars) => chars.join(''));
/** Text as people type it: Hangul, digits, Latin letters, punctuation, emoji and arbitrary characters. */
const text = fc
  .array(
    fc.oneof(
      word,
      fc.constantFrom(
        ' ',
        '3',
        '12,000',
        '%',
        '원',
        '개',
        '~',
        '-',
        '.',
        ',',
        '?',
        '\n',
        '010-1234-5678',
        'KTX',
        '(',
        ')',
        'ㅋ',
        '漢',
      ),
      anyText({ maxLength: 4 }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));

describe('Hangul', () => {
  test('every syllable is decomposed and composed without loss', () => {
    const wrong: string[] = [];
    for (let code = 0xac00; code <= 0xd7a3; code++) {
      const char = String.fromCharCode(code);
      if (compose(decompose(char)!) !== char) wrong.push(char);
    }
    expect(wrong).toEqual([]);
  });

  test('every syllable, alone and before any other, has phonemes with exactly one vowel each', () => {
    const wrong: string[] = [];
    const followers = [...INITIALS].map((initial) => compose({ initial, vowel: 'ㅣ', final: '' }));
    for (const final of FINALS) {
      for (const initial of INITIALS) {
        for (const vowel of VOWELS) {
          const char = compose({ initial, vowel, final });
          for (const words of [[char], ...followers.slice(2, 3).map((next) => [char + next])]) {
            const symbols = speak(words).flatMap((one) => one.symbols);
            const whole =
              symbols.every(isKoreanSound) && symbols.filter(isKoreanVowel).length === words.join('').length;
            if (!whole) wrong.push(words.join(' '));
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('pronunciation', () => {
  test('keeps the number of syllables, and only the seven final consonants', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
        const spoken = speak(words);
        expect(spoken.map(({ word: index }) => index)).toEqual(words.map((_, i) => i));
        const spelled = spoken.map((one) => one.spelled).join('');
        expect(spelled.length).toBe(words.join('').length);
        expect(
          Array.from(spelled, (char) => decompose(char)!.final).every((final) =>
            'ㄱㄴㄷㄹㅁㅂㅇ'.includes(final),
          ),
        ).toBe(true);
      }),
    );
  });
});

describe('normalization', () => {
  test('never throws; words are Hangul; positions are in order and inside the text', () => {
    fc.assert(
      fc.property(text, (input) => {
        let last = 0;
        for (const token of normalizeKorean(input)) {
          expect(token.span.start).toBeGreaterThanOrEqual(last);
          expect(token.span.end).toBeGreaterThanOrEqual(token.span.start);
          expect(token.span.end).toBeLessThanOrEqual(input.length);
          last = token.span.start;
          if (token.kind === 'word') expect(token.text).toMatch(/^[가-힣]+$/);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('no pause comes first, and no two pauses follow each other', () => {
    fc.assert(
      fc.property(text, (input) => {
        const kinds = normalizeKorean(input).map(({ kind }) => kind);
        expect(kinds[0]).not.toBe('pause');
        expect(kinds.some((kind, i) => kind === 'pause' && kinds[i + 1] === 'pause')).toBe(false);
      }),
    );
  });

  test('decomposed Hangul is read like composed Hangul', () => {
    fc.assert(
      fc.property(word, (input) => {
        const said = (form: string) =>
          normalizeKorean(form).map((token) => (token.kind === 'ipa' ? '' : token.text));
        expect(said(input.normalize('NFD'))).toEqual(said(input));
      }),
    );
  });

  test('every word has the written word that it belongs to', () => {
    const input = '오늘 3~5개를, "2026-11-29"에 샀다.';
    expect(normalizeKorean(input).map(({ span }) => input.slice(span.start, span.end))).toEqual([
      '오늘',
      '3~5개를',
      '3~5개를',
      '3~5개를',
      '3~5개를',
      ',',
      '2026-11-29"에',
      '2026-11-29"에',
      '2026-11-29"에',
      '2026-11-29"에',
      '샀다',
      '.',
    ]);
  });

  test('unreadable characters are listed', () => {
    const unread: string[] = [];
    const input = '소리 привет 안녕';
    normalizeKorean(input, { onUnreadable: ({ start, end }) => unread.push(input.slice(start, end)) });
    expect(unread.join('')).toBe('привет');
  });

  test('long repetitions are read to their end', () => {
    for (const unit of [
      '가',
      '1',
      '1-',
      'a',
      'a.',
      'a-1',
      '(',
      '~',
      '漢',
      'ㅋ',
      '1,',
      '@',
      '0',
      '1/',
      '가(를)',
    ]) {
      const input = unit.repeat(2000);
      const tokens = normalizeKorean(`${input} 끝`);
      expect(tokens.at(-1), unit).toMatchObject({ text: '끝', span: { end: input.length + 2 } });
    }
  });
});

describe('particles', () => {
  test.each([
    ['사과', '을', '를'],
    ['귤', '를', '을'],
    ['서울', '으로', '로'],
    ['부산', '로', '으로'],
    ['학교', '은', '는'],
    ['민수', '이', '가'],
    ['물', '와', '과'],
    ['철수', '아', '야'],
    ['사람', '예요', '이에요'],
    ['3', '를', '을'],
    ['2', '을', '를'],
    ['100', '로', '으로'],
    ['KTX', '을', '를'],
    ['SRT', '은', '는'],
    ['gmail', '을', '을'],
    ['집', '에서', '에서'],
  ])('%s + %s', (noun, particle, expected) => {
    expect(particleFor(noun, particle)).toBe(expected);
  });

  test('without a given form are chosen by the word before them', () => {
    expect(settleParticles('사과을(를) 서울(으)로, 민수이(가) 책와(과) 학교은/는')).toBe(
      '사과를 서울로, 민수가 책과 학교는',
    );
    expect(settleParticles('이/가 하나')).toBe('이/가 하나');
    expect(settleParticles('기차(이)나 지하철(이)나')).toBe('기차나 지하철이나');
  });
});

test('each Korean symbol has itself as spelling, and an English counterpart', () => {
  const symbols = KOREAN_SYMBOLS.map(({ symbol }) => symbol);
  expect(new Set(symbols).size).toBe(symbols.length);
  const bare = new Set(SYMBOLS.map((symbol) => symbol.replace(/^[ˈˌ]/, '')));
  for (const symbol of symbols) {
    for (const english of toEnglish(symbol)) expect(bare.has(english), symbol).toBe(true);
  }
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SoriError } from '../../../src/base/errors.ts';
import { type AnalyzeOptions, createFrontEnd } from '../../../src/text/frontend.ts';
import { isKoreanSound, KOREAN_SYMBOLS, TUNES, toTeacher } from '../../../src/text/ko/symbols.ts';
import { languageRuns } from '../../../src/text/scripts.ts';
import { PHRASE_BOUNDARY, SYMBOLS } from '../../../src/text/symbols.ts';
import { Warnings } from '../../../src/text/warnings.ts';
import { buildTinyDictionary } from '../../fixtures/lexicon.ts';

const TABLE = [
  ...new Set([
    ...SYMBOLS,
    ...KOREAN_SYMBOLS.map(({ symbol }) => symbol),
    PHRASE_BOUNDARY,
    ...Object.values(TUNES),
  ]),
];
const both = createFrontEnd({
  dictionary: buildTinyDictionary(),
  phonemes: TABLE,
  languages: ['en-US', 'ko'],
});
const english = createFrontEnd({ dictionary: buildTinyDictionary(), phonemes: SYMBOLS });

/** Utterances with their language in front, `_` for the word boundary. */
const show = (text: string, options?: AnalyzeOptions) =>
  both.analyze(text, options).map(({ language = '', phonemes }) => {
    const symbols = phonemes.slice(1, -1).map(({ symbol }) => (symbol === ' ' ? '_' : symbol));
    return `${language}: ${symbols.join(' ')}`;
  });

function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('languages in one text', () => {
  test('a sentence in Hangul is Korean, others are not', () => {
    expect(show('The big dog. 밥 먹었어요? Read it.')).toEqual([
      ': ð ə _ b ˈɪ ɡ _ d ˈɔ ɡ .',
      'ko: p a m _ m ʌ ɡ ʌ s͈ ʌ j o ↗ ?',
      ': ɹ ˈi d _ aɪ t i .',
    ]);
  });

  test('Hangul inside an English sentence is a separate part', () => {
    expect(show('The big 소리 dog read.')).toEqual([
      ': ð ə _ b ˈɪ ɡ',
      'ko: s o ɾ i →',
      ': d ˈɔ ɡ _ ɹ ˈɛ d .',
    ]);
  });

  test('Latin words inside a Korean sentence are read in Korean', () => {
    expect(show('KTX를 타요.', { language: 'ko' })).toEqual([': kʰ e i tʰ i e k̚ s͈ ɯ ɾ ɯ l | tʰ a j o ↘ .']);
  });

  test('a Korean text may have English sentences', () => {
    expect(show('안녕. Read the big dog.', { language: 'ko' })).toEqual([
      ': a n n j ʌ ŋ ↘ .',
      'en-US: ɹ ˈi d _ ð ə _ b ˈɪ ɡ _ d ˈɔ ɡ .',
    ]);
  });

  test('markup names the language of a part', () => {
    expect(show('<speak>안녕 <lang xml:lang="en">big dog</lang> 소리</speak>', { language: 'ko' })).toEqual([
      ': a n n j ʌ ŋ →',
      'en: b ˈɪ ɡ _ d ˈɔ ɡ',
      ': s o ɾ i ↘',
    ]);
  });

  test('runs cover the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('가', '소리', 'dog', ' ', '. ', '?', '3', '漢', '\n', 'KTX'), {
          maxLength: 20,
        }),
        fc.constantFrom('en', 'ko'),
        (parts, base) => {
          const text = parts.join('');
          const runs = languageRuns(text, { base, languageAt: () => undefined });
          expect(runs.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
          for (const [i, run] of runs.entries()) expect(run.language).not.toBe(runs[i + 1]?.language);
        },
      ),
    );
  });
});

describe('Korean utterances', () => {
  test('have phrases, intonation and marks', () => {
    expect(show('나는 학교에 간다, 오늘도.', { language: 'ko' })).toEqual([
      ': n a n ɯ n | h a k̚ k͈ j o e | k a n d a → , o n ɯ l d o ↘ .',
    ]);
    expect(show('어디에 있습니까.', { language: 'ko' })[0]).toMatch(/↗ \?$/);
    expect(show('번호를 눌러 주십시오.', { language: 'ko' })[0]).toMatch(/↓ \.$/);
    expect(show('사과, 배, 귤을 샀다.', { language: 'ko' })[0]).toMatch(/→ , .* → , /);
  });

  test('every phoneme has the written word that it speaks', () => {
    const text = '사과 3개를 샀다.';
    const [{ phonemes }] = both.analyze(text, { language: 'ko' });
    const words = phonemes
      .filter(({ symbol }) => isKoreanSound(symbol))
      .map(({ span }) => text.slice(span.start, span.end));
    expect([...new Set(words)]).toEqual(['사과', '3개를', '샀다']);
  });

  test('a symbol table without boundaries and intonation uses spaces and pauses only', () => {
    const bare = createFrontEnd({
      dictionary: buildTinyDictionary(),
      phonemes: TABLE.filter((symbol) => symbol !== PHRASE_BOUNDARY && !'↘↗↓→'.includes(symbol)),
      languages: ['en', 'ko'],
    });
    const [{ phonemes }] = bare.analyze('나는 간다.', { language: 'ko' });
    expect(phonemes.map(({ symbol }) => symbol).join('')).toBe('^nanɯn kanda.$');
  });

  test('pronunciations in Hangul, with particles after the word', () => {
    const pronunciations = { 소리: '쏘리', LH공사: '엘에이치공사' };
    expect(show('소리를 LH공사에', { language: 'ko', pronunciations })).toEqual(
      show('쏘리를 엘에이치공사에', { language: 'ko' }),
    );
    expect(show('소리치다', { language: 'ko', pronunciations })).toEqual(
      show('소리치다', { language: 'ko' }),
    );
    expect(errorOf(() => english.analyze('dog', { pronunciations }))).toMatchObject({
      code: 'invalid_pronunciation',
      param: 'pronunciations',
    });
  });

  test.each([
    ['소리', 's͈oɾi', '쏘리를'],
    ['소리', '/s͈o.ɾi/', '쏘리를'],
    ['김치', 'kimtɕ͈i', '김찌를'],
    ['여권', 'jʌk͈wʌn', '여꿘을'],
    ['LH공사', 'elɛitɕʰi koŋsa', '엘애이치 공사를'],
  ])('the Korean IPA of a word in Hangul, with a particle: %s /%s/ as in %s', (word, ipa, spoken) => {
    const particle = spoken.slice(-1);
    expect(show(`${word}${particle}`, { language: 'ko', pronunciations: { [word]: ipa } })).toEqual(
      show(spoken, { language: 'ko' }),
    );
  });

  test('IPA with stress marks, or for a word in Latin letters, is English also in Korean text', () => {
    const said = (pronunciations: Record<string, string>) =>
      show('Sori 소리', { language: 'ko', pronunciations }).join(' ');
    expect(said({ Sori: 'ˈsɔːɹi' })).toContain('s ˈɔ ɹ i');
    expect(said({ 소리: 'ˈsɔːɹi' })).toContain('s ˈɔ ɹ i');
  });

  test('use the alphabet of the teacher model', () => {
    const [{ phonemes }] = both.analyze('꽃이 핀다.', { language: 'ko' });
    expect(toTeacher(phonemes.slice(1, -1).map(({ symbol }) => symbol))).toBe('ʔkoʨʰi pʰinda↘.');
  });

  test('any Korean text gives well-formed utterances', () => {
    const piece = fc.oneof(
      fc.integer({ min: 0xac00, max: 0xd7a3 }).map((code) => String.fromCharCode(code)),
      fc.constantFrom(' ', '. ', ', ', '?', '3개', 'KTX', '漢字', 'dog ', '1,000원', '\n', '(', '😀', 'ㅋㅋ'),
    );
    const table = new Set(TABLE);
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 8, max: 200 }),
        (parts, max) => {
          const text = parts.join('');
          let utterances: ReturnType<typeof both.analyze>;
          try {
            utterances = both.analyze(text, { language: 'ko', maxPhonemes: max, unreadable: 'skip' });
          } catch (error) {
            expect((error as SoriError).code).toBe('nothing_to_speak');
            return;
          }
          for (const { phonemes } of utterances) {
            expect(phonemes.length).toBeLessThanOrEqual(max);
            let last = 0;
            for (const { symbol, span } of phonemes) {
              expect(table.has(symbol), symbol).toBe(true);
              expect(span.start).toBeGreaterThanOrEqual(last);
              expect(span.end).toBeLessThanOrEqual(text.length);
              last = span.start;
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('unreadable text', () => {
  test.each([
    ['안녕', 'Korean', 'dog 안녕'],
    ['你好', 'Chinese', 'dog 你好'],
    ['привет мир', 'Cyrillic', 'привет мир, dog'],
    ['γειά', 'Greek', 'dog γειά'],
    ['مرحبا', 'Arabic', 'dog مرحبا'],
    ['こんにちは', 'Japanese', 'dog こんにちは'],
    ['สวัสดี', 'Thai', 'dog สวัสดี'],
    ['٣', 'Arabic', 'dog ٣'],
  ])('%s is refused with its script and position', (part, script, text) => {
    const error = errorOf(() => english.analyze(text)) as SoriError;
    expect(error).toMatchObject({ code: 'unreadable_text', param: 'input' });
    expect(error.message).toContain(script);
    expect(error.message).toContain(`offset ${text.indexOf(part[0])}`);
  });

  test('can be skipped, and is then listed', () => {
    const input = 'Big <b> 안녕 dog 你好';
    const warnings = new Warnings({ text: input });
    english.analyze(input, { unreadable: 'skip', warnings });
    expect(warnings.list()).toMatchObject([
      { code: 'unreadable_text', position: { offset: input.indexOf('안') } },
      { code: 'unreadable_text', position: { offset: input.indexOf('你') } },
    ]);
  });

  test('has positions in the SSML document', () => {
    const input = '<speak>big <s>你好</s></speak>';
    expect((errorOf(() => english.analyze(input)) as SoriError).message).toContain(
      `offset ${input.indexOf('你')}`,
    );
  });

  test('is read where the request gives a pronunciation', () => {
    expect(english.analyze('dog 你好', { pronunciations: { 你好: 'niˈhaʊ' } })).toHaveLength(1);
    expect(english.analyze('dog [你好](/niˈhaʊ/)')).toHaveLength(1);
  });

  test.each(['π', 'x² + 5 μm', 'café', 'Ｆｕｌｌ', '5 Ω', '½', 'naïve ﬁne', '😀', '№ 5', 'ᵃ'])(
    '%s is read',
    (text) => {
      expect(errorOf(() => english.analyze(`${text} dog`))).toBeUndefined();
    },
  );

  test('Chinese characters are read in a Korean sentence, but not alone', () => {
    expect(show('漢字를 읽다', { language: 'ko' })).toHaveLength(1);
    expect(errorOf(() => both.analyze('你好 dog'))).toMatchObject({ code: 'unreadable_text' });
  });
});

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { SoriError } from '../../../src/base/errors.ts';
import { createFrontEnd, type FrontEnd, isBetweenWords } from '../../../src/text/frontend.ts';
import { SYMBOLS } from '../../../src/text/symbols.ts';
import { buildDictionary, buildFallback, show } from '../../fixtures/lexicon.ts';
import { anyText } from '../../support/any-text.ts';

let frontEnd: FrontEnd;
let dictionary: Uint8Array;
let fallback: Uint8Array;

beforeAll(() => {
  dictionary = buildDictionary();
  fallback = buildFallback();
  frontEnd = createFrontEnd({ dictionary, fallback, phonemes: SYMBOLS });
});

const say = (text: string, pronunciations?: Record<string, string>) => show(frontEnd, text, pronunciations);

describe('sequence', () => {
  test.each([
    [
      'one boundary between words, the final mark, then the end',
      'Hello, big world.',
      '^ h ə l ˈoʊ , b ˈɪ ɡ | w ˈɝ l d . $',
    ],
    ['no final mark: just the end', 'big world', '^ b ˈɪ ɡ | w ˈɝ l d $'],
    ['quotes are silent, brackets pause', '"Big" (red) dogs', '^ b ˈɪ ɡ , ɹ ˈɛ d , d ˈɔ ɡ z $'],
    ['marks in a row: the strongest', 'Big...?! Red', '^ b ˈɪ ɡ ? $ ^ ɹ ˈɛ d $'],
    ['marks before the first word are dropped', '... , — big.', '^ b ˈɪ ɡ . $'],
    ['a hyphen is a boundary', 'big-time', '^ b ˈɪ ɡ | t ˈaɪ m $'],
    ['an utterance for each sentence', 'Big. Red! Dog?', '^ b ˈɪ ɡ . $ ^ ɹ ˈɛ d ! $ ^ d ˈɔ ɡ ? $'],
  ])('%s', (_, text, expected) => {
    expect(say(text)).toBe(expected);
  });

  test('every phoneme has the position of its text', () => {
    const text = ' Hi, Dr. Lee!';
    const [utterance] = frontEnd.analyze(text);
    const spoken = utterance.phonemes.map(
      ({ symbol, span }) => `${symbol}=${text.slice(span.start, span.end)}`,
    );
    expect(spoken).toEqual([
      '^=',
      'h=Hi',
      'ˈaɪ=Hi',
      ',=,',
      'd=Dr.',
      'ˈɑ=Dr.',
      'k=Dr.',
      't=Dr.',
      'ɚ=Dr.',
      ' =',
      'l=Lee',
      'ˈi=Lee',
      '!=!',
      '$=',
    ]);
    expect(utterance.span).toEqual({ start: 1, end: text.length });
  });
});

test('a text is read sentence by sentence, yielding to the event loop', () => {
  const text = 'One day it rained. We all stayed in. The cat slept well.';
  const work = frontEnd.analysis(text);
  let parts = 1;
  let step = work.next();
  for (; !step.done; step = work.next()) parts++;
  expect(parts).toBeGreaterThan(3);
  expect(step.value).toEqual(frontEnd.analyze(text));
});

describe('long sentences', () => {
  const long = `${'The quick brown fox jumps over the lazy dog, '.repeat(12)}and sleeps.`;

  test('are cut at a comma, into pieces of about the same length', () => {
    const utterances = frontEnd.analyze(long, { maxPhonemes: 120 });
    expect(utterances.length).toBeGreaterThan(3);
    for (const { phonemes } of utterances) {
      expect(phonemes.length).toBeLessThanOrEqual(120);
      expect(phonemes.length).toBeGreaterThan(40);
    }
    for (const { phonemes } of utterances.slice(0, -1)) expect(phonemes.at(-2)?.symbol).toBe(',');
  });

  test('lose only the boundaries at the cuts', () => {
    const text = 'big '.repeat(200);
    const words = (max: number) =>
      frontEnd
        .analyze(text, { maxPhonemes: max })
        .flatMap(({ phonemes }) => phonemes.filter(({ symbol }) => symbol === 'b'));
    expect(words(50)).toEqual(words(100_000));
  });

  test('a word longer than the limit is cut too', () => {
    const utterances = frontEnd.analyze('antidisestablishmentarianism', { maxPhonemes: 8 });
    expect(utterances.length).toBeGreaterThan(2);
    for (const { phonemes } of utterances) expect(phonemes.length).toBeLessThanOrEqual(8);
  });
});

describe('function words', () => {
  test.each([
    ['the apple, the big one', '^ ð i | ˈæ p ə l , ð ə | b ˈɪ ɡ | w ˈʌ n $'],
    ['a dog and an apple', '^ ə | d ˈɔ ɡ | ə n d | æ n | ˈæ p ə l $'],
    ['What is it for?', '^ w ˈʌ t | ɪ z | ɪ t | f ˈɔ ɹ ? $'],
    ['Yes, I can.', '^ j ˈɛ s , ˈaɪ | k ˈæ n . $'],
    ['I can go', '^ ˈaɪ | k æ n | ɡ ˈoʊ $'],
    ['Plan A is best', '^ p l ˈæ n | ˈeɪ | ɪ z | b ˈɛ s t $'],
    ['him', '^ h ˈɪ m $'],
    ['We do not know', '^ w i | d u | n ˈɑ t | n ˈoʊ $'],
  ])('%s', (text, expected) => {
    expect(say(text)).toBe(expected);
  });
});

describe('overrides', () => {
  test('in the text', () => {
    expect(say('[Sori](/ˈsoʊɹaɪ/) speaks')).toBe('^ s ˈoʊ ɹ aɪ | s p ˈi k s $');
  });

  test('by word, in any case, also possessive', () => {
    expect(say("Big SORI and sori's dog", { Sori: 'ˈsoʊɹaɪ' })).toBe(
      '^ b ˈɪ ɡ | s ˈoʊ ɹ aɪ | ə n d | s ˈoʊ ɹ aɪ z | d ˈɔ ɡ $',
    );
  });

  test('match whole words only, also phrases and signs; the longest match wins', () => {
    expect(say('resori', { sori: 'ˈbɪɡ' })).not.toContain('b ˈɪ ɡ');
    expect(say('New York', { 'new york': 'ˈnuː ˈjɔːɹk', new: 'ˈbɪɡ' })).toBe('^ n ˈu | j ˈɔ ɹ k $');
    expect(say('C++ dog', { 'c++': 'ˈsiː ˈplʌs' })).toBe('^ s ˈi | p l ˈʌ s | d ˈɔ ɡ $');
    expect(say('the SQL dog', { SQL: 'ˈsiːkwəl' })).toBe('^ ð ə | s ˈi k w ə l | d ˈɔ ɡ $');
  });

  test('a phrase has the position of all its words', () => {
    const [{ phonemes }] = frontEnd.analyze('in New York', { pronunciations: { 'new york': 'ˈnuː ˈjɔːɹk' } });
    expect(phonemes.find(({ symbol }) => symbol === 'ˈɔ')?.span).toEqual({ start: 3, end: 11 });
  });

  test('IPA that cannot be read is refused, naming the field', () => {
    expect(() => say('hi', { hi: 'h5' })).toThrow(
      expect.objectContaining({ code: 'invalid_pronunciation', param: 'pronunciations' }),
    );
    expect(() => say('[hi](/h5/)')).toThrow(
      expect.objectContaining({ code: 'invalid_pronunciation', param: 'input' }),
    );
  });
});

describe('data', () => {
  test('a model that lacks a symbol is refused', () => {
    expect(() => createFrontEnd({ dictionary, phonemes: SYMBOLS.slice(1) })).toThrow(
      expect.objectContaining({ code: 'model_unavailable' }),
    );
  });

  test('bytes that are no dictionary are refused', () => {
    expect(() => createFrontEnd({ dictionary: fallback, phonemes: SYMBOLS })).toThrow(
      expect.objectContaining({ code: 'model_unavailable' }),
    );
    expect(() => createFrontEnd({ dictionary, fallback: dictionary, phonemes: SYMBOLS })).toThrow(
      expect.objectContaining({ code: 'model_unavailable' }),
    );
  });

  test('a truncated letter-to-sound model is refused at the first unknown word', () => {
    const short = createFrontEnd({ dictionary, fallback: fallback.subarray(0, -1), phonemes: SYMBOLS });
    expect(show(short, 'big')).toBe('^ b ˈɪ ɡ $');
    expect(() => show(short, 'blorf')).toThrow(expect.objectContaining({ code: 'model_unavailable' }));
  });

  test('without letter-to-sound an unknown word is spelled, like letters without a vowel', () => {
    const spelling = createFrontEnd({ dictionary, phonemes: SYMBOLS });
    expect(show(spelling, 'xqzv')).toBe('^ ˈɛ k s | k j ˈu | z ˈi | v ˈi $');
    expect(show(spelling, 'blorf')).toBe('^ b ˈi ˈɛ l ˈoʊ ˈɑ ɹ ˈɛ f $');
  });

  test('with it the word is pronounced, with at least one stress', () => {
    const symbols = say('blorf glavenster');
    expect(symbols).toMatch(/^\^ b l .*f \| ɡ l .*ɚ \$$/);
    expect(symbols.match(/ˈ/g)?.length).toBeGreaterThanOrEqual(2);
  });
});

describe('any text', () => {
  const table = new Set(SYMBOLS);
  const anyInput = fc.oneof(
    anyText({ maxLength: 200 }),
    fc.string({ unit: 'grapheme', maxLength: 200 }),
    fc
      .array(
        fc.oneof(
          fc.constantFrom(
            'the',
            'a',
            'A',
            'read',
            "don't",
            'NASA',
            'I',
            '$5',
            '3.14',
            '1990s',
            'e-mail',
            "'s",
            "'",
            'Ünïcødé',
            '👍',
          ),
          fc.constantFrom('.', ',', '...', '?!', '—', '(', ')', '"', '\n', ' ', ' ', ' ', ' '),
          fc.stringMatching(/^[a-z]{1,12}$/),
        ),
        { maxLength: 60 },
      )
      .map((parts) => parts.join(' ')),
  );

  test('gives well-formed utterances or nothing_to_speak', () => {
    fc.assert(
      fc.property(anyInput, fc.integer({ min: 4, max: 300 }), (text, maxPhonemes) => {
        let utterances: ReturnType<FrontEnd['analyze']>;
        try {
          utterances = frontEnd.analyze(text, { maxPhonemes, unreadable: 'skip' });
        } catch (error) {
          if (!(error instanceof SoriError)) throw error;
          expect(['nothing_to_speak', 'invalid_pronunciation']).toContain(error.code);
          return;
        }
        expect(utterances.length).toBeGreaterThan(0);
        let begin = 0;
        for (const { phonemes, span: whole } of utterances) {
          expect(whole.start).toBeGreaterThanOrEqual(begin);
          begin = whole.start;
          let last = whole.start;
          const symbols = phonemes.map(({ symbol }) => symbol);
          expect(symbols.length).toBeLessThanOrEqual(maxPhonemes);
          expect(symbols[0]).toBe('^');
          expect(symbols.at(-1)).toBe('$');
          expect(isBetweenWords(symbols[1])).toBe(false);
          expect(symbols.at(-2)).not.toBe(' ');
          for (const [i, symbol] of symbols.entries()) {
            expect(table.has(symbol)).toBe(true);
            if (i > 0) expect(isBetweenWords(symbol) && isBetweenWords(symbols[i - 1])).toBe(false);
          }
          for (const { span } of phonemes) {
            expect(span.start).toBeGreaterThanOrEqual(last);
            expect(span.end).toBeGreaterThanOrEqual(span.start);
            expect(span.end).toBeLessThanOrEqual(text.length);
            last = span.start;
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  test.each([
    ['letters', 'x'.repeat(4096)],
    ['vowels', 'aeiou'.repeat(800)],
    ['apostrophes', "a'".repeat(2000)],
    ['marks', '.,?!'.repeat(1000)],
    ['rare words', 'xylozqua '.repeat(450)],
    ['one long name', `${'Overunder'.repeat(400)}`],
  ])('4096 characters of %s are handled', (_, text) => {
    try {
      for (const { phonemes } of frontEnd.analyze(text)) expect(phonemes.length).toBeLessThanOrEqual(220);
    } catch (error) {
      expect(error).toMatchObject({ code: 'nothing_to_speak' });
    }
  });
});

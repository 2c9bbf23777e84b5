import { describe, expect, test } from 'vitest';
import { SoriError } from '../../../src/base/errors.ts';
import { parseIpa } from '../../../src/text/ipa.ts';

const read = (ipa: string) =>
  parseIpa(ipa)
    .map((word) => word.join(' '))
    .join(' | ');

describe('parseIpa', () => {
  test.each([
    ['ˈsɔːɹi', 's ˈɔ ɹ i'],
    ['/ˈsɔːri/', 's ˈɔ ɹ i'],
    ['ɡoʊ', 'ɡ ˈoʊ'],
    ['gəʊ', 'ɡ ˈoʊ'],
    ['ˈhɒt', 'h ˈɑ t'],
    ['ˈnɜːs', 'n ˈɝ s'],
    ['ˈbɜːɹd', 'b ˈɝ d'],
    ['ˈwɔːtər', 'w ˈɔ t ɚ'],
    ['ˈt͡ʃɜːt͡ʃ', 'tʃ ˈɝ tʃ'],
    ['dʒʌdʒ', 'dʒ ə dʒ'],
    ['ˈdʒʌdʒ', 'dʒ ˈʌ dʒ'],
    ['ˈnaɪt.ʃɪft', 'n ˈaɪ t ʃ ɪ f t'],
    ['ˈklaʊdˌflɛɹ', 'k l ˈaʊ d f l ˌɛ ɹ'],
    ['ˈopən ˈeɪˈaɪ', 'ˈoʊ p ə n | ˈeɪ ˈaɪ'],
    ['ˈbʌtn̩', 'b ˈʌ t ə n'],
    ['ˈhiə', 'h ˈi ə'],
    ['ˈhɪə', 'h ˈɪ ɹ'],
    ['ˈskweə', 's k w ˈɛ ɹ'],
    ['ðə', 'ð ə'],
    ["'kæt", 'k ˈæ t'],
  ])('%s is %s', (ipa, symbols) => {
    expect(read(ipa)).toBe(symbols);
  });

  test.each([
    ['ˈs5ri', '"5" (U+0035, position 3)'],
    ['ˈk👍', '"👍" (U+1F44D, position 3)'],
    ['søri', '"ø"'],
    ['', 'empty'],
    ['ˈ.', 'empty'],
  ])('refuses %j, naming %s', (ipa, text) => {
    expect(() => parseIpa(ipa, 'input')).toThrow(SoriError);
    expect(() => parseIpa(ipa, 'input')).toThrow(
      expect.objectContaining({
        code: 'invalid_pronunciation',
        param: 'input',
        message: expect.stringContaining(text),
      }),
    );
  });
});

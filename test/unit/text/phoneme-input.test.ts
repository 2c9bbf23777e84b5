import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIpa } from '../../../src/text/ipa.ts';
import { phonemeText, wordIpa } from '../../../src/text/phoneme-input.ts';
import { isPauseSymbol, SYMBOLS, stressOf, withStress } from '../../../src/text/symbols.ts';

const SOUNDS = SYMBOLS.slice(12).filter((symbol) => !isPauseSymbol(symbol));

describe('phonemes as input', () => {
  test('become text that gives each word its pronunciation', () => {
    expect(phonemeText('həˈloʊ, wɝld.')).toBe('[həˈloʊ](/həˈloʊ/), [wɝld](/wɝldˈ/).');
    expect(phonemeText('/həˈloʊ/')).toBe('[həˈloʊ](/həˈloʊ/)');
  });

  test('an unknown sound is reported with its position', () => {
    expect(() => phonemeText('həˈloʊ w♥ld')).toThrow(
      expect.objectContaining({ code: 'invalid_pronunciation', param: 'input' }),
    );
  });

  test('punctuation only is nothing to speak', () => {
    expect(() => phonemeText(' , . ')).toThrow(expect.objectContaining({ code: 'nothing_to_speak' }));
  });

  test('every word of the model is read back to its symbols', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...SOUNDS), { minLength: 1, maxLength: 12 }), (symbols) => {
        // Without any stress the reader puts one on the first full vowel.
        fc.pre(symbols.some((symbol) => stressOf(symbol) > 0));
        expect(parseIpa(wordIpa(symbols))).toEqual([
          symbols.map((symbol) => withStress(symbol, stressOf(symbol))),
        ]);
      }),
    );
  });
});

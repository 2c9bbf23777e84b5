import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutText } from '../../../../src/features/jobs/speech/cut-text.ts';

const word = fc.stringMatching(/^[a-z]{1,12}$/);
const text = fc
  .array(fc.tuple(word, fc.constantFrom(' ', ' ', ' ', ', ', '. ', '? ', '\n', '\n\n', '… ', ' 🔊 ')), {
    maxLength: 200,
  })
  .map((parts) => parts.flat().join(''));
const words = (given: string) => given.match(/[a-z]+|🔊/gu) ?? [];

describe('a long text', () => {
  it('is spoken completely, once and in order, in pieces within the limit', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 20, max: 200 }), (given, most) => {
        const pieces = cutText(given, most);
        expect(pieces.flatMap((piece) => words(piece.text))).toEqual(words(given));
        for (const piece of pieces) expect(piece.text.length).toBeLessThanOrEqual(most);
        if (pieces.length > 0) expect(pieces.at(-1)!.ends).toBe('text');
      }),
    );
  });

  it('is cut at the end of a paragraph, else of a sentence, a clause or a word', () => {
    const sentence = 'Dr. Lee paid $5.50 to Mr. Fox.';
    expect(cutText(`${sentence} ${sentence}`, 45)).toEqual([
      { text: sentence, ends: 'sentence' },
      { text: sentence, ends: 'text' },
    ]);
    expect(cutText(`${sentence}\n\nOne. Two.`, 36).map(({ ends }) => ends)).toEqual(['paragraph', 'text']);
    expect(cutText('one two three, four five six seven', 20)[0]).toEqual({
      text: 'one two three,',
      ends: 'clause',
    });
    expect(cutText('one two three four', 10).map((piece) => piece.text)).toEqual(['one two', 'three four']);
  });

  it('without a space is cut too, never inside a character', () => {
    const pieces = cutText('🔊'.repeat(50), 11);
    expect(pieces.map((piece) => piece.text).join('')).toBe('🔊'.repeat(50));
    for (const piece of pieces) expect(piece.text).toMatch(/^(?:\p{So})+$/u);
  });

  it('of 100,000 characters is cut without blocking', () => {
    const given = 'This is one more sentence, and not the last. '.repeat(2222);
    const pieces = cutText(given);
    expect(pieces.length).toBeGreaterThan(80);
    expect(pieces.length).toBeLessThan(100);
  });

  it.each([' ', '\t', '\u2028', ' \n'])('with 400,000 times %j inside is cut quickly', (blank) => {
    expect(cutText(`One.${blank.repeat(400_000)}Two.`).map(({ text }) => text)).toEqual(['One.', 'Two.']);
  });

  it('of punctuation only has no pieces', () => {
    for (const given of ['', ' \n\n ', '...!?', '— … —']) expect(cutText(given)).toEqual([]);
  });
});

import { beforeAll, describe, expect, test } from 'vitest';
import { createFrontEnd, type FrontEnd } from '../../../src/text/frontend.ts';
import { SYMBOLS } from '../../../src/text/symbols.ts';
import { buildTinyDictionary } from '../../fixtures/lexicon.ts';

let frontEnd: FrontEnd;

beforeAll(() => {
  frontEnd = createFrontEnd({ dictionary: buildTinyDictionary(), phonemes: SYMBOLS });
});

/** The sentences of a text, each from its first word to its last punctuation mark. */
function split(text: string): string[] {
  return frontEnd.analyze(text).map(({ span }) => text.slice(span.start, span.end).trim());
}

describe('sentences', () => {
  test.each([
    ['titles', ['Dr. Smith met Mrs. Lee, Ph.D.', 'They spoke.']],
    ['initials', ['J. R. Smith Jr. is here.', 'He waits.']],
    ['saints and streets', ['Go to St. Paul on Main St. tomorrow.', 'Bye.']],
    [
      'an abbreviation inside and at the end',
      ['I work in the U.S. and like it.', 'I like the U.S.', 'It is big.'],
    ],
    ['a time', ['He came at 5 p.m.', 'Then he left.']],
    ['Latin', ['He wrote e.g. this, i.e. that, etc.', 'No more.']],
    ['decimals', ['It cost 3.14 dollars, or $2.50.', 'Fine.']],
    ['numbers with a period behind', ['See fig. 3.', 'No. 5 is alive.', 'No.', 'I said no.']],
    ['addresses', ['Visit example.com or a.b@c.org.', 'It works.']],
    ['marks in a row', ['What?!', 'No way!!', 'Well...', 'So.']],
    ['an ellipsis inside', ['Wait… what?', 'Really…', 'No.']],
    ['small letters throughout', ['hello.', 'how are you?', 'fine!']],
  ])('%s', (_, sentences) => {
    expect(split(sentences.join(' '))).toEqual(sentences);
  });

  test.each([
    ['a short line ends one', 'One line\nAnother', ['One line', 'Another']],
    ['a line break before a small letter is a space', 'One line\nor another', ['One line\nor another']],
    ['lists', '1. First\n2. Second\n- third', ['1. First', '2. Second', 'third']],
    ['an empty line', 'Title\n\nText, and\n\n\nmore.', ['Title', 'Text, and', 'more.']],
    ['a quotation at the end', 'He said "Go." Then he left.', ['He said "Go.', 'Then he left.']],
    [
      'brackets',
      'She (see p. 5) agreed. (He did not.) OK.',
      ['She (see p. 5) agreed.', 'He did not.', 'OK.'],
    ],
    ['said in one breath', '"Stop!" he cried. Then he left.', ['Stop!" he cried.', 'Then he left.']],
    ['curly quotes', '“Why?” she asked. “Because…” he said.', ['Why?” she asked.', 'Because…” he said.']],
    ['single quotes', "'Is it?' asked Tom.", ["Is it?' asked Tom."]],
    ['a question inside', 'He asked (why?) and left.', ['He asked (why?) and left.']],
    ['not across lines', '"Stop!"\nhe cried.', ['Stop!', 'he cried.']],
  ])('%s', (_, text, sentences) => {
    expect(split(text)).toEqual(sentences);
  });

  test('are numbered; parts of a long sentence have the same number', () => {
    const utterances = frontEnd.analyze(`Big dog. ${'big dog, '.repeat(20)}big. 한. A dog.`, {
      unreadable: 'skip',
      maxPhonemes: 40,
    });
    const numbers = utterances.map(({ sentence }) => sentence);
    expect(numbers[0]).toBe(0);
    expect(numbers.at(-1)).toBe(2);
    expect(numbers.slice(1, -1)).toEqual(Array(numbers.length - 2).fill(1));
    expect(numbers.length).toBeGreaterThan(4);
  });

  test('spoken without a pause keep the sounds that they have separately', () => {
    const symbols = (text: string) =>
      frontEnd.analyze(text).flatMap(({ phonemes }) => phonemes.slice(1, -1).map(({ symbol }) => symbol));
    expect(symbols('"A dog!" the dog read.')).toEqual(symbols('"A dog!" \n the dog read.'));
  });
});

import { equal, notEqual, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { SoriError } from '../../../src/base/errors.ts';
import { createFrontEnd, type FrontEnd, isBetweenWords } from '../../../src/text/frontend.ts';
import { SYMBOLS } from '../../../src/text/symbols.ts';
import type { Utterance } from '../../../src/text/types.ts';
import { buildTinyDictionary } from '../../fixtures/lexicon.ts';
import { anyText } from '../../support/any-text.ts';

let frontEnd: FrontEnd;

beforeAll(() => {
  frontEnd = createFrontEnd({ dictionary: buildTinyDictionary(), phonemes: SYMBOLS });
});

const PIECES = [
  'Dr. Lee', '$1.5M', 'U.S.', '5 km', '3/4', '2026-03-04', '(555) 123-4567', 'FBI', "don't", "'s", '"', "'", '&', '<', '>', ']]>',
  '<b>', '[a](/ə/)', 'a@b.com', '👍🏽', 'é', 'ﬁ', '한국', '.', ',', '?', '!', '…', '—', '-', '(', ')', '|', ' ', '  ', '\n', '\n\n', '\r\n', '\t',
  '\u2028', '\u00a0', 'A', 'a', 'the', 'read', 'of', '5', '1990s', '@', '/', '*', '#', ':',
]; // biome-ignore format: short rows
/** Characters that XML does not allow. */
const NOT_XML = /[\0-\u0008\v\f\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;
const text = fc
  .oneof(
    anyText({ maxLength: 80 }),
    fc.array(fc.constantFrom(...PIECES), { maxLength: 25 }).map((pieces) => pieces.join('')),
    fc.array(fc.constantFrom(...PIECES), { maxLength: 25 }).map((pieces) => pieces.join(' ')),
  )
  .map((written) => written.replace(NOT_XML, ''));

/** One character as a piece of XML. */
function escapeChar(char: string): string {
  if ('&<>\'"\n\r\t'.includes(char)) return `&#${char.charCodeAt(0)};`;
  return char;
}
const escaped = (written: string) => Array.from(written, escapeChar).join('');

function analyze(input: string, maxPhonemes?: number): Utterance[] | SoriError {
  try {
    return frontEnd.analyze(input, { maxPhonemes, unreadable: 'skip' });
  } catch (error) {
    if (error instanceof SoriError) return error;
    throw error;
  }
}

test('plain text in <speak> sounds like the plain text, at the same positions', () => {
  fc.assert(
    fc.property(text, (written) => {
      fc.pre(!/^\s*<(?:speak|\?xml|!)/.test(written));
      const plain = analyze(written);
      const marked = analyze(`<speak>${escaped(written)}</speak>`);
      if (plain instanceof SoriError || marked instanceof SoriError) {
        expect((marked as SoriError).code).toBe((plain as SoriError).code);
        return;
      }
      // Offset of every character, both code units of a pair at once.
      const offsets: number[] = [];
      let at = '<speak>'.length;
      for (const char of written) {
        for (let i = 0; i < char.length; i++) offsets.push(at + (char.length > 1 ? i : 0));
        at += escapeChar(char).length;
      }
      offsets.push(at);
      const moved = plain.map((utterance) => ({
        ...utterance,
        span: { start: offsets[utterance.span.start], end: offsets[utterance.span.end] },
        phonemes: utterance.phonemes.map((phoneme) => ({
          ...phoneme,
          span: { start: offsets[phoneme.span.start], end: offsets[phoneme.span.end] },
        })),
      }));
      expect(marked).toEqual(moved);
    }),
    { numRuns: 250 },
  );
});

const attribute = (name: string, ...values: string[]) =>
  fc
    .option(fc.constantFrom(...values), { nil: undefined })
    .map((value) => (value === undefined ? '' : ` ${name}="${value}"`));
const OPEN = fc.oneof(
  fc.constantFrom('p', 's', 'w', 'token').map((name) => ({ name, attributes: '' })),
  fc.constantFrom('a', 'b').map((voice) => ({ name: 'voice', attributes: ` name="${voice}"` })),
  fc.constantFrom('en-AU', 'en').map((tag) => ({ name: 'lang', attributes: ` xml:lang="${tag}"` })),
  fc
    .tuple(attribute('styledegree', '0', '0.5', '1'))
    .map(([degree]) => ({ name: 'express-as', attributes: ` style="sad"${degree}` })),
  fc
    .tuple(attribute('level', 'strong', 'none', 'reduced'))
    .map(([level]) => ({ name: 'emphasis', attributes: level })),
  fc
    .tuple(
      attribute('rate', 'slow', '+20%', '0.25', '400%'),
      attribute('pitch', 'x-high', '-2st', '+20Hz', '90Hz'),
      attribute('range', 'low', '300%'),
      attribute('volume', 'silent', '+6dB', '50'),
      attribute('contour', '(0%,+2st)(100%,-2st)', '(50%,200Hz)'),
    )
    .map((attributes) => ({ name: 'prosody', attributes: attributes.join('') })),
);
const LEAF = fc.oneof(
  { weight: 4, arbitrary: text.map(escaped) },
  fc
    .tuple(attribute('time', '0s', '300ms', '2s'), attribute('strength', 'none', 'strong'))
    .map(([time, strength]) => `<break${time}${strength}/>`),
  fc.constantFrom('a', 'b').map((name) => `<mark name="${name}"/>`),
  fc
    .constantFrom(
      ['cardinal', '5'],
      ['date', '2026-03-04'],
      ['time', '5:30pm'],
      ['telephone', '555-1234'],
      ['currency', '$5'],
      ['unit', '5 km'],
      ['characters', 'A1'],
    )
    .map(([as, value]) => `<say-as interpret-as="${as}">${value}</say-as>`),
  fc
    .tuple(fc.constantFrom('ˈdɔɡ', 'ˈbɪɡ ˈdɔɡ'), text)
    .map(([ph, value]) => `<phoneme ph="${ph}">${escaped(value)}</phoneme>`),
  fc.tuple(text, text).map(([alias, value]) => `<sub alias="x${escaped(alias)}">${escaped(value)}</sub>`),
  fc.constantFrom('<desc>x<y/></desc>', '<!-- x -->', '<![CDATA[a<b]]>', '<?a b?>'),
);
const { tree } = fc.letrec<{ tree: string; element: string }>((tie) => ({
  element: fc
    .tuple(OPEN, tie('tree'))
    .map(([{ name, attributes }, content]) => `<${name}${attributes}>${content}</${name}>`),
  tree: fc
    .array(fc.oneof({ depthSize: 'small' }, LEAF, tie('element')), { maxLength: 5 })
    .map((parts) => parts.join('')),
}));

test('any valid tree gives well-formed utterances; breaks and marks are kept, positions ordered and within the text', () => {
  let spoken = 0;
  fc.assert(
    fc.property(tree, fc.integer({ min: 4, max: 300 }), (content, maxPhonemes) => {
      const input = `<speak>${content}</speak>`;
      const utterances = analyze(input, maxPhonemes);
      if (utterances instanceof SoriError) {
        // Bad IPA in a `[a](/ə/)` of the text, or breaks of more than a minute.
        expect(utterances.code === 'nothing_to_speak' || utterances.message.includes('60 seconds')).toBe(
          true,
        );
        return;
      }
      spoken++;
      let sentence = 0;
      let begin = 0;
      // `ok`, because `expect` takes longer than reading the text.
      for (const { phonemes, span: whole, sentence: its } of utterances) {
        ok(its === sentence || its === sentence + 1 || its === 0);
        sentence = its;
        ok(whole.start >= begin);
        begin = whole.start;
        const symbols = phonemes.map(({ symbol }) => symbol);
        equal(symbols[0], '^');
        equal(symbols.at(-1), '$');
        notEqual(symbols.at(-2), ' ');
        let last = whole.start;
        for (const [i, { symbol, span, pauseMs, controls }] of phonemes.entries()) {
          ok(span.start >= last);
          ok(span.end >= span.start);
          ok(span.end <= input.length);
          last = span.start;
          if (i > 0) ok(!(isBetweenWords(symbol) && isBetweenWords(symbols[i - 1])));
          if (pauseMs !== undefined) ok(isBetweenWords(symbol) && symbol !== ' ');
          if (controls) {
            ok(controls.rate >= 0.25 && controls.rate <= 4);
            ok(Math.abs(controls.pitch) <= 12);
          }
        }
      }
      const marks = utterances.flatMap(({ marks = [], phonemes }) =>
        marks.map((mark) => {
          expect(mark.before).toBeGreaterThan(0);
          expect(mark.before).toBeLessThanOrEqual(phonemes.length);
          return input.slice(mark.span.start, mark.span.end);
        }),
      );
      expect(marks).toEqual(input.match(/<mark[^>]*>/g) ?? []);
      const silence = utterances
        .flatMap(({ phonemes }) => phonemes)
        .reduce((sum, { pauseMs = 0 }) => sum + pauseMs, 0);
      expect(silence).toBe(breaks(input));
    }),
    { numRuns: 250 },
  );
  expect(spoken).toBeGreaterThan(125);
});

/** Sum of all breaks in ms. */
function breaks(input: string): number {
  return [...input.matchAll(/<break(?: time="(\d+)(m?)s")?(?: strength="(\w+)")?\/>/g)]
    .map(([, time, milli, strength]) => {
      if (time !== undefined) return Number(time) * (milli === 'm' ? 1 : 1000);
      return strength === 'none' ? 0 : strength === 'strong' ? 750 : 500;
    })
    .reduce((sum, ms) => sum + ms, 0);
}

const KINDS = [
  'cardinal',
  'ordinal',
  'digits',
  'characters',
  'date',
  'time',
  'telephone',
  'currency',
  'unit',
  'fraction',
];
const FORMATS = ['', ' format="mdy"', ' format="y"', ' format="hms12"', ' format="1"', ' format="USD"'];

test('any value and any broken markup throw SoriErrors only', () => {
  const value = fc
    .oneof(text, fc.stringMatching(/^[-$]?[0-9]{1,4}[-/:., ]?[0-9]{0,4} ?[a-zA-Z]{0,3}$/))
    .map(escaped);
  fc.assert(
    fc.property(fc.constantFrom(...KINDS), fc.constantFrom(...FORMATS), value, (kind, format, content) => {
      analyze(`<speak><say-as interpret-as="${kind}"${format}>${content}</say-as></speak>`);
    }),
    { numRuns: 400 },
  );
  const names = [
    'rate',
    'pitch',
    'range',
    'volume',
    'contour',
    'time',
    'ph',
    'alias',
    'style',
    'name',
    'level',
  ];
  const elements = ['prosody', 'break', 'phoneme', 'sub', 'express-as', 'voice', 'emphasis', 'mark'];
  fc.assert(
    fc.property(fc.constantFrom(...elements), fc.constantFrom(...names), value, (element, name, content) => {
      analyze(`<speak><${element} ${name}="${content}">x</${element}></speak>`);
    }),
    { numRuns: 250 },
  );
  const junk = fc.constantFrom('', '<', '>', '&', '"', '</', '\0', '\ud800');
  fc.assert(
    fc.property(tree, fc.nat(), junk, (content, place, bad) => {
      const input = `<speak>${content}</speak>`;
      const at = place % input.length;
      analyze(`${input.slice(0, at)}${bad}${input.slice(at + 1)}`);
    }),
    { numRuns: 200 },
  );
});

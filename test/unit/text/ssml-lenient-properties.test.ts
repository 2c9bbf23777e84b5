import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SoriError } from '../../../src/base/errors.ts';
import { createFrontEnd } from '../../../src/text/frontend.ts';
import { ALPHABETS, readPhonemes } from '../../../src/text/ssml/alphabets.ts';
import { ELEMENTS, SKIPPED } from '../../../src/text/ssml/elements.ts';
import { attempt, Unreadable } from '../../../src/text/ssml/place.ts';
import { NEUTRAL, prosody } from '../../../src/text/ssml/prosody.ts';
import { SYMBOLS } from '../../../src/text/symbols.ts';
import { MAX_WARNINGS, Warnings } from '../../../src/text/warnings.ts';
import { buildTinyDictionary } from '../../fixtures/lexicon.ts';
import { anyText } from '../../support/any-text.ts';

const frontEnd = createFrontEnd({ dictionary: buildTinyDictionary(), phonemes: SYMBOLS });

/** Speaks markup outside of strict mode, and skips scripts that no front end reads. */
function speak(input: string) {
  const warnings = new Warnings({ text: input });
  const utterances = frontEnd.analyze(input, { warnings, unreadable: 'skip' });
  return { utterances, warnings: warnings.list() };
}

const escaped = (text: string) =>
  text
    .replace(/[\0-\u0008\v\f\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu, '')
    .replace(/[&<>"'\n\r\t]/g, (char) => `&#${char.charCodeAt(0)};`);
const value = fc.oneof(
  anyText({ maxLength: 20 }).map(escaped),
  fc.constantFrom(
    'x-slow', '50%', '+2st', '-300%', '1e9', 'NaN', '600Hz', '(0%,+2st)(9%,x)', '3s', '99999s', '-1ms', 'strong', 'cheerful', 'ipa', 'x-sampa',
    'sapi', 'ups', 'h eh l ow 1', 'date', 'cardinal', 'en-US', 'not a tag', 'ymd', 'amazon:VB', 'Leading', 'Comma-exact', '2', 'a.end+1s',
    'data:,%3Clexicon%3E', 'data:;base64,!!', '__proto__', 'constructor',
  ), // biome-ignore format: one list
);
const names = [
  ...Object.keys(ELEMENTS),
  ...SKIPPED,
  'blink',
  'acme:shout',
  'alexa:name',
  'constructor',
].filter((name) => name !== 'speak');
const attributeNames = [
  ...new Set(Object.values(ELEMENTS).flatMap(({ attributes }) => attributes)),
  'gender',
  'x:y',
];
const attributes = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...attributeNames), value), {
    selector: ([name]) => name,
    maxLength: 4,
  })
  .map((list) => list.map(([name, written]) => ` ${name}="${written}"`).join(''));
const { tree } = fc.letrec<{ tree: string; element: string }>((tie) => ({
  element: fc
    .tuple(fc.constantFrom(...names), attributes, tie('tree'))
    .map(([name, list, content]) => `<${name}${list}>${content}</${name}>`),
  tree: fc
    .array(
      fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('big dog. ', 'a, b; c', '12', ' '),
        value,
        tie('element'),
      ),
      { maxLength: 4 },
    )
    .map((parts) => parts.join('')),
}));

test('well-formed markup of any elements and values is spoken, and its warnings are bounded', () => {
  let warned = 0;
  fc.assert(
    fc.property(tree, fc.boolean(), (content, azure) => {
      const mstts = azure ? ' xmlns:mstts="https://www.w3.org/2001/mstts"' : '';
      const { utterances, warnings } = speak(`<speak${mstts}>big ${content}</speak>`);
      expect(utterances.length).toBeGreaterThan(0);
      expect(warnings.length).toBeLessThanOrEqual(MAX_WARNINGS + 1);
      warned += warnings.length > 0 ? 1 : 0;
      let silence = 0;
      for (const { pauseMs = 0, controls } of utterances.flatMap(({ phonemes }) => phonemes)) {
        silence += pauseMs;
        if (!controls) continue;
        expect(controls.rate >= 0.25 && controls.rate <= 4).toBe(true);
        expect(Math.abs(controls.pitch)).toBeLessThanOrEqual(12);
        expect(controls.pitchRange >= 0 && controls.pitchRange <= 3).toBe(true);
        expect(controls.volume).toBeLessThanOrEqual(12);
      }
      // Breaks, and pauses at signs and sentence ends: a minute of each.
      expect(silence).toBeLessThanOrEqual(120_000);
    }),
    { numRuns: 300 },
  );
  expect(warned).toBeGreaterThan(100);
});

test('any value of prosody gives controls in range, or a warning and no change', () => {
  const attribute = fc.constantFrom('rate', 'pitch', 'range', 'volume', 'contour', 'duration');
  fc.assert(
    fc.property(attribute, value, fc.boolean(), (name, written, mstts) => {
      const reports: string[] = [];
      const place = { outer: NEUTRAL, meanPitch: 160, mstts, report: (code: string) => reports.push(code) };
      const controls = prosody(new Map([[name, written]]), place);
      for (const number of [controls.rate, controls.pitch, controls.pitchRange]) expect(number).not.toBeNaN();
      expect(controls.volume).not.toBeNaN();
      if (reports.includes('ignored_value')) expect(controls).toEqual(NEUTRAL);
    }),
    { numRuns: 500 },
  );
});

test('any pronunciation in any alphabet is used, or reported', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ALPHABETS), anyText({ maxLength: 40 }), (alphabet, written) => {
      const words = attempt(
        () => {},
        () => readPhonemes(written, alphabet),
        [],
      );
      for (const word of words) expect(word.length).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
  expect(() => readPhonemes('a', 'x-unknown')).toThrow(Unreadable);
});

test.each([
  ['an entity bomb', '<!DOCTYPE speak [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><speak>&b;</speak>'],
  ['an external entity', '<!DOCTYPE speak [<!ENTITY x SYSTEM "file:///etc/passwd">]><speak>&x;</speak>'],
  ['an entity of HTML', '<speak>&nbsp;</speak>'],
  ['an entity bomb in a lexicon of another document', '<speak>&lol9;</speak>'],
  ['33 levels', `<speak>${'<blink>'.repeat(33)}big${'</blink>'.repeat(33)}</speak>`],
  ['1,001 elements', `<speak>big${'<blink/>'.repeat(1000)}</speak>`],
  ['an end tag that is missing', '<speak><blink>big</speak>'],
])('%s is refused with its position, also outside strict mode', (_, input) => {
  let error: unknown;
  try {
    speak(input);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(SoriError);
  expect(error).toMatchObject({ code: 'invalid_ssml', param: 'input' });
  expect((error as SoriError).message).toMatch(/line \d+, column \d+ \(offset \d+\)/);
});

test('an entity bomb in a lexicon is a warning, and nothing is expanded', () => {
  const lexicon = encodeURIComponent(
    '<!DOCTYPE lexicon [<!ENTITY a "hahaha">]><lexicon><lexeme><grapheme>big</grapheme><alias>&a;</alias></lexeme></lexicon>',
  );
  const { utterances, warnings } = speak(
    `<speak><lexicon uri="data:application/pls+xml,${lexicon}"/>big</speak>`,
  );
  expect(utterances[0].phonemes.map(({ symbol }) => symbol).join(' ')).toBe('^ b ˈɪ ɡ $');
  expect(warnings).toMatchObject([{ code: 'ignored_value', message: expect.stringContaining('DOCTYPE') }]);
});

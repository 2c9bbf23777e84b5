import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SoriError } from '../../../../src/base/errors.ts';
import { parseTemplate, renderTemplate } from '../../../../src/features/prompts/templates/template.ts';
import { canonicalText } from '../../../../src/features/speech/canonical-text.ts';
import { normalize } from '../../../../src/text/en/normalize.ts';
import { createFrontEnd, type FrontEnd } from '../../../../src/text/frontend.ts';
import { isSsml } from '../../../../src/text/markup.ts';
import { readXml } from '../../../../src/text/ssml/xml.ts';
import { SYMBOLS } from '../../../../src/text/symbols.ts';
import { buildTinyDictionary } from '../../../fixtures/lexicon.ts';
import { anyText } from '../../../support/any-text.ts';

let frontEnd: FrontEnd;

beforeAll(() => {
  frontEnd = createFrontEnd({ dictionary: buildTinyDictionary(), phonemes: SYMBOLS });
});

/** The text that is spoken: the rendered template in canonical form. */
const render = (text: string, value: string) =>
  canonicalText(renderTemplate(parseTemplate(text, 'en'), { a: value }).text);

/** The words that are read, with IPA between slashes. */
const read = (text: string) =>
  normalize(text).map((token) => (token.kind === 'ipa' ? `/${token.ipa}/` : token.text));

const RUNS = 250;
const WORDS = ['alpha', 'bravo', 'speak', 'break', 'phoneme', 'time', 'voice'];
const MARKS = [
  '<', '>', '</', '/>', '<!--', '-->', '<![CDATA[', ']]>', '<?xml ', '?>', '<!DOCTYPE ', '[', ']', '![', '](', '(/', '/)', '(', ')',
  '](/ɪpɑ/)', '{', '}', '{a}', '"', "'", '="', '&', ';', '&lt;', '&#60;', ' ', '  ', '\n', '\u00a0', '\u200b', '\ufeff', '\u00ad', '＜', '＞',
  '［', '］', '<break time="9s"/>', '</speak>', '<speak>', '[word](/ɪpɑ/)', '*', '_', '#', '- ',
]; // biome-ignore format: short rows
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...WORDS), fc.constantFrom(...MARKS)), { maxLength: 12 })
  .map((pieces) => pieces.join(''))
  .filter((value) => value.length <= 256);
const any = fc.oneof(hostile, anyText({ maxLength: 60 }), fc.string({ maxLength: 40 }));

/** Templates of plain text in which the text around the slot looks like the beginning of markup. */
const PLAIN = [
  '{a}', 'Hello {a}, go on.', '{a}{a}', '<{a}', '<{a}>', '</{a}>', '<b {a}>', '<spe{a}ak>', '<spe{a}', '<!{a}', '<?xml {a}', '<!-- {a}',
  '[{a}](/ɪ/)', '[word]{a}', '[word]({a}', '[word](/{a}/)', '[{a}', '{a}](/ɪ/)', '![{a}](b)', 'x [{a}](b) y', '＜{a}', '［word］{a}', '[word]\u200b{a}',
  '{a, select, other {<b}} {a}>', '{a, select, other {[word]}}{a}',
]; // biome-ignore format: short rows
const SSML = [
  '<speak>{a}</speak>', '<speak>Hello {a}, go on.</speak>', '<speak>&lt;{a}</speak>', '<speak>&lt;{a}&gt;</speak>', '<speak>&#60;b {a}&#62;</speak>',
  '<speak>[<emphasis>{a}</emphasis>](/ɪ/)</speak>', '<speak>[word]{a}</speak>', '<speak>&#91;word&#93;{a}</speak>', '<speak>[word]<s/>{a}</speak>',
  '<speak><sub alias="so {a}">x</sub></speak>', "<speak><sub alias='so &lt;{a}'>x</sub></speak>", '<speak><s>{a}</s><p>{a}</p></speak>',
  '<speak><![CDATA[<]]>{a}</speak>', '<speak><![CDATA[[word]]]>{a}</speak>',
]; // biome-ignore format: short rows

describe('in plain text', () => {
  test.each([
    ['<break time="9s"/>', 'break time equals nine seconds'],
    ['</speak>', 'speak'],
    ['<speak>hi</speak>', 'speak hi speak'],
    ['[word](/ɪpɑ/)', 'word , p'],
    ['{count}', 'count'],
    ['<!-- hi -->', 'hi'],
    ['a <b', 'a is less than b'],
    ['3 < 5', 'three is less than five'],
    ['<b>so</b>', 'b so b'],
    ['[here](https://example.com)', 'here , example dot com'],
    ['AT&T', 'a t and t'],
    ['3 &lt; 5', 'three is less than five'],
    ['&lt;b&gt;so&lt;/b&gt;', 'b so b'],
    ['&amp;lt;b>', 'b'],
  ])('speaks %s', (value, spoken) => {
    const said = read(render('Say {a} now', value)).join(' ');
    expect(said.replace(/ ,(?= |$)/g, ',').replace(/^say,? (.*?),? now$/, '$1')).toBe(
      spoken.replace(/ ,/g, ','),
    );
  });

  test('no value becomes SSML or a pronunciation, whatever precedes it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PLAIN), any, (text, value) => {
        const input = render(text, value);
        expect(isSsml(input)).toBe(false);
        expect(normalize(input).some(({ kind }) => kind === 'ipa')).toBe(false);
      }),
      { numRuns: RUNS },
    );
  });

  test('speaks every word of a value, whatever precedes it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PLAIN), hostile, (text, value) => {
        const input = render(text, value);
        expect(unspoken(input, value)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  test('keeps the markup of the template itself', () => {
    const text = '[Sori](/ˈsɔːɹi/) and <b>bold</b> and [link](https://example.com) for {a}';
    expect(read(render(text, '](/ɪ/)'))).toEqual(
      expect.arrayContaining(['/ˈsɔːɹi/', 'and', 'bold', 'and', 'link', 'for']),
    );
    expect(read(render(text, 'x'))).toEqual(read(text.replace('{a}', 'x')));
  });
});

describe('in SSML', () => {
  test('a value changes no element, and no attribute but its own', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SSML), any, (text, value) => {
        expect(elements(render(text, value))).toEqual(elements(render(text, 'word')));
      }),
      { numRuns: RUNS },
    );
  });

  test('the front end speaks any value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SSML), any, (text, value) => {
        try {
          frontEnd.analyze(render(text, value), { unreadable: 'skip' });
        } catch (error) {
          expect((error as SoriError).code).toBe('nothing_to_speak');
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('a value sounds as it does in plain text', () => {
    fc.assert(
      fc.property(any, (value) => {
        expect(symbols(render('<speak>Say {a}, so.</speak>', value))).toEqual(
          symbols(render('Say {a}, so.', value)),
        );
      }),
      { numRuns: RUNS },
    );
  });
});

/** Words of a value that no token of the reading covers. */
function unspoken(input: string, value: string): string[] {
  const spans = normalize(input).flatMap((token) => (token.kind === 'pause' ? [] : [token.span]));
  const wanted = value.match(new RegExp(WORDS.join('|'), 'g')) ?? [];
  const found = [...input.matchAll(new RegExp(WORDS.join('|'), 'g'))].filter(({ index }) =>
    spans.some(({ start, end }) => start <= index && index < end),
  );
  const left = found.map(([word]) => word);
  return wanted.filter((word) => {
    const at = left.indexOf(word);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function elements(xml: string): unknown[] {
  const events: unknown[] = [];
  readXml(xml, {
    open: ({ name, attributes }) => events.push([name, [...attributes.keys()]]),
    text: () => {},
    close: ({ name }) => events.push(`/${name}`),
  });
  return events;
}

function symbols(input: string): unknown {
  const utterances = frontEnd.analyze(input, { unreadable: 'skip' });
  return utterances.map(({ phonemes }) => phonemes.map(({ symbol }) => symbol).join(' '));
}

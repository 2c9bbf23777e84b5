import { describe, expect, test } from 'vitest';
import {
  parseTemplate,
  renderTemplate,
  type SlotValues,
} from '../../../../src/features/prompts/templates/template.ts';
import { TEMPLATE_CASES } from '../../../contract/template.contract.ts';
import { faultOf } from '../../../support/fault-of.ts';

const render = (text: string, values: SlotValues = {}, locale = 'en-US') =>
  renderTemplate(parseTemplate(text, locale), values).text;

describe('ICU MessageFormat', () => {
  const TABLES = '{n, plural, =0 {no table} one {# table} other {# tables}}';
  const PLACES = '{n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}';
  test.each<[string, string, SlotValues, string]>([
    ['no slots', "It's ready.", {}, "It's ready."],
    ['text', 'Hello, {name}.', { name: 'Ada' }, 'Hello, Ada.'],
    ['a number as text', 'Gate {gate}', { gate: 7 }, 'Gate 7'],
    ['a number', '{n, number} calls', { n: 1234.5 }, '1,234.5 calls'],
    ['a style', '{n, number, percent}', { n: 0.25 }, '25%'],
    ['a skeleton', '{n, number, ::currency/USD}', { n: 1.5 }, '$1.50'],
    ['exactly', TABLES, { n: 0 }, 'no table'],
    ['one', TABLES, { n: 1 }, '1 table'],
    ['other', TABLES, { n: 1200 }, '1,200 tables'],
    [
      'an offset',
      '{n, plural, offset:1 one {you and # more} other {you and # more}}',
      { n: 3 },
      'you and 2 more',
    ],
    ['an ordinal', PLACES, { n: 23 }, '23rd'],
    ['a choice', '{who, select, f {her} m {him} other {them}}', { who: 'f' }, 'her'],
    ['another choice', '{who, select, f {her} other {them}}', { who: 'toString' }, 'them'],
    [
      'a slot in a case',
      '{who, select, f {her, {name}} other {them}}',
      { who: 'f', name: 'Ada' },
      'her, Ada',
    ],
    ['a date', '{on, date, long}', { on: '2026-11-21' }, 'November 21, 2026'],
    ['a date skeleton', '{on, date, ::MMMMd}', { on: '2026-11-21' }, 'November 21'],
    ['a time', '{at, time, short}', { at: '18:30' }, '6:30 PM'],
    [
      'both',
      '{at, date, full}, {at, time, short}',
      { at: '2026-11-21T09:05' },
      'Saturday, November 21, 2026, 9:05 AM',
    ],
    ['the clock that is written', '{at, time, short}', { at: '2026-11-21T18:30+05:30' }, '6:30 PM'],
    ['and its day', '{at, date, short}', { at: '2026-11-21T00:30-08:00' }, '11/21/26'],
    ['milliseconds', '{at, time, medium}', { at: 1_000 }, '12:00:01 AM'],
    ['apostrophes', "it's '<'b> '{'<'}' ''>{x}", { x: 'y' }, "it's '<'b> {<} '>y"],
    ['quoted braces', "'{'name'}'", {}, '{name}'],
    ['tags are text', 'a <b>{x}</b>', { x: 'y' }, 'a <b>y</b>'],
    [
      'a value is not a template',
      '{x}',
      { x: '{count} {n, plural, other {#}}' },
      '{count} {n, plural, other {#}}',
    ],
    ['a value twice', '{x} and {x}', { x: 'y' }, 'y and y'],
    ['a name of Object’s', '{constructor}', { constructor: 'y' } as unknown as SlotValues, 'y'],
  ])('%s', (_, text, values, expected) => {
    expect(render(text, values)).toBe(expected);
  });

  test('formats as the locale does', () => {
    expect(render('{n, number}', { n: 1234.5 }, 'de')).toBe('1.234,5');
    expect(render('{on, date, short}', { on: '2026-11-21' }, 'en-GB')).toBe('21/11/26');
    expect(render('{n, plural, one {#} few {# few} other {# many}}', { n: 2 }, 'pl')).toBe('2 few');
  });

  test('reports which text came from which slot', () => {
    const template = parseTemplate('{n, plural, one {# cup} other {# cups}} for {name}', 'en');
    expect(renderTemplate(template, { n: 2, name: 'Ada' }).parts).toEqual([
      { text: '2', slot: 'n' },
      { text: ' cups' },
      { text: ' for ' },
      { text: 'Ada', slot: 'name' },
    ]);
  });
});

test.each(TEMPLATE_CASES)('gives the same in workerd: %s', (text, values, locale, expected) => {
  expect(render(text, values, locale)).toBe(expected);
});

describe('slots', () => {
  test('are listed by name, each once', () => {
    const text =
      '{a} {n, number} {n, plural, one {x} other {y {b, date} {b, time}}} {s, select, u {} other {{s}}}';
    expect(parseTemplate(text, 'en').slots).toEqual([
      { name: 'a', kind: 'string' },
      { name: 'n', kind: 'plural', options: ['one', 'other'] },
      { name: 'b', kind: 'date' },
      { name: 's', kind: 'select', options: ['u', 'other'] },
    ]);
  });

  test.each([
    ['a date that is text', '{d, date} {d}', 'column 11: {d} is a string here and a date before'],
    [
      'a number that is a choice',
      '{d, number}{d, select, other {}}',
      'column 12: {d} is a select here and a number',
    ],
    ['open', 'a\n{b', 'line 2, column 1: A slot is not closed'],
    ['nameless', '{}', 'A slot has no name'],
    ['a kind that there is not', '{a, foo}', 'Unknown type of slot'],
    [
      'a style that there is not',
      '{a, date, foo}',
      'There is no style "foo". There are short, medium, long, full',
    ],
    ['a style of Object’s', '{a, date, constructor}', 'There is no style'],
    ['a currency without one', '{a, number, currency}', 'This style is not supported'],
    ['a currency that there is not', '{a, number, ::currency/EURO}', 'This style is not supported'],
    ['no other', '{a, plural, one {x}}', 'need a case other {…}'],
    ['a dangerous name', '{__proto__}', "A slot's name"],
    ['half a character', 'a\ud800 {x}', 'line 1, column 2: The text contains a character that is not valid'],
    ['too deep', '{a,select,other{'.repeat(12) + '}}'.repeat(12), 'nested more than 10 deep'],
    ['too many', Array.from({ length: 33 }, (_, i) => `{s${i}}`).join(), 'more than 32 slots'],
    ['too long', 'a'.repeat(4097), 'at most 4096 characters, not 4097'],
    ['late SSML', '{a}<speak>hi</speak>', 'SSML has to begin with <speak'],
  ])('refuses %s', (_, text, message) => {
    const refused = faultOf(() => parseTemplate(text, 'en'));
    expect(refused).toMatch(/^invalid_template template: /);
    expect(refused).toContain(message);
  });

  test('refuses an invalid locale', () => {
    expect(faultOf(() => parseTemplate('a', 'not a tag'))).toMatch(/^invalid_value locale: /);
  });
});

describe('values', () => {
  test.each<[string, string, Record<string, unknown>, string]>([
    ['missing', '{a} {b}', { a: 'x' }, 'values.b: values.b: It is missing: a text of at most 256'],
    ['unknown', '{a}', { a: 'x', b: 'y' }, 'values.b: values.b: The template has no such slot. It has a.'],
    ['of no slot', 'a', { b: 'y' }, 'values.b: values.b: The template has no such slot. It has no slots.'],
    ['too long', '{a}', { a: 'x'.repeat(257) }, 'values.a: values.a: It has to be a text of at most 256'],
    ['a number as text', '{n, number}', { n: '4' }, 'values.n: values.n: It has to be a number (no text)'],
    ['no number', '{n, number}', { n: Number.NaN }, 'values.n'],
    ['a number too large', '{n, plural, other {#}}', { n: 1e16 }, 'values.n'],
    ['a number for a choice', '{s, select, other {}}', { s: 1 }, 'values.s'],
    ['of another type', '{a}', { a: true }, 'values.a'],
    ['inherited', '{toString}', {}, 'values.toString'],
    ['a day that there is not', '{d, date}', { d: '2026-02-30' }, 'values.d'],
    ['a month that there is not', '{d, date}', { d: '2026-13-01' }, 'values.d'],
    ['a time alone for a date', '{d, date}', { d: '18:30' }, 'values.d'],
    ['a minute that there is not', '{d, time}', { d: '18:60' }, 'values.d'],
    ['an offset that there is not', '{d, time}', { d: '18:30+25:00' }, 'values.d'],
    ['a date in words', '{d, date}', { d: 'tomorrow' }, 'values.d'],
    ['a time out of reach', '{d, date}', { d: 9e15 }, 'values.d'],
  ])('refuses one that is %s', (_, text, values, message) => {
    const refused = faultOf(() => render(text, values as SlotValues));
    expect(refused).toMatch(/^invalid_slot_value values\./);
    expect(refused).toContain(message);
  });

  test('refuses values that make the prompt too long', () => {
    const text = '{a}'.repeat(17);
    expect(render(text, { a: 'x'.repeat(240) })).toHaveLength(4080);
    expect(faultOf(() => render(text, { a: 'x'.repeat(241) }))).toBe(
      'invalid_slot_value values: With these values the prompt has 4097 characters. It may have 4096.',
    );
  });
});

describe('SSML templates', () => {
  test('escape values as text and as attributes', () => {
    const text = '<speak>{a} <sub alias="{b}">x</sub> <say-as interpret-as="digits">{c}</say-as></speak>';
    expect(render(text, { a: 'A & B', b: `"B"'s`, c: 12 })).toBe(
      '<speak>A &amp; B <sub alias="&quot;B&quot;&apos;s">x</sub> <say-as interpret-as="digits">12</say-as></speak>',
    );
  });

  test('accept attributes in single quotes', () => {
    expect(render("<speak version='1.1'><sub alias='my {a}'>x</sub>it's</speak>", { a: "B's" })).toBe(
      "<speak version='1.1'><sub alias='my B&apos;s'>x</sub>it's</speak>",
    );
  });

  test('accept a declaration and comments at the start', () => {
    expect(render('<?xml version="1.0"?><!-- hi --><speak>{a}</speak>', { a: '&' })).toContain(
      '<speak>&amp;</speak>',
    );
  });

  test('accept elements in their cases', () => {
    const text = '<speak>{s, select, loud {<emphasis>{n}</emphasis>} other {{n}<break/>}}</speak>';
    expect(render(text, { s: 'loud', n: 'Ada' })).toBe('<speak><emphasis>Ada</emphasis></speak>');
    expect(render(text, { s: 'soft', n: 'Ada' })).toBe('<speak>Ada<break/></speak>');
  });

  test.each([
    ['the name of a tag', '<speak><{a}>x</speak>', 'in a tag outside the quotes'],
    ['the name of an attribute', '<speak><break {a}="1s"/></speak>', 'in a tag outside the quotes'],
    ['an end tag', '<speak>x</{a}>', 'in a tag outside the quotes'],
    ['the speak tag', '<speak{a}>x</speak>', 'in a tag outside the quotes'],
    ['a comment', '<speak><!-- {a} --></speak>', 'in a comment'],
    ['CDATA', '<speak><![CDATA[{a}]]></speak>', 'in CDATA'],
    ['a processing instruction', '<speak><?x {a}?></speak>', 'in a processing instruction'],
    ['a declaration', '<speak><!x {a}></speak>', 'in a declaration'],
    ['a reference', '<speak>&{a};</speak>', 'in a reference'],
    ['a reference in an attribute', '<speak><sub alias="&#{a};">x</sub></speak>', 'in a reference'],
    ['what follows the document', '<speak>x</speak>{a}', 'outside speak'],
    ['a choice of tags', '<speak><{a, select, other {b}}/></speak>', 'in a tag outside the quotes'],
  ])('refuse a slot in %s', (_, text, where) => {
    const refused = faultOf(() => parseTemplate(text, 'en'));
    expect(refused).toMatch(
      /^invalid_template template: Template: line 1, column \d+: A slot is not allowed /,
    );
    expect(refused).toContain(where);
  });

  test.each([
    ['what is no XML', '<speak>{a}', 'with x in its slots: SSML: <speak> at line 1'],
    [
      'what is none in one case',
      '<speak>{s, select, a {<s>x</s>} b {<s>x</p>} other {}}</speak>',
      'Its end tag is missing',
    ],
  ])('refuse %s', (_, text, message) => {
    const refused = faultOf(() => parseTemplate(text, 'en'));
    expect(refused).toMatch(/^invalid_template template: Template: /);
    expect(refused).toContain(message);
  });

  test('accept elements without effect, which become warnings when they are spoken', () => {
    expect(render('<speak><b>{a}</b><audio src="{a}"/></speak>', { a: 'x' })).toContain('<b>x</b>');
  });

  test('refuse quotes that would quote a brace', () => {
    const refused = faultOf(() => parseTemplate("<speak><sub alias='{a}'>x</sub></speak>", 'en'));
    expect(refused).toContain(
      'column 18: An apostrophe before a brace quotes it. Put attributes with slots in double quotes.',
    );
  });

  test('refuse cases that leave different elements open', () => {
    const text = '<speak>{s, select, loud {<emphasis>} other {}}x</speak>';
    expect(faultOf(() => parseTemplate(text, 'en'))).toContain(
      'Its cases have to open and close the same elements.',
    );
  });
});

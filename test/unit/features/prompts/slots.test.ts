import { describe, expect, test } from 'vitest';
import {
  type BakedSlots,
  combinations,
  renderings,
  slotValues,
} from '../../../../src/features/prompts/templates/slot-values.ts';
import { parseTemplate } from '../../../../src/features/prompts/templates/template.ts';
import { faultOf } from '../../../support/fault-of.ts';

const template = (text: string, locale = 'en') => parseTemplate(text, locale);

describe('slots with known values', () => {
  const values = (text: string, slots: BakedSlots, locale?: string) =>
    Object.fromEntries(slotValues(template(text, locale), slots));

  test('a list, a range, digits, days and months', () => {
    const slots: BakedSlots = {
      size: { values: ['small', 'large'] },
      n: { range: [3, 5] },
      digit: { kind: 'digits' },
      day: { kind: 'days' },
      month: { kind: 'months' },
    };
    expect(values('{size} {n, number} {digit, number} {day} {month}', slots)).toEqual({
      size: ['small', 'large'],
      n: [3, 4, 5],
      digit: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      day: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
      month: [
        'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December',
      ], // biome-ignore format: short rows
    });
  });

  test('numbers of a text slot are texts, as clients send them', () => {
    expect(values('{n} {d}', { n: { range: [9, 10] }, d: { kind: 'digits' } })).toMatchObject({
      n: ['9', '10'],
      d: expect.arrayContaining(['0', '9']),
    });
  });

  test('names are in the template’s language', () => {
    expect(values('{day}', { day: { kind: 'days' } }, 'de').day[0]).toBe('Montag');
  });

  test.each<[string, string, BakedSlots, string]>([
    [
      'no slot of this name',
      '{a}',
      { b: { values: ['x'] } },
      'slots.b: slots.b: The template has no such slot.',
    ],
    [
      'a text for a number',
      '{n, number}',
      { n: { values: ['x'] } },
      'slots.n: slots.n: "x" is not a valid value: values.n',
    ],
    [
      'days for a number',
      '{n, number}',
      { n: { kind: 'days' } },
      'slots.n: slots.n: "Monday" is not a valid value',
    ],
    [
      'a range upside down',
      '{n, number}',
      { n: { range: [2, 1] } },
      'two whole numbers, the smaller one first',
    ],
    ['a range of fractions', '{n, number}', { n: { range: [0.5, 1] } }, 'two whole numbers'],
    [
      'a wide range',
      '{n, number}',
      { n: { range: [1, 1e15] } },
      'It has 1000000000000000 values. At most 500',
    ],
    ['no values', '{a}', { a: { values: [] } }, 'It has no values.'],
    ['a value twice', '{a}', { a: { values: ['x', 'x'] } }, 'A value is in it twice.'],
  ])('refuses %s', (_, text, slots, message) => {
    const refused = faultOf(() => slotValues(template(text), slots));
    expect(refused).toMatch(/^invalid_template slots\.\w: /);
    expect(refused).toContain(message);
  });
});

describe('combinations of slot values', () => {
  test('every combination, the last slot fastest', () => {
    const slots: BakedSlots = { n: { range: [1, 2] }, size: { values: ['small', 'large'] } };
    expect(renderings(template('{size} {n, number}'), slots)).toEqual([
      { size: 'small', n: 1 },
      { size: 'small', n: 2 },
      { size: 'large', n: 1 },
      { size: 'large', n: 2 },
    ]);
  });

  test('one of a template without slots', () => {
    expect(renderings(template('Hello.'), {})).toEqual([{}]);
  });

  test('none where a slot has no known values', () => {
    expect(renderings(template('{size} {name}'), { size: { values: ['small'] } })).toBeUndefined();
  });

  test('at most 500', () => {
    const slots = (to: number): BakedSlots => ({ a: { range: [1, 25] }, b: { range: [1, to] } });
    expect(renderings(template('{a, number} {b, number}'), slots(20))).toHaveLength(500);
    expect(faultOf(() => renderings(template('{a, number} {b, number}'), slots(21)))).toMatch(
      /^invalid_template slots: The slots make 525 renderings \(a: 25, b: 21\), of which at most 500 are baked ahead\. List fewer values, leave the widest slot out/,
    );
  });

  test('one without slots', () => {
    expect(combinations([], new Map())).toEqual([{}]);
  });
});

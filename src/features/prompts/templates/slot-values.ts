import { SoriError } from '../../../base/errors.ts';
import type { BakedSlot } from '../catalogue/definition.ts';
import type { Template, TemplateSlot } from './template.ts';
import { checkValue, type SlotValue, type SlotValues } from './values.ts';

/** Values that are known beforehand, by the names of their slots. */
export type BakedSlots = Readonly<Record<string, BakedSlot>>;

/** Most renderings of one template that are baked ahead. */
export const MAX_RENDERINGS = 500;

/** A Monday and a month of January. */
const [MONDAY, JANUARY] = [Date.UTC(2024, 0, 1), Date.UTC(2024, 0, 15)];
const DAY_MS = 86_400_000;

/**
 * The values of the slots that list them.
 * @throws {SoriError} `invalid_template`, param `slots.<name>`, when there is no such slot, it can't take a value, or it has more than
 *   {@link MAX_RENDERINGS}.
 */
export function slotValues(template: Template, baked: BakedSlots): ReadonlyMap<string, readonly SlotValue[]> {
  return new Map(
    Object.entries(baked).map(([name, baked]) => {
      const slot = template.slots.find((one) => one.name === name);
      if (!slot) throw invalidSlot(name, 'The template has no such slot.');
      const values = read(slot, baked, template.locale);
      if (values.length === 0) throw invalidSlot(name, 'It has no values.');
      if (new Set(values).size < values.length) throw invalidSlot(name, 'A value is in it twice.');
      for (const value of values) check(slot, value);
      return [name, values];
    }),
  );
}

/**
 * Every combination of values that a template can have, in the order of its slots, the last one changing fastest.
 * @returns undefined when the values of some slot are not known beforehand.
 * @throws {SoriError} `invalid_template`, as {@link slotValues}, and when there are more than {@link MAX_RENDERINGS} combinations.
 */
export function renderings(template: Template, baked: BakedSlots): readonly SlotValues[] | undefined {
  const values = slotValues(template, baked);
  const names = template.slots.map(({ name }) => name);
  return names.every((name) => values.has(name)) ? combinations(names, values) : undefined;
}

/**
 * Every combination of the values of some slots.
 * @throws {SoriError} `invalid_template`, when there are more than {@link MAX_RENDERINGS}.
 */
export function combinations(
  names: readonly string[],
  values: ReadonlyMap<string, readonly SlotValue[]>,
): readonly SlotValues[] {
  const lists = names.map((name) => ({ name, list: values.get(name)! }));
  const count = countCombinations(names, values);
  if (count > MAX_RENDERINGS) {
    const sizes = lists.map(({ name, list }) => `${name}: ${list.length}`).join(', ');
    throw new SoriError(
      'invalid_template',
      `The slots make ${count} renderings (${sizes}), of which at most ${MAX_RENDERINGS} are baked ahead. List fewer values, leave the widest slot out of slots so that its renderings are made when they are asked for, or let render be joined.`,
      { param: 'slots' },
    );
  }
  return lists.reduce<readonly SlotValues[]>(
    (all, { name, list }) => all.flatMap((some) => list.map((value) => ({ ...some, [name]: value }))),
    [{}],
  );
}

/** The number of {@link combinations}. */
export function countCombinations(
  names: readonly string[],
  values: ReadonlyMap<string, readonly SlotValue[]>,
): number {
  return names.reduce((product, name) => product * values.get(name)!.length, 1);
}

/** Sample values of a slot without a list of values, which make a template produce all of its own text. */
export function sampleValues({ kind, options = [] }: TemplateSlot): readonly SlotValue[] {
  if (kind === 'select') return options;
  if (kind === 'number') return [1];
  if (kind === 'date') return ['2026-01-01'];
  if (kind === 'time') return ['12:00'];
  if (kind === 'string') return ['Ada'];
  const exact = options.filter((option) => option.startsWith('=')).map((option) => Number(option.slice(1)));
  return [...new Set([1, 2, ...exact])];
}

function read(slot: TemplateSlot, baked: BakedSlot, locale: string): readonly SlotValue[] {
  if ('values' in baked) return bounded(slot, baked.values.length) && baked.values;
  if ('range' in baked) {
    const [from, to] = baked.range;
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from > to) {
      throw invalidSlot(slot.name, 'A range has two whole numbers, the smaller one first.');
    }
    return bounded(slot, to - from + 1) && numbers(slot, from, to);
  }
  if (baked.kind === 'digits') return numbers(slot, 0, 9);
  return baked.kind === 'days'
    ? names(7, (i) => MONDAY + i * DAY_MS, locale, { weekday: 'long' })
    : names(12, (i) => JANUARY + i * 30.4 * DAY_MS, locale, { month: 'long' });
}

function bounded({ name }: TemplateSlot, count: number): true {
  if (count <= MAX_RENDERINGS) return true;
  throw invalidSlot(name, `It has ${count} values. At most ${MAX_RENDERINGS} are baked ahead.`);
}

/** A slot for text is given texts, as a client would write them. */
function numbers({ kind }: TemplateSlot, from: number, to: number): readonly SlotValue[] {
  const asText = kind === 'string' || kind === 'select';
  return Array.from({ length: to - from + 1 }, (_, i) => (asText ? String(from + i) : from + i));
}

function names(
  count: number,
  at: (index: number) => number,
  locale: string,
  fields: Intl.DateTimeFormatOptions,
): readonly string[] {
  const format = new Intl.DateTimeFormat(locale, { ...fields, timeZone: 'UTC' });
  return Array.from({ length: count }, (_, i) => format.format(at(i)));
}

function check(slot: TemplateSlot, value: SlotValue): void {
  try {
    checkValue(slot, value);
  } catch (cause) {
    if (!(cause instanceof SoriError)) throw cause;
    throw invalidSlot(
      slot.name,
      `${JSON.stringify(value).slice(0, 60)} is not a valid value: ${cause.message}`,
    );
  }
}

function invalidSlot(name: string, what: string): SoriError {
  return new SoriError('invalid_template', `slots.${name}: ${what}`, { param: `slots.${name}` });
}

import { SoriError } from '../../../base/errors.ts';
import { type Moment, readMoment } from './moment.ts';
import type { TemplateSlot } from './slots.ts';

/** A value as a client gives it. */
export type SlotValue = string | number;

/** Values by the names of their slots. */
export type SlotValues = Readonly<Record<string, SlotValue>>;

/** A value as it is written out: text, a number, or a moment. */
export type CheckedValue = string | number | Moment;

/** Longest value of a text slot, in characters. */
export const MAX_VALUE_CHARACTERS = 256;

/** Numbers of more digits are not exact. */
const MAX_NUMBER = 1e15;

/**
 * Checks values against the slots that they are for.
 * @throws {SoriError} `invalid_slot_value`, param `values.<name>`.
 */
export function checkValues(
  slots: readonly TemplateSlot[],
  values: SlotValues,
): ReadonlyMap<string, CheckedValue> {
  for (const name of Object.keys(values)) {
    if (slots.some((slot) => slot.name === name)) continue;
    const known = slots.length === 0 ? 'no slots' : slots.map((slot) => slot.name).join(', ');
    throw invalidValue(name.slice(0, 64), `The template has no such slot. It has ${known}.`);
  }
  return new Map(
    slots.map((slot) => {
      if (!Object.hasOwn(values, slot.name)) throw invalidValue(slot.name, `It is missing: ${wanted(slot)}.`);
      return [slot.name, checkValue(slot, values[slot.name])];
    }),
  );
}

/** As {@link checkValues}, for one. */
export function checkValue(slot: TemplateSlot, value: SlotValue): CheckedValue {
  const checked = read(slot, value);
  if (checked === undefined) throw invalidValue(slot.name, `It has to be ${wanted(slot)}.`);
  return checked;
}

/** The error for a value that a slot can't take. */
export function invalidValue(name: string, what: string): SoriError {
  return new SoriError('invalid_slot_value', `values.${name}: ${what}`, { param: `values.${name}` });
}

function read({ kind }: TemplateSlot, value: SlotValue): CheckedValue | undefined {
  const number = typeof value === 'number' && Math.abs(value) <= MAX_NUMBER ? value : undefined;
  if (kind === 'number' || kind === 'plural') return number;
  if (kind === 'date' || kind === 'time') return readMoment(value, kind);
  if (typeof value === 'string') return value.length <= MAX_VALUE_CHARACTERS ? value : undefined;
  return kind === 'string' ? number : undefined;
}

function wanted({ kind, options }: TemplateSlot): string {
  switch (kind) {
    case 'string':
      return `a text of at most ${MAX_VALUE_CHARACTERS} characters, or a number`;
    case 'select':
      return `a text; the template has cases for ${options!.join(', ')}`;
    case 'date':
      return 'a date such as "2026-11-21", a date with time such as "2026-11-21T18:30", or milliseconds since 1970';
    case 'time':
      return 'a time such as "18:30", a date with time such as "2026-11-21T18:30", or milliseconds since 1970';
    default:
      return 'a number (no text) from -1e15 to 1e15';
  }
}

import { invalidTemplate, KIND, type MessageElement, placeOf } from './elements.ts';

/** Type of a slot: text, a number, a date or time of day, one of several words, or a number that decides a word's form. */
export type SlotKind = 'string' | 'number' | 'date' | 'time' | 'select' | 'plural';

/** A place in a template that a value goes to. */
export interface TemplateSlot {
  readonly name: string;
  readonly kind: SlotKind;
  /** Cases of a `select` or `plural` slot, `other` included. */
  readonly options?: readonly string[];
}

/** Most slots of one template. */
const MAX_SLOTS = 32;

/** Kinds that one name may have at several places, and which of them it then is. */
const TOGETHER: Readonly<Partial<Record<SlotKind, readonly SlotKind[]>>> = {
  plural: ['number', 'string'],
  number: ['string'],
  select: ['string'],
  date: ['time'],
};

/**
 * The slots of a message.
 * @throws {SoriError} `invalid_template` when a name is used for two kinds of values, or there are too many slots.
 */
export function collectSlots(elements: readonly MessageElement[]): readonly TemplateSlot[] {
  const slots = new Map<string, TemplateSlot>();
  collect(elements, slots);
  return [...slots.values()];
}

function collect(elements: readonly MessageElement[], slots: Map<string, TemplateSlot>): void {
  for (const element of elements) {
    const found = slotOf(element);
    if (found === undefined) continue;
    const known = slots.get(found.name);
    const merged = known === undefined ? found : merge(known, found);
    if (merged === undefined) {
      const what = `{${found.name}} is a ${found.kind} here and a ${known!.kind} before. Give one of them another name.`;
      throw invalidTemplate(placeOf(element), what);
    }
    slots.set(found.name, merged);
    if (slots.size > MAX_SLOTS) {
      throw invalidTemplate(placeOf(element), `There are more than ${MAX_SLOTS} slots.`);
    }
    if (element.type === KIND.select || element.type === KIND.plural) {
      for (const { value } of Object.values(element.options)) collect(value, slots);
    }
  }
}

function slotOf(element: MessageElement): TemplateSlot | undefined {
  switch (element.type) {
    case KIND.argument:
      return { name: element.value, kind: 'string' };
    case KIND.number:
      return { name: element.value, kind: 'number' };
    case KIND.date:
      return { name: element.value, kind: 'date' };
    case KIND.time:
      return { name: element.value, kind: 'time' };
    case KIND.select:
      return { name: element.value, kind: 'select', options: Object.keys(element.options) };
    case KIND.plural:
      return { name: element.value, kind: 'plural', options: Object.keys(element.options) };
    default:
      return undefined;
  }
}

function merge(a: TemplateSlot, b: TemplateSlot): TemplateSlot | undefined {
  if (a.kind !== b.kind) {
    if (TOGETHER[a.kind]?.includes(b.kind)) return a;
    return TOGETHER[b.kind]?.includes(a.kind) ? b : undefined;
  }
  if (a.options === undefined || b.options === undefined) return a;
  return { ...a, options: [...new Set([...a.options, ...b.options])] };
}

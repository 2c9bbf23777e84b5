import { z } from '@hono/zod-openapi';
import { SoriError } from '../../base/errors.ts';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** Most fields that an error names. */
const MOST_NAMED = 5;
/** Longest part of a field's name that an error repeats. */
const LONGEST_NAMED = 64;

/**
 * Rewrites a JSON value to the form that a schema expects, as other clients may write it: `null` is an absent optional field, numbers and
 * switches may be strings, and words of a fixed list have any case. What fits no form stays as it is, so the schema refuses it.
 * @example
 * lenient(z.object({ speed: z.number(), mode: z.enum(['fast']) }), { speed: '1.1', mode: 'Fast' }); // { speed: 1.1, mode: 'fast' }
 */
export function lenient(schema: z.ZodType, value: unknown): unknown {
  if (value === undefined) return value;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return lenient(schema.unwrap() as z.ZodType, value);
  if (schema instanceof z.ZodNullable)
    return value === null ? value : lenient(schema.unwrap() as z.ZodType, value);
  // The first half of `z.preprocess` has no schema of its own.
  if (schema instanceof z.ZodPipe) {
    return lenient((schema.in instanceof z.ZodTransform ? schema.out : schema.in) as z.ZodType, value);
  }
  if (schema instanceof z.ZodUnion) return lenientUnion(schema, value);
  if (Array.isArray(value)) return lenientList(schema, value);
  if (typeof value === 'object' && value !== null)
    return lenientObject(schema, value as Readonly<Record<string, unknown>>);
  return typeof value === 'string' ? lenientText(schema, value) : value;
}

/** The form that one of the options accepts, preferably the value as it is. */
function lenientUnion(union: z.ZodUnion, value: unknown): unknown {
  if (union.safeParse(value).success) return value;
  for (const option of union.options as readonly z.ZodType[]) {
    const read = lenient(option, value);
    if (option.safeParse(read).success) return read;
  }
  return value;
}

function lenientList(schema: z.ZodType, list: readonly unknown[]): unknown {
  if (schema instanceof z.ZodArray) return list.map((one) => lenient(schema.element as z.ZodType, one));
  if (!(schema instanceof z.ZodTuple)) return list;
  const items = schema.def.items as readonly z.ZodType[];
  return list.map((one, i) => (items[i] ? lenient(items[i], one) : one));
}

function lenientObject(schema: z.ZodType, given: Readonly<Record<string, unknown>>): unknown {
  if (schema instanceof z.ZodRecord) {
    const field = schema.valueType as z.ZodType;
    return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, lenient(field, value)]));
  }
  if (!(schema instanceof z.ZodObject)) return given;
  const shape = schema.shape as Readonly<Record<string, z.ZodType>>;
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => {
      if (!Object.hasOwn(shape, name)) return [[name, value]];
      if (value === null && isOptional(shape[name])) return [];
      return [[name, lenient(shape[name], value)]];
    }),
  );
}

/** Where a schema says `nullable`, `null` is a value. */
function isOptional(schema: z.ZodType): boolean {
  const mayBeAbsent = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault;
  return mayBeAbsent && !(schema.unwrap() instanceof z.ZodNullable);
}

function lenientText(schema: z.ZodType, value: string): unknown {
  const text = value.trim();
  if (schema instanceof z.ZodNumber) return NUMBER.test(text) ? Number(text) : value;
  if (schema instanceof z.ZodBoolean)
    return /^(?:true|false)$/i.test(text) ? text.toLowerCase() === 'true' : value;
  if (!(schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral)) return value;
  const words: readonly unknown[] = schema instanceof z.ZodEnum ? schema.options : [...schema.values];
  return words.includes(value)
    ? value
    : (words.find((word) => String(word).toLowerCase() === text.toLowerCase()) ?? value);
}

/**
 * Fields of a body that are not among `known` and are set.
 * @returns their names in the order of the body.
 */
export function unknownFields(body: unknown, known: ReadonlySet<string>): readonly string[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return [];
  return Object.entries(body).flatMap(([name, value]) =>
    known.has(name) || value === null || value === undefined ? [] : [name],
  );
}

/**
 * Refuses the fields that have no effect, for requests with `strict`.
 * @throws {SoriError} `invalid_value` that names them, if there are any.
 */
export function refuseUnknown(names: readonly string[]): void {
  if (names.length === 0) return;
  const listed = names.slice(0, MOST_NAMED).map((name) => JSON.stringify(name.slice(0, LONGEST_NAMED)));
  const more = names.length > MOST_NAMED ? `, and ${names.length - MOST_NAMED} more` : '';
  const message = `With strict, every field must be known. These are not: ${listed.join(', ')}${more}.`;
  throw new SoriError('invalid_value', message, { param: names[0].slice(0, LONGEST_NAMED) });
}

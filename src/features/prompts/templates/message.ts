import { IntlMessageFormat } from 'intl-messageformat';
import { SoriError } from '../../../base/errors.ts';
import { isLanguageTag } from '../../../base/language-tag.ts';
import { invalidTemplate, KIND, type MessageElement, placeIn, placeOf } from './elements.ts';
import { createWriter, type Writer } from './write.ts';

/** The template's own text and its position. */
export interface Literal {
  readonly text: string;
  /** `line 1, column 5`. */
  readonly place: string;
}

/** ICU MessageFormat, parsed. */
export interface TemplateMessage {
  readonly elements: readonly MessageElement[];
  /** Text before the first slot. */
  readonly opening: string;
  /** All text of the template's own, in every branch. */
  literals(): Generator<Literal>;
  /** @param values one for each slot, of its kind. */
  write: Writer;
}

/** Explanations of the parser's codes for authors; other codes are shown as they are. */
const FAULTS: Readonly<Record<string, string>> = {
  EXPECT_ARGUMENT_CLOSING_BRACE: "A slot is not closed. Write {name}, or quote a brace that is text: '{'.",
  UNMATCHED_CLOSING_BRACE: 'A closing brace has no opening brace.',
  EMPTY_ARGUMENT: "A slot has no name. Write {name}, or quote braces that are text: '{}'.",
  MALFORMED_ARGUMENT: 'A slot is malformed. Write {name} or {name, number}.',
  EXPECT_ARGUMENT_TYPE: 'A type such as number is missing after the comma.',
  INVALID_ARGUMENT_TYPE:
    'Unknown type of slot. The types are number, date, time, plural, selectordinal and select.',
  EXPECT_ARGUMENT_STYLE: 'A style such as long is missing after the second comma.',
  INVALID_NUMBER_SKELETON: 'This number skeleton is unknown.',
  INVALID_DATE_TIME_SKELETON: 'This date skeleton is unknown.',
  MISSING_OTHER_CLAUSE: 'plural, selectordinal and select need a case other {…}.',
};
/** Half of a surrogate pair; also the placeholder of an apostrophe below. */
const BROKEN = /\p{Cs}|\ufdd0/u;
const APOSTROPHE = '\ufdd0';
const MAX_NAME = 64;
const MAX_DEPTH = 10;

/**
 * Parses ICU MessageFormat without tags.
 * @throws {SoriError} as `parseTemplate`.
 */
export function parseMessage(text: string, locale: string): TemplateMessage {
  const broken = text.search(BROKEN);
  if (broken >= 0)
    throw invalidTemplate(
      placeIn(text, broken),
      'The text contains a character that is not valid: half of a surrogate pair, or U+FDD0.',
    );
  checkLocale(locale);
  const elements = parseElements(text, locale);
  restoreApostrophes(elements);
  checkNames(elements, 0);
  const first = elements.at(0);
  return {
    elements,
    opening: first?.type === KIND.literal ? first.value : '',
    literals: () => literals(elements),
    write: createWriter(elements, locale),
  };
}

function checkLocale(locale: string): void {
  if (isLanguageTag(locale)) return;
  throw new SoriError('invalid_value', 'locale has to be a language tag such as en-US.', { param: 'locale' });
}

function parseElements(text: string, locale: string): readonly MessageElement[] {
  try {
    return new IntlMessageFormat(withoutTagQuotes(text), locale, undefined, {
      ignoreTag: true,
      captureLocation: true,
    }).getAst();
  } catch (cause) {
    const { message, location } = cause as Error & Pick<MessageElement, 'location'>;
    const { line, column } = location?.start ?? { line: 1, column: 1 };
    const code = message.toLowerCase().replaceAll('_', ' ');
    throw invalidTemplate(
      `line ${line}, column ${column}`,
      Object.hasOwn(FAULTS, message) ? FAULTS[message] : `It is not valid ICU MessageFormat: ${code}.`,
      cause,
    );
  }
}

/**
 * In ICU an apostrophe quotes braces only; the parser would let it quote `<` and `>` too, though tags are off, and `version='1.1'>` would
 * hide what follows. Such apostrophes are given another character of the same length while it parses.
 */
function withoutTagQuotes(text: string): string {
  return text.replace(/''|'[{}](?:[^']|'')*(?:'|$)|'(?=[<>])/g, (match) =>
    match === "'" ? APOSTROPHE : match,
  );
}

function restoreApostrophes(elements: readonly MessageElement[]): void {
  for (const element of elements) {
    if (element.type === KIND.literal) element.value = element.value.replaceAll(APOSTROPHE, "'");
    if (element.type === KIND.select || element.type === KIND.plural) {
      for (const { value } of Object.values(element.options)) restoreApostrophes(value);
    }
  }
}

function checkNames(elements: readonly MessageElement[], depth: number): void {
  for (const element of elements) {
    if (element.type === KIND.literal || element.type === KIND.pound) continue;
    const place = placeOf(element);
    if (depth > MAX_DEPTH) throw invalidTemplate(place, `Slots are nested more than ${MAX_DEPTH} deep.`);
    if (element.value === '__proto__' || !/^\w+$/.test(element.value) || element.value.length > MAX_NAME) {
      const what = `A slot's name has letters of ASCII, digits and _, at most ${MAX_NAME}.`;
      throw invalidTemplate(place, what);
    }
    if (element.type === KIND.select || element.type === KIND.plural) {
      for (const { value } of Object.values(element.options)) checkNames(value, depth + 1);
    }
  }
}

function* literals(elements: readonly MessageElement[]): Generator<Literal> {
  for (const element of elements) {
    if (element.type === KIND.literal) yield { text: element.value, place: placeOf(element) };
    if (element.type === KIND.select || element.type === KIND.plural) {
      for (const { value } of Object.values(element.options)) yield* literals(value);
    }
  }
}

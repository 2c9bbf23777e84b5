import { type Formats, type Formatters, formatToParts, IntlMessageFormat } from 'intl-messageformat';
import { invalidTemplate, KIND, type MessageElement, type Piece, placeOf } from './elements.ts';
import { withParticles } from './particles.ts';
import type { CheckedValue } from './values.ts';

/**
 * Writes a message out.
 * @param values one for each slot, of its kind.
 */
export type Writer = (values: ReadonlyMap<string, CheckedValue>) => readonly Piece[];

/** The plural of `#`. */
interface Counted {
  readonly slot: string;
  readonly value: number;
}

const FORMATS: Formats = IntlMessageFormat.formats;
/** An instant of every date field, to try formats with. */
const SOME_DAY = { at: 0, timeZone: 'UTC' };

/**
 * Makes the writer of a message. The library formats each element; which branches are taken is decided here, so that it is known what
 * came from the template and what from a value.
 * @throws {SoriError} `invalid_template` for a style that there is not.
 */
export function createWriter(elements: readonly MessageElement[], locale: string): Writer {
  const formatters = createFormatters();
  const context: Context = { locale, formatters };
  tryStyles(elements, context);
  return (values) => withParticles(write(elements, values, context, undefined), locale);
}

interface Context {
  readonly locale: string;
  readonly formatters: Formatters;
}

function write(
  elements: readonly MessageElement[],
  values: ReadonlyMap<string, CheckedValue>,
  context: Context,
  counted: Counted | undefined,
): Piece[] {
  return elements.flatMap((element): Piece[] => {
    if (element.type === KIND.literal) return [{ text: element.value }];
    if (element.type === KIND.pound) {
      if (counted === undefined) return [{ text: '#' }];
      return [{ text: format(element, counted.value, context), slot: counted.slot }];
    }
    const value = values.get(element.value)!;
    if (element.type === KIND.select) {
      const { options } = element;
      const chosen = Object.hasOwn(options, String(value)) ? options[String(value)] : options.other;
      return write(chosen.value, values, context, undefined);
    }
    if (element.type === KIND.plural) {
      const count = Number(value) - element.offset;
      return write(pluralCase(element, Number(value), context), values, context, {
        slot: element.value,
        value: count,
      });
    }
    return [{ text: format(element, value, context), slot: element.value }];
  });
}

function pluralCase(
  { options, offset, pluralType }: Extract<MessageElement, { offset: number }>,
  value: number,
  { locale, formatters }: Context,
): readonly MessageElement[] {
  const exact = `=${value}`;
  if (Object.hasOwn(options, exact)) return options[exact].value;
  const rule = formatters.getPluralRules(locale, { type: pluralType }).select(value - offset);
  return (Object.hasOwn(options, rule) ? options[rule] : options.other).value;
}

/** One element that is no branch, as the library writes it. */
function format(element: MessageElement, value: CheckedValue, { locale, formatters }: Context): string {
  if (element.type === KIND.pound) return formatters.getNumberFormat(locale).format(Number(value));
  if (typeof value !== 'object') return formatted(element, value, locale, formatters);
  const zoned: Formatters = {
    ...formatters,
    getDateTimeFormat: (locales, options) =>
      formatters.getDateTimeFormat(locales, { ...options, timeZone: value.timeZone }),
  };
  // ICU's versions differ in this one space; the same value has to make the same text everywhere.
  return formatted(element, new Date(value.at), locale, zoned).replaceAll('\u202f', ' ');
}

function formatted(
  element: MessageElement,
  value: string | number | Date,
  locale: string,
  formatters: Formatters,
): string {
  const name = 'value' in element ? element.value : '';
  return formatToParts([element], locale, formatters, FORMATS, { [name]: value })
    .map((part) => part.value)
    .join('');
}

/** Formats something in every style, so that one that there is not is found now. */
function tryStyles(elements: readonly MessageElement[], context: Context): void {
  for (const element of elements) {
    if (element.type === KIND.select || element.type === KIND.plural) {
      for (const { value } of Object.values(element.options)) tryStyles(value, context);
      continue;
    }
    if (element.type !== KIND.number && element.type !== KIND.date && element.type !== KIND.time) continue;
    const named =
      FORMATS[element.type === KIND.number ? 'number' : element.type === KIND.date ? 'date' : 'time'];
    if (typeof element.style === 'string' && !Object.hasOwn(named, element.style)) {
      const known = Object.keys(named).filter((style) => style !== 'currency');
      throw invalidTemplate(
        placeOf(element),
        `There is no style "${element.style.slice(0, 60)}". There are ${known.join(', ')} and skeletons such as ::currency/USD or ::MMMMd.`,
      );
    }
    try {
      format(element, element.type === KIND.number ? 1 : SOME_DAY, context);
    } catch (cause) {
      throw invalidTemplate(
        placeOf(element),
        'This style is not supported. Use a skeleton such as ::currency/USD or ::MMMMd.',
        cause,
      );
    }
  }
}

/** Intl's formatters are slow to make; those of one template are made once. */
function createFormatters(): Formatters {
  const kept = new Map<string, object>();
  function once<T extends object>(kind: string, make: () => T, ...key: unknown[]): T {
    const name = `${kind}${JSON.stringify(key)}`;
    const found = kept.get(name) as T | undefined;
    if (found) return found;
    const made = make();
    kept.set(name, made);
    return made;
  }
  return {
    getNumberFormat: (locale, options) =>
      once(
        'number',
        () => new Intl.NumberFormat(locale, options as Intl.NumberFormatOptions),
        locale,
        options,
      ),
    getDateTimeFormat: (locale, options) =>
      once('date', () => new Intl.DateTimeFormat(locale, options), locale, options),
    getPluralRules: (locale, options) =>
      once('plural', () => new Intl.PluralRules(locale, options), locale, options),
  };
}

import { type ErrorCode, SoriError } from '../base/errors.ts';

/** A place in a text. */
export interface TextPosition {
  /** From 0, in UTF-16 code units. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
}

/** Stable codes of warnings, and the error of each in strict mode. */
const STRICT_ERRORS = {
  /** A request field is accepted for compatibility and has no effect. */
  ignored_parameter: 'invalid_value',
  /** An element of markup has no effect. Its text is spoken unless the message says otherwise. */
  ignored_element: 'invalid_ssml',
  /** An attribute of a known element has no effect. */
  ignored_attribute: 'invalid_ssml',
  /** The value of an attribute can't be used; the message says what is used instead. */
  ignored_value: 'invalid_ssml',
  /** The effect of the markup is similar to the requested one, but not the same. */
  approximated: 'invalid_ssml',
  /** Something that the markup names by its address (a recording, a lexicon) is not fetched. */
  not_fetched: 'invalid_ssml',
  /** Markup names a voice that the model does not have. The voice of the request speaks. */
  unknown_voice: 'unknown_voice',
  /** Markup names an emotion that the model does not have. */
  unknown_emotion: 'unknown_emotion',
  /** Markup names a language that the model does not speak. The language of the request is spoken. */
  unsupported_language: 'unsupported_language',
  /** Characters that have no spoken form are left out. */
  unreadable_text: 'invalid_value',
  /** There are more warnings than are listed. */
  more_warnings: 'invalid_value',
} as const satisfies Readonly<Record<string, ErrorCode>>;

/** Stable code of a {@link Warning}. */
export type WarningCode = keyof typeof STRICT_ERRORS;

/** All codes of warnings. */
export const WARNING_CODES = Object.keys(STRICT_ERRORS) as [WarningCode, ...WarningCode[]];

/** Something in a request that was accepted and is not spoken as it asks. */
export interface Warning {
  readonly code: WarningCode;
  /** Sentences that say what has no effect and what is done instead. */
  readonly message: string;
  /** The request field that holds it. */
  readonly param: string;
  /** Position in that field. Absent if it concerns the whole field. */
  readonly position?: TextPosition;
}

/** Maximum number of warnings listed for one request, without the final `more_warnings`. */
export const MAX_WARNINGS = 20;

/** Options of {@link Warnings}. */
export interface WarningOptions {
  /** The text that offsets count in. */
  readonly text: string;
  /** Request field that holds the text. Default `input`. */
  readonly param?: string;
  /** Throw an error in place of the first warning. Default false. */
  readonly strict?: boolean;
}

/**
 * Collects the warnings of one text. The same code and message is listed once, with its first position. At most
 * {@link MAX_WARNINGS} are listed; if there are more, the last one is `more_warnings` with their number.
 *
 * @example
 * const warnings = new Warnings({ text: input, strict: request.strict });
 * warnings.add('unreadable_text', 'The character "☃" has no spoken form and is left out.', 12);
 * warnings.list(); // [{ code: 'unreadable_text', message: '…', param: 'input', position: { offset: 12, line: 1, column: 13 } }]
 */
export class Warnings {
  readonly #text: string;
  readonly #param: string;
  readonly #strict: boolean;
  readonly #listed = new Map<string, Warning>();
  #more = 0;

  constructor({ text, param = 'input', strict = false }: WarningOptions) {
    this.#text = text;
    this.#param = param;
    this.#strict = strict;
  }

  /** Whether the first warning is an error. */
  get strict(): boolean {
    return this.#strict;
  }

  /**
   * Adds a warning.
   * @param offset its position in the text; left out for the whole text.
   * @throws {SoriError} in strict mode.
   */
  add(code: WarningCode, message: string, offset?: number): void {
    const key = `${code} ${message}`;
    if (!this.#strict && this.#listed.has(key)) return;
    if (!this.#strict && this.#listed.size >= MAX_WARNINGS) {
      this.#more++;
      return;
    }
    const position = offset === undefined ? undefined : positionOf(this.#text, offset);
    if (this.#strict) {
      const place = position ? `${describePosition(position)}: ` : '';
      throw new SoriError(STRICT_ERRORS[code], `${place}${message}`, { param: this.#param });
    }
    this.#listed.set(key, { code, message, param: this.#param, ...(position && { position }) });
  }

  /**
   * Adds a warning of a request field that has no effect.
   * @throws {SoriError} in strict mode.
   */
  field(param: string, message: string): void {
    if (this.#strict) throw new SoriError(STRICT_ERRORS.ignored_parameter, message, { param });
    this.#listed.set(`${param} ${message}`, { code: 'ignored_parameter', message, param });
  }

  /** The warnings in the order in which they were added. */
  list(): Warning[] {
    const listed = [...this.#listed.values()];
    if (this.#more === 0) return listed;
    const message = `${this.#more} more ${this.#more === 1 ? 'warning is' : 'warnings are'} not listed.`;
    return [...listed, { code: 'more_warnings', message, param: this.#param }];
  }
}

/** Line and column of an offset. Line breaks are `\n`, `\r\n` and `\r`. */
export function positionOf(text: string, offset: number): TextPosition {
  const at = Math.min(Math.max(0, offset), text.length);
  const lines = text.slice(0, at).split(/\r\n?|\n/);
  return { offset: at, line: lines.length, column: lines[lines.length - 1].length + 1 };
}

/** A position as messages write it: `line 2, column 5 (offset 31)`. */
export function describePosition({ line, column, offset }: TextPosition): string {
  return `line ${line}, column ${column} (offset ${offset})`;
}

import { SoriError } from '../../base/errors.ts';
import { describePosition, positionOf, type WarningCode } from '../warnings.ts';

/** Maximum length of quoted text in a message. */
const MAX_QUOTED = 60;

/** A value or an element that is not supported. The reader of the document adds the position and makes a warning or an error of it. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/**
 * Reports markup that has no effect or another one.
 * @param what what is wrong, as a sentence.
 * @param instead what happens instead, as a sentence. Default: none.
 * @throws {Unreadable} with `what`, in strict mode.
 */
export type Report = (code: WarningCode, what: string, instead?: string) => void;

/**
 * The result of `read`, or `otherwise` where it throws {@link Unreadable}, which is reported as an ignored value.
 * @throws {Unreadable} in strict mode.
 */
export function attempt<T>(report: Report, read: () => T, otherwise: T, instead = 'It has no effect.'): T {
  try {
    return read();
  } catch (error) {
    // The reader of IPA has an error of its own.
    const known = error instanceof SoriError && error.code === 'invalid_pronunciation';
    if (!(error instanceof Unreadable || known)) throw error;
    report('ignored_value', error.message, instead);
    return otherwise;
  }
}

/**
 * The error for SSML that is refused.
 * @param input all of the SSML.
 * @param offset where the fault is, in UTF-16 code units.
 * @param element name of the element at fault, if one is known.
 * @param what what is wrong and what would be right, as a sentence.
 */
export function invalidSsml(
  input: string,
  offset: number,
  element: string | undefined,
  what: string,
): SoriError {
  const where = describePosition(positionOf(input, offset));
  const name = element === undefined ? '' : `<${shorten(element)}> at `;
  return new SoriError('invalid_ssml', `SSML: ${name}${where}: ${what}`, { param: 'input' });
}

/** The caller's text in quotes, cut if it is long. */
export function quote(text: string): string {
  return `"${shorten(text)}"`;
}

/** The caller's text, cut if it is long. */
export function shorten(text: string): string {
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}

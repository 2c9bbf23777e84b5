import { SoriError } from '../../base/errors.ts';
import { describePosition, positionOf } from '../warnings.ts';

/** Longest piece of the caller's text that a message quotes. */
const MAX_QUOTED = 60;

/** Something in the markup that can't be spoken as it stands; whoever knows where it stands makes a {@link SoriError} of it. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
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

function shorten(text: string): string {
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}

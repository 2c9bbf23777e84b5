import type { IntlMessageFormat } from 'intl-messageformat';
import { SoriError } from '../../../base/errors.ts';

/** An element of ICU MessageFormat's syntax tree. */
export type MessageElement = ReturnType<IntlMessageFormat['getAst']>[number];

/** The elements' kinds, as the parser numbers them. Tags are not parsed. */
export const KIND = {
  literal: 0,
  argument: 1,
  number: 2,
  date: 3,
  time: 4,
  select: 5,
  plural: 6,
  pound: 7,
} as const;

/** A stretch of written text. */
export interface Piece {
  readonly text: string;
  /** The slot that it is the value of; absent: the template's own text. */
  readonly slot?: string;
}

/** Position of an element: `line 1, column 5`. */
export function placeOf({ location }: MessageElement): string {
  return `line ${location?.start.line ?? 1}, column ${location?.start.column ?? 1}`;
}

/** Position of an offset of a template: `line 1, column 5`. */
export function placeIn(text: string, offset: number): string {
  const lines = text.slice(0, offset).split(/\r\n?|\n/);
  return `line ${lines.length}, column ${lines[lines.length - 1].length + 1}`;
}

/** The error for a template that is refused. */
export function invalidTemplate(place: string, what: string, cause?: unknown): SoriError {
  return new SoriError('invalid_template', `Template: ${place}: ${what}`, { param: 'template', cause });
}

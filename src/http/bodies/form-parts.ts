import { SoriError } from '../../base/errors.ts';

/** Most parts of a form, which bounds the time that parsing takes. */
const MAX_PARTS = 32;
/** Longest headers of a part, in bytes. */
const MAX_HEAD = 4096;

const LINE_FEED = 10;
const DASH = 45;
const BOUNDARY = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i;
const BLANK_LINE = [13, LINE_FEED, 13, LINE_FEED];

/**
 * Refuses a form that would take long to parse, before it is parsed: the platforms' parsers accept hundreds of thousands of
 * parts or headers.
 * @param type its Content-Type.
 * @throws {SoriError} `invalid_value`.
 */
export function checkParts(bytes: Uint8Array, type: string): void {
  const [, quoted, bare] = BOUNDARY.exec(type) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) throw new SoriError('invalid_value', 'Content-Type must name the boundary.');
  const mark = new TextEncoder().encode(`--${boundary}`);
  let parts = 0;
  for (let at = startsAt(bytes, 0, mark) ? 0 : next(bytes, 0, mark); at >= 0; at = next(bytes, at, mark)) {
    at += mark.length;
    if (bytes[at] === DASH && bytes[at + 1] === DASH) return;
    if (++parts > MAX_PARTS) throw new SoriError('invalid_value', `A form may have ${MAX_PARTS} parts.`);
    if (!headEnds(bytes, at)) {
      throw new SoriError('invalid_value', `The headers of a form’s part may have ${MAX_HEAD} bytes.`);
    }
  }
}

/** Start of the next line that begins with `mark`; -1 if there is none. */
function next(bytes: Uint8Array, from: number, mark: Uint8Array): number {
  for (let end = bytes.indexOf(LINE_FEED, from); end >= 0; end = bytes.indexOf(LINE_FEED, end + 1)) {
    if (startsAt(bytes, end + 1, mark)) return end + 1;
  }
  return -1;
}

function headEnds(bytes: Uint8Array, from: number): boolean {
  const to = Math.min(bytes.length, from + MAX_HEAD);
  for (let at = from; at < to; at++) if (startsAt(bytes, at, BLANK_LINE)) return true;
  return false;
}

function startsAt(bytes: Uint8Array, at: number, wanted: ArrayLike<number>): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

import type { ByteRange } from '../../library/store.ts';

/** One range of the form `first-last`, `first-` or `-length`; empty list elements around it are allowed (RFC 9110, section 5.6.1). */
const ONE_RANGE = /^bytes=(?:[\t ]*,)*[\t ]*(?:(\d+)-(\d*)|-(\d+))[\t ]*(?:,[\t ]*)*$/i;

/**
 * Reads a Range header of a GET (RFC 9110, section 14.2).
 * @param header the header's value, or null.
 * @param size length of the audio in bytes.
 * @returns the requested bytes; `unsatisfiable` when none of them exist; `undefined` to send the whole: without a header, for other
 *   units, several ranges (which a server may ignore) and malformed ranges.
 */
export function readRange(header: string | null, size: number): ByteRange | 'unsatisfiable' | undefined {
  const found = header === null ? null : ONE_RANGE.exec(header);
  if (!found) return undefined;
  const [, first, last, suffix] = found;
  if (suffix !== undefined) {
    const length = Math.min(Number(suffix), size);
    if (Number(suffix) === 0) return 'unsatisfiable';
    // A suffix of an empty file cannot be expressed as a Content-Range.
    return size === 0 ? undefined : { offset: size - length, length };
  }
  const offset = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < offset) return undefined;
  return offset >= size ? 'unsatisfiable' : { offset, length: end - offset + 1 };
}

/** Content-Range of a part, or of an unsatisfiable range. */
export function contentRange(range: ByteRange | 'unsatisfiable', size: number): string {
  if (range === 'unsatisfiable') return `bytes */${size}`;
  return `bytes ${range.offset}-${range.offset + range.length - 1}/${size}`;
}

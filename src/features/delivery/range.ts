import type { ByteRange } from '../../library/store.ts';

/** One range of the form `first-last`, `first-` or `-length`; empty list elements around it are allowed (RFC 9110, section 5.6.1). */
const ONE_RANGE = /^bytes=(?:[\t ]*,)*[\t ]*(?:(\d+)-(\d*)|-(\d+))[\t ]*(?:,[\t ]*)*$/i;

/**
 * Reads a Range header of a GET (RFC 9110, section 14.2).
 * @param header its value, or null.
 * @param size bytes of the whole.
 * @returns the bytes asked for; `unsatisfiable` when none of them exist; undefined when the whole is to be sent: for no header, other
 *   units, several ranges (a server may ignore them, and nobody plays audio so) and what is not well-formed.
 */
export function readRange(header: string | null, size: number): ByteRange | 'unsatisfiable' | undefined {
  const found = header === null ? null : ONE_RANGE.exec(header);
  if (!found) return undefined;
  const [, first, last, suffix] = found;
  if (suffix !== undefined) {
    const length = Math.min(Number(suffix), size);
    if (Number(suffix) === 0) return 'unsatisfiable';
    // The end of nothing can be sent, but no Content-Range can name it.
    return size === 0 ? undefined : { offset: size - length, length };
  }
  const offset = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < offset) return undefined;
  return offset >= size ? 'unsatisfiable' : { offset, length: end - offset + 1 };
}

/** Content-Range of a part, or of a range that can't be had. */
export function contentRange(range: ByteRange | 'unsatisfiable', size: number): string {
  if (range === 'unsatisfiable') return `bytes */${size}`;
  return `bytes ${range.offset}-${range.offset + range.length - 1}/${size}`;
}

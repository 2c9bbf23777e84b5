import { quote, type Report, Unreadable } from './place.ts';

/** Longest single break in ms. */
const MAX_BREAK_MS = 10_000;
const TIME = /^\+?(\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})(ms|s)$/;

/**
 * Reads a time such as `500ms` or `1.5s`. One that is longer than 10 seconds counts as 10, which is reported.
 * @returns ms.
 * @throws {Unreadable} for what is no time.
 */
export function readTime(attribute: string, written: string, report: Report): number {
  const match = TIME.exec(written);
  const ms = match ? Number(match[1]) * (match[2] === 's' ? 1000 : 1) : Number.NaN;
  if (ms <= MAX_BREAK_MS) return ms;
  const what = `${attribute} ${quote(written)} is not a time from 0 to ${MAX_BREAK_MS / 1000} seconds, such as 500ms or 1.5s.`;
  if (Number.isNaN(ms)) throw new Unreadable(what);
  report('approximated', what, `It is shortened to ${MAX_BREAK_MS / 1000} seconds.`);
  return MAX_BREAK_MS;
}

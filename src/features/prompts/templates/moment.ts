/** A point in time and the clock by which it is written. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** `UTC`, or an offset such as `+01:00`. */
  readonly timeZone: string;
}

const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:T(.{5,}))?$/;
const TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?$/;
/** Milliseconds on either side of 1970 that `Date` can represent. */
const MAX_TIME = 8.64e15;

/**
 * Reads an ISO 8601 date or time. The written clock time is spoken, with or without an offset.
 * @param kind the expected kind; a time of day alone is no date.
 * @returns undefined if it is not of this kind.
 */
export function readMoment(value: string | number, kind: 'date' | 'time'): Moment | undefined {
  if (typeof value === 'number') {
    return Math.abs(value) <= MAX_TIME ? { at: Math.trunc(value), timeZone: 'UTC' } : undefined;
  }
  const date = DATE.exec(value);
  const day = date ? readDay(date) : kind === 'time' ? 0 : undefined;
  const written = date ? (date[4] ?? '00:00') : value;
  const time = TIME.exec(written);
  if (day === undefined || !time) return undefined;
  const [hours, minutes, seconds] = [Number(time[1]), Number(time[2]), Number(time[3] ?? 0)];
  const zone = time[4] ?? 'Z';
  const offset = zone === 'Z' ? 0 : offsetMinutes(zone);
  if (hours > 23 || minutes > 59 || seconds > 59 || offset === undefined) return undefined;
  const at = day + ((hours * 60 + minutes - offset) * 60 + seconds) * 1000;
  return { at, timeZone: offset === 0 ? 'UTC' : zone };
}

function readDay([, year, month, day]: RegExpExecArray): number | undefined {
  const at = Date.parse(`${year}-${month}-${day}T00:00:00Z`);
  // Engines take the 31st of a short month for the first of the next.
  return new Date(Number.isNaN(at) ? 0 : at).toISOString().startsWith(`${year}-${month}-${day}`)
    ? at
    : undefined;
}

function offsetMinutes(zone: string): number | undefined {
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))];
  if (hours > 14 || minutes > 59) return undefined;
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

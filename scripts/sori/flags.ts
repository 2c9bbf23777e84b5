import { InvalidArgumentError } from 'commander';
import { RATE_TIERS } from '../../src/features/keys/rate-limiter.ts';
import { SCOPES, type Scope } from '../../src/http/access.ts';

const SECONDS_PER: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

/** A flag for a duration: `90s`, `30m`, `1h`, `7d`, `2w`, `1y`. Returns seconds. */
export function duration(value: string): number {
  const [, count, unit] = value.trim().match(/^(\d+)([smhdwy])$/) ?? [];
  const seconds = Number(count) * (SECONDS_PER[unit] ?? Number.NaN);
  if (seconds > 0) return seconds;
  throw new InvalidArgumentError('expected a length of time such as 90s, 30m, 1h, 7d or 1y.');
}

/** A flag for comma-separated scopes. */
export function scopes(value: string): Scope[] {
  const names = value.split(',').map((name) => name.trim());
  return [...new Set(names)].map((name) => {
    const known = SCOPES.find((scope) => scope === name);
    if (!known) throw new InvalidArgumentError(`expected some of ${SCOPES.join(', ')}.`);
    return known;
  });
}

/** A flag for requests per minute: `60/m`, or `unlimited`. */
export function rate(value: string): string {
  const rates = [...RATE_TIERS.map((tier) => `${tier}/m`), 'unlimited'];
  const text = /^\d+$/.test(value) ? `${value}/m` : value;
  if (rates.includes(text)) return text;
  throw new InvalidArgumentError(`expected one of ${rates.join(', ')}.`);
}

/** A flag for a whole number above 0. Underscores and commas may group its digits. */
export function count(value: string): number {
  const digits = value.replace(/[_,]/g, '');
  const parsed = Number(digits);
  if (/^\d+$/.test(digits) && parsed > 0 && Number.isSafeInteger(parsed)) return parsed;
  throw new InvalidArgumentError('expected a whole number above 0.');
}

/** A flag that takes a port. */
export function port(value: string): number {
  const parsed = Number(value);
  if (/^\d+$/.test(value) && parsed <= 65_535) return parsed;
  throw new InvalidArgumentError('expected a port from 0 to 65535.');
}

/** A flag that takes an http or https address. */
export function webAddress(value: string): URL {
  const url = URL.parse(value);
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new InvalidArgumentError('expected an address such as https://sori.example.com.');
}

/** A flag that takes a day: `2026-11-21`. */
export function day(value: string): string {
  const time = Date.parse(`${value}T00:00:00Z`);
  if (
    /^\d{4}-\d\d-\d\d$/.test(value) &&
    !Number.isNaN(time) &&
    new Date(time).toISOString().startsWith(value)
  ) {
    return value;
  }
  throw new InvalidArgumentError('expected a day such as 2026-11-21.');
}

/** A repeatable flag that sets a field: `pitch=2`. Values that are valid JSON are parsed, others are strings. */
export function setting(value: string, known: Record<string, unknown> = {}): Record<string, unknown> {
  const [, name, text] = value.match(/^(\w+)=(.*)$/s) ?? [];
  if (!name) throw new InvalidArgumentError('expected FIELD=VALUE, as in pitch=2.');
  return { ...known, [name]: jsonOr(text) };
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

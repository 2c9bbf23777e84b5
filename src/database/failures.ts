import { SoriError } from '../base/errors.ts';

/** SQLite result codes: their names in D1's messages, and their numbers in Node. */
const OWN_FAULTS: ReadonlyMap<number, string> = new Map([
  [1, 'SQLITE_ERROR'],
  [18, 'SQLITE_TOOBIG'],
  [19, 'SQLITE_CONSTRAINT'],
  [20, 'SQLITE_MISMATCH'],
  [25, 'SQLITE_RANGE'],
]);

/**
 * Converts a driver's error: a database without its tables is `not_configured`; one that is locked, full, broken or not reachable is
 * `storage_unavailable`. A statement that SQLite refuses is a fault of this program, and its error is not changed.
 */
export function databaseFailure(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  if (/no such (?:table|column)/.test(message)) {
    const hint = 'The database lacks its tables: apply the migrations (npx wrangler d1 migrations apply DB).';
    return new SoriError('not_configured', hint, { cause: error });
  }
  if (isOwnFault(error, message)) return error;
  const text = 'The database is not available. Nothing was changed. Try again.';
  return new SoriError('storage_unavailable', text, { cause: error });
}

function isOwnFault(error: unknown, message: string): boolean {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  // The low byte is the primary code, the rest the extended one.
  if (typeof code === 'number') return OWN_FAULTS.has(code & 0xff);
  // Node and D1 refuse wrong values themselves, before they reach SQLite.
  if (error instanceof TypeError || error instanceof RangeError) return true;
  return ['D1_TYPE_ERROR', ...OWN_FAULTS.values()].some((name) => message.includes(name));
}

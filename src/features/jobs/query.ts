import { SoriError } from '../../base/errors.ts';
import { JOB_PAGE } from './docs.ts';
import { JOB_STATES, type JobState } from './machine.ts';

/** Reads `Idempotency-Key`. */
export function idempotencyKey(given: string | undefined): string | undefined {
  if (given === undefined || /^[\x20-\x7e]{1,255}$/.test(given)) return given;
  const message = 'Idempotency-Key must be 1 to 255 printable ASCII characters.';
  throw new SoriError('invalid_value', message, { param: 'Idempotency-Key' });
}

/** Parses `Last-Event-ID`; 0 if absent. */
export function lastEvent(given: string | undefined): number {
  if (given === undefined || given === '') return 0;
  if (/^\d{1,9}$/.test(given)) return Number(given);
  throw new SoriError('invalid_value', 'Last-Event-ID must be the id of an event.', {
    param: 'Last-Event-ID',
  });
}

/** Reads `state`. */
export function stateOf(given: string | undefined): JobState | undefined {
  if (given === undefined) return undefined;
  const state = JOB_STATES.find((each) => each === given);
  if (state !== undefined) return state;
  const message = `state must be one of ${JOB_STATES.join(', ')}.`;
  throw new SoriError('invalid_value', message, { param: 'state' });
}

/** Reads `limit`. */
export function pageSize(given: string | undefined): number {
  if (given === undefined) return JOB_PAGE.usual;
  const limit = Number(given);
  if (/^\d+$/.test(given) && limit >= 1 && limit <= JOB_PAGE.most) return limit;
  const message = `limit must be a whole number from 1 to ${JOB_PAGE.most}.`;
  throw new SoriError('invalid_value', message, { param: 'limit' });
}

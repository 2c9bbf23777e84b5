import { SoriError } from '../../../base/errors.ts';
import { DEFAULT_PATIENCE_MS, type Job, type JobFault } from '../machine.ts';

/** Delays before retries, doubled each time. */
export interface BackOff {
  readonly firstMs: number;
  readonly mostMs: number;
}

const BACK_OFF: BackOff = { firstMs: 5000, mostMs: 5 * 60_000 };

/** Errors of unavailable or overloaded services: a job waits for them until its deadline. */
const AWAITED: ReadonlySet<string> = new Set(['origin_unavailable', 'overloaded', 'queue_full']);

const TRANSIENT: ReadonlySet<string> = new Set([
  ...AWAITED,
  'storage_unavailable',
  'model_unavailable',
  'origin_failed',
  'internal_error',
  'deadline_exceeded',
]);

/** Whether to retry after an error. Unexpected errors are retried. */
export function isTransient(error: unknown): boolean {
  return !(error instanceof SoriError) || TRANSIENT.has(error.code);
}

/** Converts an error for answers. */
export function faultOf(error: unknown): JobFault {
  if (error instanceof SoriError) return { code: error.code, message: error.message, param: error.param };
  return { code: 'internal_error', message: 'The server failed while it did this job.', param: null };
}

/**
 * When to retry a job after an error; `undefined` if the job fails. Unavailable services are retried until the job's deadline, other
 * errors a limited number of times.
 */
export function nextTry(
  { attempts, waits = 0, createdAt, deadline = createdAt + DEFAULT_PATIENCE_MS }: Job,
  error: unknown,
  { now, maxAttempts, backOff = BACK_OFF }: { now: number; maxAttempts: number; backOff?: BackOff },
): { retryAt: number; awaits: boolean } | undefined {
  const awaits = error instanceof SoriError && AWAITED.has(error.code);
  if (awaits ? now >= deadline : attempts >= maxAttempts) return undefined;
  const tries = awaits ? waits : Math.max(0, attempts - 1);
  const retryAt = now + Math.min(backOff.mostMs, backOff.firstMs * 2 ** Math.min(tries, 30));
  return { retryAt: awaits ? Math.min(retryAt, deadline) : retryAt, awaits };
}

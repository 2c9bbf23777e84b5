const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000];

/** Milliseconds between attempts, as the Standard Webhooks specification proposes, up to a day. */
const PAUSES = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR];

/** Time in ms during which an event is retried. */
export const RETRY_MS = 24 * HOUR;

/** Random share by which pauses vary, so that a recovered receiver does not get all events at once. */
const JITTER = 0.1;

/** The data of {@link nextAttempt}. */
export interface Failure {
  readonly now: number;
  /** When the event was first tried. */
  readonly startedAt: number;
  /** Failed attempts since then, without this one. */
  readonly retries: number;
  /** ms of the receiver's Retry-After. */
  readonly retryAfterMs?: number;
}

/**
 * The time of the next attempt after a failure.
 * @param random from 0 to 1.
 * @returns `undefined` after the last attempt.
 */
export function nextAttempt(failure: Failure, random: () => number = Math.random): number | undefined {
  const { now, startedAt, retries, retryAfterMs = 0 } = failure;
  const end = startedAt + RETRY_MS;
  if (now >= end) return undefined;
  const pause = (PAUSES[retries] ?? RETRY_MS) * (1 - JITTER + 2 * JITTER * random());
  return Math.min(end, now + Math.max(Math.round(pause), retryAfterMs));
}

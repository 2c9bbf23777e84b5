const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000];

/** Milliseconds between attempts as the Standard Webhooks specification proposes, as far as they lie within a day. */
const PAUSES = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR];

/** An event is retried for so long, ms: the last attempt is a day after the first. */
export const RETRY_MS = 24 * HOUR;

/** A receiver that is back after an outage is not met by all its events at once: pauses vary by so much either way. */
const JITTER = 0.1;

/** What the next attempt's time depends on. */
export interface Failure {
  readonly now: number;
  /** When the event was first tried. */
  readonly startedAt: number;
  /** Failed attempts since then, this one not counted. */
  readonly retries: number;
  /** ms for which the receiver asked not to be told. */
  readonly retryAfterMs?: number;
}

/**
 * When to try again after a failure.
 * @param random from 0 to 1.
 * @returns `undefined` when it was the last attempt.
 */
export function nextAttempt(failure: Failure, random: () => number = Math.random): number | undefined {
  const { now, startedAt, retries, retryAfterMs = 0 } = failure;
  const end = startedAt + RETRY_MS;
  if (now >= end) return undefined;
  const pause = (PAUSES[retries] ?? RETRY_MS) * (1 - JITTER + 2 * JITTER * random());
  return Math.min(end, now + Math.max(Math.round(pause), retryAfterMs));
}

import { isFinal, type Job, type JobCommand, type JobResult } from '../machine.ts';
import type { JobRecord, JobStore, StepOutcome } from '../stores/store.ts';
import { type BackOff, faultOf, isTransient, nextTry } from './faults.ts';

export { faultOf, isTransient } from './faults.ts';

/** The work of jobs. Both functions may be called again for the same job and must be idempotent. */
export interface JobWork {
  /** Runs step `index`. The record has the results of earlier steps. */
  step(record: JobRecord, index: number, signal: AbortSignal): Promise<StepOutcome>;
  /** Makes the job's result from the results of all steps. */
  finish(record: JobRecord, signal: AbortSignal): Promise<JobResult>;
}

/** Options of {@link runJob}. */
export interface RunOptions {
  readonly store: JobStore;
  readonly work: JobWork;
  /** Called with each ended job, possibly more than once. */
  readonly announce?: (job: Job) => Promise<void>;
  /** Stops the work: the job waits for the next runner. */
  readonly signal?: AbortSignal;
  /** Time (ms since the epoch) after which no further step starts; default: none. */
  readonly until?: number;
  /** Takes the job over from a runner that is known to have ended, without waiting for its retry time. */
  readonly force?: boolean;
  /** Delays of retries after temporary errors. */
  readonly backOff?: BackOff;
  /** The clock. */
  readonly now?: () => number;
  /** Called with temporary errors. */
  readonly log?: (error: unknown) => void;
}

/**
 * The result of a run. `finished`: the job has ended; `busy`: another runner has it; `lost`: it was cancelled
 * or taken over; `more`: steps are left; `waits`: it is retried at its `retryAt`; `gone`: the job does not exist.
 */
export type RunEnd = 'finished' | 'busy' | 'lost' | 'more' | 'waits' | 'gone';

/** ms of a runner's claim, which the runner extends while it works. */
export const CLAIM_MS = 5 * 60_000;
/** Starts without a completed step after which a job fails. */
export const MAX_ATTEMPTS = 8;

/**
 * Runs a job from its current step. The result of a step is stored before the next one starts, so that after a crash at most one step
 * is repeated.
 * @throws errors of the store and the signal's reason: run the job again.
 */
export async function runJob(id: string, options: RunOptions): Promise<RunEnd> {
  const { store, announce, now = Date.now, force } = options;
  const by = crypto.randomUUID();
  const begun = await store.apply(id, { type: 'begin', by, until: now() + CLAIM_MS, force });
  if (begun === null) return 'gone';
  if (begun.refused !== undefined) {
    // The runner that finished it may have ended before it reported the end.
    if (isFinal(begun.job.state)) await announce?.(begun.job);
    if (isFinal(begun.job.state)) return 'finished';
    return begun.refused === 'waiting' ? 'waits' : 'busy';
  }
  const run = new Run(by, begun.job, options);
  if (begun.job.attempts > MAX_ATTEMPTS) return await run.fail(undefined);
  return await run.toEnd();
}

/** The work of one runner on a claimed job. */
class Run {
  readonly #by: string;
  readonly #options: RunOptions;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  #job: Job;

  constructor(by: string, job: Job, options: RunOptions) {
    this.#by = by;
    this.#job = job;
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  async toEnd(): Promise<RunEnd> {
    const { store, signal } = this.#options;
    const abort = () => this.#stop.abort(signal?.reason);
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    const watched = new AbortController();
    void watchForEnd(store, this.#job, watched.signal, this.#stop);
    const held = setInterval(() => void this.#hold(), CLAIM_MS / 3);
    try {
      return await this.#steps();
    } catch (error) {
      if (this.#stop.signal.reason === ENDED) return await this.#lost();
      if (signal?.aborted) {
        await store.apply(this.#job.id, { type: 'release', by: this.#by });
        throw error;
      }
      return isTransient(error) ? await this.#later(error) : await this.fail(error);
    } finally {
      clearInterval(held);
      signal?.removeEventListener('abort', abort);
      watched.abort();
    }
  }

  /** Fails the job. @param error default: the last error. */
  async fail(error: unknown): Promise<RunEnd> {
    const fault = error === undefined ? this.#job.fault : faultOf(error);
    return await this.#end({ type: 'fail', by: this.#by, fault: fault ?? faultOf(undefined) });
  }

  async #steps(): Promise<RunEnd> {
    const { store, work, until = Number.POSITIVE_INFINITY } = this.#options;
    const { id } = this.#job;
    const record = await store.load(id);
    if (record === null) return 'gone';
    const outcomes = [...record.outcomes];
    const now = () => ({ job: this.#job, request: record.request, outcomes });
    this.#job = record.job;
    while (this.#job.done < this.#job.steps) {
      this.#stop.signal.throwIfAborted();
      if (this.#now() >= until) {
        await store.apply(id, { type: 'release', by: this.#by });
        return 'more';
      }
      const index = this.#job.done;
      const outcome = await work.step(now(), index, this.#stop.signal);
      const step = { type: 'step', by: this.#by, until: this.#now() + CLAIM_MS, index } as const;
      const stepped = await store.apply(id, step, outcome);
      if (stepped === null || stepped.refused !== undefined) return await this.#lost();
      this.#job = stepped.job;
      outcomes.push(outcome);
    }
    this.#stop.signal.throwIfAborted();
    const result = await work.finish(now(), this.#stop.signal);
    return await this.#end({ type: 'succeed', by: this.#by, result });
  }

  async #end(command: JobCommand): Promise<RunEnd> {
    const { store, announce } = this.#options;
    const ended = await store.apply(this.#job.id, command);
    if (ended === null || ended.refused !== undefined) return await this.#lost();
    await announce?.(ended.job);
    return 'finished';
  }

  /** Schedules a retry, unless the attempts or the waiting time are exhausted. */
  async #later(error: unknown): Promise<RunEnd> {
    const { store, backOff, log } = this.#options;
    log?.(error);
    const next = nextTry(this.#job, error, { now: this.#now(), maxAttempts: MAX_ATTEMPTS, backOff });
    if (next === undefined) return await this.fail(error);
    const released = await store.apply(this.#job.id, {
      type: 'release',
      by: this.#by,
      fault: faultOf(error),
      ...next,
    });
    return released === null || released.refused !== undefined ? await this.#lost() : 'waits';
  }

  /** Removes intermediate results again, because this runner may have written one after the job ended. */
  async #lost(): Promise<RunEnd> {
    const { store, announce } = this.#options;
    const job = await store.find(this.#job.id);
    if (job !== null && isFinal(job.state)) await announce?.(job);
    return 'lost';
  }

  async #hold(): Promise<void> {
    const until = this.#now() + CLAIM_MS;
    const held = await this.#options.store
      .apply(this.#job.id, { type: 'hold', by: this.#by, until })
      .catch(() => undefined);
    if (held === null || held?.refused !== undefined) this.#stop.abort(ENDED);
  }
}

const ENDED = new DOMException('The job is another’s, or has ended.', 'AbortError');

/** Aborts a step when its job is cancelled. */
async function watchForEnd(store: JobStore, job: Job, signal: AbortSignal, stop: AbortController) {
  let last = job.events;
  while (!signal.aborted) {
    const events = await store.events(job.id, last, signal).catch(() => undefined);
    // Otherwise a cancelled job ends at its next step.
    if (events === undefined) return;
    for (const { id, type } of events) {
      last = id;
      if (type === 'cancelled' && !signal.aborted) stop.abort(ENDED);
      if (type === 'cancelled' || type === 'succeeded' || type === 'failed') return;
    }
  }
}

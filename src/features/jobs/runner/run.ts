import { isFinal, type Job, type JobCommand, type JobResult } from '../machine.ts';
import type { JobRecord, JobStore, StepOutcome } from '../stores/store.ts';
import { type BackOff, faultOf, isTransient, nextTry } from './faults.ts';

export { faultOf, isTransient } from './faults.ts';

/** What jobs do. Both may be called again for the same job: they must come to the same. */
export interface JobWork {
  /** Does step `index`; the record has what those before it came to. */
  step(record: JobRecord, index: number, signal: AbortSignal): Promise<StepOutcome>;
  /** Makes the result of what all steps came to. */
  finish(record: JobRecord, signal: AbortSignal): Promise<JobResult>;
}

/** How to run a job. */
export interface RunOptions {
  readonly store: JobStore;
  readonly work: JobWork;
  /** Told of each job that has come to an end; may be told again. */
  readonly announce?: (job: Job) => Promise<void>;
  /** Ends the work: the job waits for the next runner. */
  readonly signal?: AbortSignal;
  /** Time (ms since the epoch) after which no further step is begun; default: never. */
  readonly until?: number;
  /** Takes the job over from a runner that is known to be dead, and does not wait until it is to be tried again. */
  readonly force?: boolean;
  /** When to try again what failed by chance. */
  readonly backOff?: BackOff;
  /** Other than the clock. */
  readonly now?: () => number;
  /** Told of what failed by chance. */
  readonly log?: (error: unknown) => void;
}

/**
 * What became of a run. `finished`: the job has come to an end, now or before; `busy`: another works on it; `lost`: it was cancelled
 * or taken over; `more`: there is more to do; `waits`: it is to be tried again at its `retryAt`; `gone`: there is no such job.
 */
export type RunEnd = 'finished' | 'busy' | 'lost' | 'more' | 'waits' | 'gone';

/** ms for which a runner has a job to itself; it renews them as long as it lives. */
export const CLAIM_MS = 5 * 60_000;
/** Runs without a step done after which a job fails. */
export const MAX_ATTEMPTS = 8;

/**
 * Runs a job from where it stands. What a step came to is kept before the next begins, so whoever goes on after a crash has one step
 * to do again at most.
 * @throws what keeps it from writing down how the job stands, and the signal's reason: then it is to be run again.
 */
export async function runJob(id: string, options: RunOptions): Promise<RunEnd> {
  const { store, announce, now = Date.now, force } = options;
  const by = crypto.randomUUID();
  const begun = await store.apply(id, { type: 'begin', by, until: now() + CLAIM_MS, force });
  if (begun === null) return 'gone';
  if (begun.refused !== undefined) {
    // Whoever finished it may have died before it was told.
    if (isFinal(begun.job.state)) await announce?.(begun.job);
    if (isFinal(begun.job.state)) return 'finished';
    return begun.refused === 'waiting' ? 'waits' : 'busy';
  }
  const run = new Run(by, begun.job, options);
  if (begun.job.attempts > MAX_ATTEMPTS) return await run.fail(undefined);
  return await run.toEnd();
}

/** One runner's work on a job that it has claimed. */
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

  /** Ends the job in failure. @param error default: what it met last. */
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

  /** Tries again some time, unless it was tried often enough or may wait no longer. */
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

  /** Whoever ended it may have done so before this runner's last draft was written: what is left is cleared away once more. */
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

/** Stops a step whose job is cancelled meanwhile. */
async function watchForEnd(store: JobStore, job: Job, signal: AbortSignal, stop: AbortController) {
  let last = job.events;
  while (!signal.aborted) {
    const events = await store.events(job.id, last, signal).catch(() => undefined);
    // Without it, a cancelled job ends at its next step.
    if (events === undefined) return;
    for (const { id, type } of events) {
      last = id;
      if (type === 'cancelled' && !signal.aborted) stop.abort(ENDED);
      if (type === 'cancelled' || type === 'succeeded' || type === 'failed') return;
    }
  }
}

import { SoriError } from '../errors.ts';
import { isFinal, type Job, type JobFault, type JobResult } from './machine.ts';
import type { JobRecord, JobRequest, JobStore, StepOutcome } from './store.ts';

/** What jobs do. Both may be called again for the same job: they must come to the same. */
export interface JobWork {
  /** Does a step. */
  step(job: Job, request: JobRequest, index: number, signal: AbortSignal): Promise<StepOutcome>;
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
  /** Takes the job over from a runner that is known to be dead. */
  readonly force?: boolean;
  /** Other than the clock. */
  readonly now?: () => number;
}

/**
 * What became of a run. `finished`: the job has come to an end, now or before; `busy`: another works on it; `lost`: it was cancelled
 * or taken over; `more`: there is more to do; `gone`: there is no such job.
 */
export type RunEnd = 'finished' | 'busy' | 'lost' | 'more' | 'gone';

/** ms for which a runner has a job to itself; each step begins them anew. */
export const CLAIM_MS = 5 * 60_000;
/** Runs without a step done after which a job fails. */
export const MAX_ATTEMPTS = 8;

const TRANSIENT: ReadonlySet<string> = new Set([
  'overloaded',
  'storage_unavailable',
  'model_unavailable',
  'origin_unavailable',
  'origin_failed',
  'internal_error',
  'origin_unavailable',
  'origin_failed',
  'deadline_exceeded',
]);

/** Is it worth another try? Whatever nobody has foreseen is. */
export function isTransient(error: unknown): boolean {
  return !(error instanceof SoriError) || TRANSIENT.has(error.code);
}

/** What an answer may tell of an error. */
export function faultOf(error: unknown): JobFault {
  if (error instanceof SoriError) return { code: error.code, message: error.message, param: error.param };
  return { code: 'internal_error', message: 'The server failed while it did this job.', param: null };
}

/**
 * Runs a job from where it stands. What a step came to is kept before the next begins, so whoever goes on after a crash has one step
 * to do again at most.
 * @throws what may pass by itself: the job is queued then, and is to be run again.
 */
export async function runJob(id: string, options: RunOptions): Promise<RunEnd> {
  const { store, work, announce, now = Date.now, until = Number.POSITIVE_INFINITY, force } = options;
  const by = crypto.randomUUID();
  const begun = await store.apply(id, { type: 'begin', by, until: now() + CLAIM_MS, force });
  if (begun === null) return 'gone';
  if (begun.refused !== undefined) {
    // Whoever finished it may have died before it was told.
    if (isFinal(begun.job.state)) await announce?.(begun.job);
    return isFinal(begun.job.state) ? 'finished' : 'busy';
  }
  const end = async (command: Parameters<JobStore['apply']>[1]): Promise<RunEnd> => {
    const ended = await store.apply(id, command);
    if (ended === null || ended.refused !== undefined) return 'lost';
    await announce?.(ended.job);
    return 'finished';
  };
  if (begun.job.attempts > MAX_ATTEMPTS) {
    return await end({ type: 'fail', by, fault: begun.job.fault ?? faultOf(undefined) });
  }
  const stop = new AbortController();
  const abort = () => stop.abort(options.signal?.reason);
  options.signal?.addEventListener('abort', abort);
  if (options.signal?.aborted) abort();
  const watched = new AbortController();
  void watchForEnd(store, begun.job, watched.signal, stop);
  try {
    const record = await store.load(id);
    if (record === null) return 'gone';
    const { request } = record;
    const outcomes = [...record.outcomes];
    let { job } = record;
    while (job.done < job.steps) {
      stop.signal.throwIfAborted();
      if (now() >= until) {
        await store.apply(id, { type: 'release', by });
        return 'more';
      }
      const outcome = await work.step(job, request, job.done, stop.signal);
      const stepped = await store.apply(
        id,
        { type: 'step', by, until: now() + CLAIM_MS, index: job.done },
        outcome,
      );
      if (stepped === null || stepped.refused !== undefined) return 'lost';
      job = stepped.job;
      outcomes.push(outcome);
    }
    const result = await work.finish({ job, request, outcomes }, stop.signal);
    return await end({ type: 'succeed', by, result });
  } catch (error) {
    if (stop.signal.reason === ENDED) return 'lost';
    if (!options.signal?.aborted && !isTransient(error)) {
      return await end({ type: 'fail', by, fault: faultOf(error) });
    }
    const fault = options.signal?.aborted ? undefined : faultOf(error);
    await store.apply(id, { type: 'release', by, fault });
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', abort);
    watched.abort();
  }
}

const ENDED = new DOMException('The job was cancelled.', 'AbortError');

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

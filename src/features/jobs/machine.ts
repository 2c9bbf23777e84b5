/** Default ms that a job is kept after its end: 30 days. */
export const DEFAULT_KEEP_MS = 30 * 86_400_000;
/** Default ms that a job may wait for an unavailable service: a day. */
export const DEFAULT_PATIENCE_MS = 86_400_000;

/** States of a job. The last three are final, but a failed job can be retried. */
export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

/** One of {@link JOB_STATES}. */
export type JobState = (typeof JOB_STATES)[number];

/** An error as in answers. */
export interface JobFault {
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
}

/** A result as JSON. */
export type JobResult = Readonly<Record<string, unknown>>;

/** A job without its request and the results of its steps. Times are ms since the epoch. */
export interface Job {
  readonly id: string;
  /** Id of the API key that owns the job. */
  readonly owner: string;
  readonly kind: string;
  readonly state: JobState;
  /** Starts since the last completed step; a growing number means no progress. */
  readonly attempts: number;
  /** Waits since the last completed step. */
  readonly waits?: number;
  /** ms after its end at which it is deleted. */
  readonly keepMs?: number;
  /** Until when it may wait for an unavailable service. */
  readonly deadline?: number;
  /** It is not started before this time. */
  readonly retryAt?: number;
  /** Retries after a failure. */
  readonly retries: number;
  /** Number of steps, which run one after the other. */
  readonly steps: number;
  readonly done: number;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly result?: JobResult;
  /** Why it failed; for a job that waits for a retry, its last error. */
  readonly fault?: JobFault;
  readonly webhook?: string;
  /** The runner that works on it, and until when its claim is valid. */
  readonly claim?: { readonly by: string; readonly until: number };
  /** Id of its last event. */
  readonly events: number;
}

/** An event of a job. Ids count from 1. */
export interface JobEvent {
  readonly id: number;
  readonly at: number;
  readonly type: 'queued' | 'running' | 'progress' | 'succeeded' | 'failed' | 'cancelled';
  readonly done: number;
  readonly steps: number;
}

/** A command to a job. `by` is a runner's claim, which is invalid once another runner has taken over. */
export type JobCommand =
  /** Starts work. `force` takes over from a runner that is known to have ended. */
  | { readonly type: 'begin'; readonly by: string; readonly until: number; readonly force?: boolean }
  /** Completes a step and extends the claim. */
  | { readonly type: 'step'; readonly by: string; readonly until: number; readonly index: number }
  /** Extends the claim. */
  | { readonly type: 'hold'; readonly by: string; readonly until: number }
  /** The runner stops early: the job waits for the next runner until `retryAt`. Waiting for an unavailable service (`awaits`) does not count as an attempt. */
  | {
      readonly type: 'release';
      readonly by: string;
      readonly fault?: JobFault;
      readonly retryAt?: number;
      readonly awaits?: boolean;
    }
  | { readonly type: 'succeed'; readonly by: string; readonly result: JobResult }
  /** Without `by`: no runner will try again. */
  | { readonly type: 'fail'; readonly by?: string; readonly fault: JobFault }
  | { readonly type: 'cancel' }
  | { readonly type: 'retry'; readonly deadline?: number };

/** Why a command was rejected. */
export type Refusal =
  /** It has succeeded, failed or been cancelled. */
  | 'finished'
  /** Another runner holds it. */
  | 'busy'
  /** It waits for a retry. */
  | 'waiting'
  /** Another runner has the claim, or the step is already completed. */
  | 'stale'
  /** Only a failed job can be retried. */
  | 'not_failed';

/** The result of a command. */
export type Applied =
  | { readonly job: Job; readonly event?: JobEvent; readonly refused?: undefined }
  | { readonly job: Job; readonly refused: Refusal };

/** The data of a new job. */
export type JobHead = Pick<
  Job,
  'id' | 'owner' | 'kind' | 'steps' | 'createdAt' | 'deadline' | 'keepMs' | 'webhook'
>;

/** Makes a new job: queued, with its first event. */
export function newJob(head: JobHead): { job: Job; event: JobEvent } {
  const job: Job = { ...head, state: 'queued', attempts: 0, retries: 0, done: 0, events: 0 };
  return moved(job, {}, 'queued', head.createdAt);
}

/** Whether a state is final. */
export function isFinal(state: JobState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

/** When an ended job is deleted; `undefined` for others. */
export function expiryOf({ state, finishedAt, keepMs = DEFAULT_KEEP_MS }: Job): number | undefined {
  return isFinal(state) && finishedAt !== undefined ? finishedAt + keepMs : undefined;
}

/** Applies a command to a job. A pure function. */
export function applyCommand(job: Job, command: JobCommand, now: number): Applied {
  const refuse = (refused: Refusal): Applied => ({ job, refused });
  if (command.type === 'retry') {
    if (job.state !== 'failed') return refuse('not_failed');
    const { fault: _, finishedAt: __, waits: ___, ...rest } = job;
    const { deadline = job.deadline } = command;
    const again = { ...rest, deadline, attempts: 0, retries: job.retries + 1 };
    return moved(again, { state: 'queued' }, 'queued', now);
  }
  if (isFinal(job.state)) return refuse('finished');
  const { claim, retryAt, ...free } = job;
  switch (command.type) {
    case 'begin': {
      const { by, until, force } = command;
      if (claim !== undefined && claim.until > now && claim.by !== by && !force) return refuse('busy');
      if (retryAt !== undefined && retryAt > now && !force) return refuse('waiting');
      const change = {
        state: 'running',
        attempts: job.attempts + 1,
        startedAt: job.startedAt ?? now,
        claim: { by, until },
      } as const;
      return moved(free, change, 'running', now);
    }
    case 'step': {
      const { by, until, index } = command;
      if (claim?.by !== by || index !== job.done || index >= job.steps) return refuse('stale');
      const { waits: _, ...rest } = free;
      return moved(rest, { done: index + 1, attempts: 1, claim: { by, until } }, 'progress', now);
    }
    case 'hold': {
      if (claim?.by !== command.by) return refuse('stale');
      return { job: { ...job, claim: { by: command.by, until: command.until } } };
    }
    case 'release': {
      if (claim?.by !== command.by) return refuse('stale');
      const { fault = job.fault, retryAt: again, awaits } = command;
      const released = { ...free, state: 'queued', ...(fault && { fault }) } as const;
      // Another runner takes over soon, so there is no event.
      if (again === undefined) return { job: released };
      const waits = awaits && { attempts: Math.max(0, job.attempts - 1), waits: (job.waits ?? 0) + 1 };
      return moved({ ...released, ...waits, retryAt: again }, {}, 'queued', now);
    }
    case 'succeed': {
      if (claim?.by !== command.by || job.done < job.steps) return refuse('stale');
      const { fault: _, ...rest } = free;
      return moved(rest, { state: 'succeeded', result: command.result, finishedAt: now }, 'succeeded', now);
    }
    case 'fail': {
      if (command.by !== undefined && claim?.by !== command.by) return refuse('stale');
      return moved(free, { state: 'failed', fault: command.fault, finishedAt: now }, 'failed', now);
    }
    case 'cancel':
      return moved(free, { state: 'cancelled', finishedAt: now }, 'cancelled', now);
  }
}

function moved(before: Job, change: Partial<Job>, type: JobEvent['type'], at: number) {
  const job: Job = { ...before, ...change, events: before.events + 1 };
  return { job, event: { id: job.events, at, type, done: job.done, steps: job.steps } };
}

/** ms for which a job is kept after its end, unless told otherwise: 30 days. */
export const DEFAULT_KEEP_MS = 30 * 86_400_000;
/** ms for which a job may wait for what is away, unless told otherwise: a day. */
export const DEFAULT_PATIENCE_MS = 86_400_000;

/** Where a job stands. The last three are final, but a failed job may be tried again. */
export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

/** One of {@link JOB_STATES}. */
export type JobState = (typeof JOB_STATES)[number];

/** What went wrong, as answers have it. */
export interface JobFault {
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
}

/** What a job came to: JSON that the routes write and read. */
export type JobResult = Readonly<Record<string, unknown>>;

/** A job without its request and without what its steps came to. Times are ms since the epoch. */
export interface Job {
  readonly id: string;
  /** The API key whose job it is. */
  readonly owner: string;
  readonly kind: string;
  readonly state: JobState;
  /** How often it was begun since a step was last done: what grows without end makes no progress. */
  readonly attempts: number;
  /** How often it has waited since a step was last done. */
  readonly waits?: number;
  /** ms after its end when it is deleted. */
  readonly keepMs?: number;
  /** Until when it may wait for what is away. */
  readonly deadline?: number;
  /** Before then nobody begins. */
  readonly retryAt?: number;
  /** How often it was tried again after it had failed. */
  readonly retries: number;
  /** Steps in all, done one after the other. */
  readonly steps: number;
  readonly done: number;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly result?: JobResult;
  /** Why it failed; of one that is to be tried once more, why it did not work the last time. */
  readonly fault?: JobFault;
  readonly webhook?: string;
  /** Who works on it, and until when nobody else may. */
  readonly claim?: { readonly by: string; readonly until: number };
  /** Id of its last event. */
  readonly events: number;
}

/** Something that happened to a job. Ids count from 1. */
export interface JobEvent {
  readonly id: number;
  readonly at: number;
  readonly type: 'queued' | 'running' | 'progress' | 'succeeded' | 'failed' | 'cancelled';
  readonly done: number;
  readonly steps: number;
}

/** What may be asked of a job. `by` is a runner's claim, which is worth nothing once another has taken it over. */
export type JobCommand =
  /** Work begins. `force` takes over from a runner that is known to be dead. */
  | { readonly type: 'begin'; readonly by: string; readonly until: number; readonly force?: boolean }
  /** A step is done, and the claim goes on. */
  | { readonly type: 'step'; readonly by: string; readonly until: number; readonly index: number }
  /** The claim goes on. */
  | { readonly type: 'hold'; readonly by: string; readonly until: number }
  /** The runner stops before the end: the job waits for the next, until `retryAt`. What it `awaits` makes no attempt of it. */
  | {
      readonly type: 'release';
      readonly by: string;
      readonly fault?: JobFault;
      readonly retryAt?: number;
      readonly awaits?: boolean;
    }
  | { readonly type: 'succeed'; readonly by: string; readonly result: JobResult }
  /** Without `by`: nobody will try any more. */
  | { readonly type: 'fail'; readonly by?: string; readonly fault: JobFault }
  | { readonly type: 'cancel' }
  | { readonly type: 'retry'; readonly deadline?: number };

/** Why a command changes nothing. */
export type Refusal =
  /** It has succeeded, failed or been cancelled. */
  | 'finished'
  /** Another runner holds it. */
  | 'busy'
  /** It is to be tried again later. */
  | 'waiting'
  /** The claim is another's by now, or the step is done already. */
  | 'stale'
  /** Only what failed can be tried again. */
  | 'not_failed';

/** A command's outcome. */
export type Applied =
  | { readonly job: Job; readonly event?: JobEvent; readonly refused?: undefined }
  | { readonly job: Job; readonly refused: Refusal };

/** What a new job is made of. */
export type JobHead = Pick<
  Job,
  'id' | 'owner' | 'kind' | 'steps' | 'createdAt' | 'deadline' | 'keepMs' | 'webhook'
>;

/** A job as it is made: queued, with its first event. */
export function newJob(head: JobHead): { job: Job; event: JobEvent } {
  const job: Job = { ...head, state: 'queued', attempts: 0, retries: 0, done: 0, events: 0 };
  return moved(job, {}, 'queued', head.createdAt);
}

/** Is nothing going to happen to it by itself any more? */
export function isFinal(state: JobState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

/** When a job that has ended is deleted; undefined of one that has not. */
export function expiryOf({ state, finishedAt, keepMs = DEFAULT_KEEP_MS }: Job): number | undefined {
  return isFinal(state) && finishedAt !== undefined ? finishedAt + keepMs : undefined;
}

/** Carries a command out on a job. Pure: the same job and command give the same. */
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
      // It is soon taken up, and nobody need be told.
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

import type { Applied, Job, JobCommand, JobEvent, JobHead, JobState } from '../machine.ts';

/** What a job is to do: JSON that the routes write and read. */
export type JobRequest = Readonly<Record<string, unknown>>;

/** What a step came to: JSON that the routes write and read. */
export type StepOutcome = Readonly<Record<string, unknown>>;

/** A job to be made. */
export interface NewJob extends Omit<JobHead, 'id' | 'deadline' | 'keepMs'> {
  readonly request: JobRequest;
  /** Two requests with the same key within a day are one. */
  readonly idempotency?: Idempotency;
}

/** A request's idempotency key, and what tells whether two requests with it are alike. */
export interface Idempotency {
  readonly key: string;
  readonly digest: string;
}

/** A job as lists have it: what the index knows. */
export interface JobRow {
  readonly id: string;
  readonly kind: string;
  readonly state: JobState;
  readonly createdAt: number;
}

/** Which jobs to list, the newest first. */
export interface JobQuery {
  readonly owner: string;
  readonly state?: JobState;
  /** Id of the last job of the page before. */
  readonly after?: string;
  readonly limit: number;
}

/** Everything that a job came to be made of. */
export interface JobRecord {
  readonly job: Job;
  readonly request: JobRequest;
  readonly outcomes: readonly StepOutcome[];
}

/** Keeps jobs. Drivers: `durable-object` and `sqlite`; one contract test. */
export interface JobStore {
  /**
   * Makes a job, or finds the one that the same idempotency key made.
   * @throws {SoriError} `idempotency_mismatch`, `too_many_jobs`, `storage_unavailable`.
   */
  create(job: NewJob): Promise<{ readonly job: Job; readonly created: boolean }>;
  /**
   * The job that an idempotency key has made.
   * @throws {SoriError} `idempotency_mismatch`, `storage_unavailable`.
   */
  made(owner: string, idempotency: Idempotency): Promise<Job | null>;
  find(id: string): Promise<Job | null>;
  /** A job with its request and outcomes. */
  load(id: string): Promise<JobRecord | null>;
  /**
   * Carries a command out, all of it or nothing.
   * @param outcome what a step came to, kept with it.
   * @returns null where there is no such job.
   */
  apply(id: string, command: JobCommand, outcome?: StepOutcome): Promise<Applied | null>;
  /** Events after `after`, at once where there are some; else waits for one, for a while. */
  events(id: string, after: number, signal?: AbortSignal): Promise<readonly JobEvent[]>;
  /** @throws {SoriError} `invalid_value` when there is no such job to list from. */
  list(query: JobQuery): Promise<readonly JobRow[]>;
  /** Ids of jobs whose time is over: ended ones, and entries of jobs that were never made. `most` of them at most. */
  expired(now: number, most: number): Promise<readonly string[]>;
  /** Deletes all that is known of a job. */
  forget(id: string): Promise<void>;
  /** Deletes idempotency keys that mean nothing any more. @returns how many. */
  forgetKeys(now: number): Promise<number>;
}

/** Hands jobs to whoever runs them. Jobs may be handed over more than once. */
export interface JobQueue {
  send(id: string): Promise<void>;
}

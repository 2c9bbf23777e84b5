import type { Applied, Job, JobCommand, JobEvent, JobHead, JobState } from '../machine.ts';

/** The request of a job as JSON. */
export type JobRequest = Readonly<Record<string, unknown>>;

/** The result of a step as JSON. */
export type StepOutcome = Readonly<Record<string, unknown>>;

/** A new job. */
export interface NewJob extends Omit<JobHead, 'id' | 'deadline' | 'keepMs'> {
  readonly request: JobRequest;
  /** Two requests with the same key within a day make one job. */
  readonly idempotency?: Idempotency;
}

/** A request's idempotency key and the hash of its body. */
export interface Idempotency {
  readonly key: string;
  readonly digest: string;
}

/** A job as in lists. */
export interface JobRow {
  readonly id: string;
  readonly kind: string;
  readonly state: JobState;
  readonly createdAt: number;
}

/** Filter of a list, newest first. */
export interface JobQuery {
  readonly owner: string;
  readonly state?: JobState;
  /** Id of the last job of the previous page. */
  readonly after?: string;
  readonly limit: number;
}

/** A job with its request and outcomes. */
export interface JobRecord {
  readonly job: Job;
  readonly request: JobRequest;
  readonly outcomes: readonly StepOutcome[];
}

/** Stores jobs. Drivers: `durable-object` and `sqlite`; one contract test. */
export interface JobStore {
  /**
   * Creates a job, or finds the one with the same idempotency key.
   * @throws {SoriError} `idempotency_mismatch`, `too_many_jobs`, `storage_unavailable`.
   */
  create(job: NewJob): Promise<{ readonly job: Job; readonly created: boolean }>;
  /**
   * Finds the job of an idempotency key.
   * @throws {SoriError} `idempotency_mismatch`, `storage_unavailable`.
   */
  made(owner: string, idempotency: Idempotency): Promise<Job | null>;
  find(id: string): Promise<Job | null>;
  /** A job with its request and outcomes. */
  load(id: string): Promise<JobRecord | null>;
  /**
   * Applies a command atomically.
   * @param outcome the result of a step, stored with it.
   * @returns null if the job does not exist.
   */
  apply(id: string, command: JobCommand, outcome?: StepOutcome): Promise<Applied | null>;
  /** Returns events after `after`; if there are none, waits for one for a limited time. */
  events(id: string, after: number, signal?: AbortSignal): Promise<readonly JobEvent[]>;
  /** @throws {SoriError} `invalid_value` when `after` is unknown. */
  list(query: JobQuery): Promise<readonly JobRow[]>;
  /** At most `most` ids of expired jobs, including entries of jobs that were never stored. */
  expired(now: number, most: number): Promise<readonly string[]>;
  /** Deletes a job. */
  forget(id: string): Promise<void>;
  /** Deletes expired idempotency keys. @returns how many. */
  forgetKeys(now: number): Promise<number>;
}

/** Sends jobs to a runner, possibly more than once. */
export interface JobQueue {
  send(id: string): Promise<void>;
}

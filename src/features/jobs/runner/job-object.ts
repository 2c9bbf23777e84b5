import { DurableObject } from 'cloudflare:workers';
import { isFinal, type Job, type JobCommand, type JobHead } from '../machine.ts';
import { durableDatabase } from '../stores/durable-database.ts';
import { JobRecords, RECORD_TABLES } from '../stores/records.ts';
import type { JobRequest, StepOutcome } from '../stores/store.ts';
import { Waiting } from './waiting.ts';

/** The bindings of the object: the queue of jobs. */
export interface JobObjectEnv {
  readonly JOBS: Queue<JobMessage>;
}

/** A message of the queue. */
export interface JobMessage {
  readonly job: string;
}

/** ms after which a job that was not started is queued again, because its message may be lost. */
const FORGOTTEN_MS = 15 * 60_000;
/** ms between the end of a claim or a wait and the alarm. */
const GRACE_MS = 1000;

/**
 * A Durable Object with one job in its SQLite database. Its methods exchange JSON text. An alarm queues the job again when its
 * runner has ended and when a retry is due, so that a message can be dropped while a runner has the job.
 */
export class JobObject extends DurableObject<JobObjectEnv> {
  readonly #records: JobRecords;
  readonly #waiting = new Waiting();

  constructor(state: DurableObjectState, env: JobObjectEnv) {
    super(state, env);
    this.#records = new JobRecords(durableDatabase(state.storage), Date.now);
  }

  /** Stores a new job, unless it exists. */
  async create(head: string, request: string): Promise<string> {
    const made: JobHead = JSON.parse(head);
    for (const table of RECORD_TABLES) this.ctx.storage.sql.exec(table);
    const job = await this.#records.create(made, JSON.parse(request) as JobRequest);
    await this.ctx.storage.put('id', made.id);
    await this.#watch(job);
    return JSON.stringify(job);
  }

  /** Deletes all stored data. */
  async forget(): Promise<string> {
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    return 'null';
  }

  async find(id: string): Promise<string> {
    if (!this.#kept()) return 'null';
    return JSON.stringify(await this.#records.find(id));
  }

  async load(id: string): Promise<string> {
    if (!this.#kept()) return 'null';
    return JSON.stringify(await this.#records.load(id));
  }

  async apply(id: string, command: string, outcome: string): Promise<string> {
    if (!this.#kept()) return 'null';
    const given = JSON.parse(outcome) as StepOutcome | null;
    const applied = await this.#records.apply(id, JSON.parse(command) as JobCommand, given ?? undefined);
    if (applied !== null && applied.refused === undefined) await this.#watch(applied.job);
    this.#waiting.wake(id);
    return JSON.stringify(applied);
  }

  async events(id: string, after: number): Promise<string> {
    if (!this.#kept()) return '[]';
    const found = await this.#records.events(id, after);
    if (found.length > 0) return JSON.stringify(found);
    await this.#waiting.wait(id);
    return JSON.stringify(await this.#records.events(id, after));
  }

  override async alarm(): Promise<void> {
    if (!this.#kept()) return;
    const id = await this.ctx.storage.get<string>('id');
    const job = id === undefined ? null : await this.#records.find(id);
    if (job === null || isFinal(job.state)) return;
    const { claim, retryAt = 0 } = job;
    const free = claim === undefined || claim.until <= Date.now();
    if (free && retryAt <= Date.now()) await this.env.JOBS.send({ job: job.id });
    await this.#watch(job);
  }

  /** Whether the job exists. Reading must not create storage that is never deleted. */
  #kept(): boolean {
    const sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'job_records'";
    return this.ctx.storage.sql.exec(sql).toArray().length > 0;
  }

  /** Sets the alarm to when no runner may be working on the job. */
  async #watch({ state, claim, retryAt = 0 }: Job): Promise<void> {
    const { storage } = this.ctx;
    if (isFinal(state)) return await storage.deleteAlarm();
    const now = Date.now();
    const busy = Math.max(claim?.until ?? 0, retryAt);
    await storage.setAlarm(busy > now ? busy + GRACE_MS : now + FORGOTTEN_MS);
  }
}

import { DurableObject } from 'cloudflare:workers';
import { isFinal, type Job, type JobCommand, type JobHead } from '../machine.ts';
import { durableDatabase } from '../stores/durable-database.ts';
import { JobRecords, RECORD_TABLES } from '../stores/records.ts';
import type { JobRequest, StepOutcome } from '../stores/store.ts';
import { Waiting } from './waiting.ts';

/** What an object needs of the Worker: the queue of jobs. */
export interface JobObjectEnv {
  readonly JOBS: Queue<JobMessage>;
}

/** What is in the queue. */
export interface JobMessage {
  readonly job: string;
}

/** ms after which a job that nobody has begun is put into the queue again: its message may be lost. */
const FORGOTTEN_MS = 15 * 60_000;
/** ms between the end of a claim, or of a wait, and the look at what is to be done. */
const GRACE_MS = 1000;

/**
 * One job, in an SQLite database of its own. What goes in and out is JSON text. An alarm puts the job into the queue again when its
 * runner has died and when it is to be tried again, so that a message may be dropped whenever somebody holds the job.
 */
export class JobObject extends DurableObject<JobObjectEnv> {
  readonly #records: JobRecords;
  readonly #waiting = new Waiting();

  constructor(state: DurableObjectState, env: JobObjectEnv) {
    super(state, env);
    this.#records = new JobRecords(durableDatabase(state.storage), Date.now);
  }

  /** Keeps a new job; one that is there stays as it is. */
  async create(head: string, request: string): Promise<string> {
    const made: JobHead = JSON.parse(head);
    for (const table of RECORD_TABLES) this.ctx.storage.sql.exec(table);
    const job = await this.#records.create(made, JSON.parse(request) as JobRequest);
    await this.ctx.storage.put('id', made.id);
    await this.#watch(job);
    return JSON.stringify(job);
  }

  /** Deletes all that it keeps; then it is as if it had never been. */
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

  /** Is there a job? Whoever only asks must not make storage that nobody would ever delete. */
  #kept(): boolean {
    const sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'job_records'";
    return this.ctx.storage.sql.exec(sql).toArray().length > 0;
  }

  /** Sets the alarm to when the job may be left alone by all. */
  async #watch({ state, claim, retryAt = 0 }: Job): Promise<void> {
    const { storage } = this.ctx;
    if (isFinal(state)) return await storage.deleteAlarm();
    const now = Date.now();
    const busy = Math.max(claim?.until ?? 0, retryAt);
    await storage.setAlarm(busy > now ? busy + GRACE_MS : now + FORGOTTEN_MS);
  }
}

import { SoriError } from '../../../base/errors.ts';
import type { Database } from '../../../database/database.ts';
import { type Applied, DEFAULT_KEEP_MS, DEFAULT_PATIENCE_MS, type Job, type JobEvent } from '../machine.ts';
import type { JobObject } from '../runner/job-object.ts';
import { JobIndex } from './job-index.ts';
import type { JobStoreOptions } from './sqlite.ts';
import type { JobRecord, JobStore } from './store.ts';

/** Stores each job in its own Durable Object, and the index of all jobs in `database`. */
export function durableJobStore(
  namespace: DurableObjectNamespace<JobObject>,
  database: Database,
  options: JobStoreOptions = {},
): JobStore {
  const { now = Date.now, maxWaiting } = options;
  const { patienceMs = DEFAULT_PATIENCE_MS, keepMs = DEFAULT_KEEP_MS } = options;
  const index = new JobIndex(database, now, maxWaiting);
  const ask = async <T>(id: string, call: (stub: DurableObjectStub<JobObject>) => Promise<string>) => {
    try {
      return JSON.parse(await call(namespace.get(namespace.idFromName(id)))) as T;
    } catch (cause) {
      throw new SoriError('storage_unavailable', 'The job cannot be reached now; try again.', { cause });
    }
  };
  return {
    async create(job) {
      const { request, idempotency: _, ...given } = job;
      const { id, createdAt, created } = await index.enter(job);
      const deadline = createdAt + patienceMs;
      const head = JSON.stringify({ ...given, id, createdAt, deadline, keepMs });
      const body = JSON.stringify(request);
      return { job: await ask<Job>(id, (stub) => stub.create(head, body)), created };
    },
    async made(owner, idempotency) {
      const named = await index.named({ owner, idempotency });
      return named ? await ask<Job | null>(named.id, (stub) => stub.find(named.id)) : null;
    },
    find: (id) => ask<Job | null>(id, (stub) => stub.find(id)),
    load: (id) => ask<JobRecord | null>(id, (stub) => stub.load(id)),
    async apply(id, asked, outcome) {
      const command = asked.type === 'retry' ? { ...asked, deadline: now() + patienceMs } : asked;
      const [order, came] = [JSON.stringify(command), JSON.stringify(outcome ?? null)];
      const applied = await ask<Applied | null>(id, (stub) => stub.apply(id, order, came));
      // Update the index even after a rejected command, because an earlier process may have ended before it did.
      if (applied !== null && command.type !== 'step' && command.type !== 'hold')
        await index.note(applied.job);
      return applied;
    },
    async events(id, after, signal) {
      if (signal?.aborted) return [];
      return await ask<JobEvent[]>(id, (stub) => stub.events(id, after));
    },
    list: (query) => index.list(query),
    expired: (at, most) => index.expired(at, most, (id) => ask<Job | null>(id, (stub) => stub.find(id))),
    async forget(id) {
      // Delete the index entry last, because it shows that there is something to delete.
      await ask<null>(id, (stub) => stub.forget());
      await index.forget(id);
    },
    forgetKeys: (at) => index.forgetKeys(at),
  };
}

import { expect } from 'vitest';
import type { JobStore, NewJob } from '../../src/features/jobs/stores/store.ts';

/** A store with a clock that the test moves, and room for three jobs of an owner. */
export interface JobStoreUnderTest {
  readonly store: JobStore;
  readonly clock: { now: number };
}

let owners = 0;
const owner = () => `owner-${++owners}`;
const FAULT = { code: 'overloaded', message: 'Full.', param: null };
const until = Date.UTC(2100, 0, 1);

function job(given: Partial<NewJob> = {}): NewJob {
  return {
    owner: 'a',
    kind: 'speech',
    steps: 2,
    createdAt: 1_795_262_672_123,
    request: { input: 'Schöne "Grüße" 소리 🔊' },
    ...given,
  };
}

/** What every driver of `JobStore` must do. */
export const JOB_STORE_CONTRACT: readonly {
  name: string;
  check(under: JobStoreUnderTest): Promise<void>;
}[] = [
  {
    name: 'stores a job, its request and the results of its steps',
    async check({ store }) {
      const { job: made, created } = await store.create(
        job({ owner: owner(), webhook: 'https://a.example/' }),
      );
      expect(created).toBe(true);
      expect(made).toMatchObject({ state: 'queued', done: 0, steps: 2, webhook: 'https://a.example/' });
      expect(await store.find(made.id)).toEqual(made);
      await store.apply(made.id, { type: 'begin', by: 'r', until });
      await store.apply(made.id, { type: 'step', by: 'r', until, index: 0 }, { key: 'first' });
      await store.apply(made.id, { type: 'step', by: 'r', until, index: 1 }, { key: 'second' });
      const ended = await store.apply(made.id, { type: 'succeed', by: 'r', result: { key: 'all' } });
      expect(await store.load(made.id)).toEqual({
        job: ended!.job,
        request: job().request,
        outcomes: [{ key: 'first' }, { key: 'second' }],
      });
      expect(ended!.job).toMatchObject({ state: 'succeeded', result: { key: 'all' }, events: 5 });
    },
  },
  {
    name: 'finds no other job',
    async check({ store }) {
      const id = `job_${'0'.repeat(24)}`;
      expect(await store.find(id)).toBeNull();
      expect(await store.load(id)).toBeNull();
      expect(await store.apply(id, { type: 'cancel' })).toBeNull();
      expect(await store.list({ owner: owner(), limit: 5 })).toEqual([]);
    },
  },
  {
    name: 'lets one of ten concurrent workers begin, and a step be done once',
    async check({ store }) {
      const { job: made } = await store.create(job({ owner: owner() }));
      const begun = await Promise.all(
        Array.from({ length: 10 }, (_, i) => store.apply(made.id, { type: 'begin', by: `r${i}`, until })),
      );
      const held = begun.filter((applied) => applied!.refused === undefined);
      expect(held).toHaveLength(1);
      const { by } = held[0]!.job.claim!;
      const steps = await Promise.all(
        Array.from({ length: 5 }, (_, i) =>
          store.apply(made.id, { type: 'step', by, until, index: 0 }, { from: i }),
        ),
      );
      expect(steps.filter((applied) => applied!.refused === undefined)).toHaveLength(1);
      expect((await store.load(made.id))!.outcomes).toHaveLength(1);
    },
  },
  {
    name: 'returns events after a given one, and wakes waiting readers',
    async check({ store }) {
      const { job: made } = await store.create(job({ owner: owner() }));
      await store.apply(made.id, { type: 'begin', by: 'r', until });
      const all = await store.events(made.id, 0);
      expect(all.map(({ id, type }) => [id, type])).toEqual([
        [1, 'queued'],
        [2, 'running'],
      ]);
      expect(await store.events(made.id, 1)).toEqual(all.slice(1));
      const next = store.events(made.id, 2);
      await store.apply(made.id, { type: 'cancel' });
      const seen = [...(await next)];
      // A driver may return no events when it has waited for a while.
      while (seen.length === 0) seen.push(...(await store.events(made.id, 2)));
      expect(seen).toMatchObject([{ id: 3, type: 'cancelled', done: 0, steps: 2 }]);
    },
  },
  {
    name: 'lists an owner’s jobs, the newest first, by state and page',
    async check({ store }) {
      const [mine, other] = [owner(), owner()];
      const ids: string[] = [];
      for (let i = 0; i < 3; i++) {
        ids.unshift((await store.create(job({ owner: mine, createdAt: 1000 + i }))).job.id);
      }
      await store.create(job({ owner: other }));
      const listed = async (query: object) =>
        (await store.list({ owner: mine, limit: 2, ...query })).map(({ id }) => id);
      expect(await listed({})).toEqual(ids.slice(0, 2));
      expect(await listed({ after: ids[1] })).toEqual(ids.slice(2));
      await expect(store.list({ owner: other, after: ids[1], limit: 2 })).rejects.toMatchObject({
        code: 'invalid_value',
        param: 'after',
      });
      expect(await store.list({ owner: mine, after: ids[2], limit: 2 })).toEqual([]);
      await store.apply(ids[1], { type: 'begin', by: 'r', until });
      await store.apply(ids[1], { type: 'fail', by: 'r', fault: FAULT });
      expect(await listed({ state: 'failed' })).toEqual([ids[1]]);
      await store.apply(ids[1], { type: 'retry' });
      expect(await listed({ state: 'failed' })).toEqual([]);
    },
  },
  {
    name: 'makes one job for an idempotency key and body, ten times at once',
    async check({ store }) {
      const mine = owner();
      const given = job({ owner: mine, idempotency: { key: 'k', digest: 'd' } });
      const made = await Promise.all(Array.from({ length: 10 }, () => store.create(given)));
      expect(new Set(made.map(({ job: { id } }) => id)).size).toBe(1);
      expect(made.filter(({ created }) => created)).toHaveLength(1);
      const other = store.create({ ...given, idempotency: { key: 'k', digest: 'e' } });
      await expect(other).rejects.toMatchObject({ code: 'idempotency_mismatch' });
      expect((await store.made(mine, { key: 'k', digest: 'd' }))!.id).toBe(made[0].job.id);
      await expect(store.made(mine, { key: 'k', digest: 'e' })).rejects.toMatchObject({
        code: 'idempotency_mismatch',
      });
      expect(await store.made(mine, { key: 'other', digest: 'd' })).toBeNull();
      // Idempotency keys belong to an owner.
      const stranger = await store.create({
        ...given,
        owner: owner(),
        idempotency: { key: 'k', digest: 'e' },
      });
      expect(stranger.created).toBe(true);
    },
  },
  {
    name: 'deletes an idempotency key after a day',
    async check({ store, clock }) {
      const given = job({ owner: owner(), idempotency: { key: 'k', digest: 'd' }, createdAt: clock.now });
      const first = await store.create(given);
      clock.now += 24 * 3_600_000 - 1;
      expect((await store.create({ ...given, createdAt: clock.now })).job.id).toBe(first.job.id);
      clock.now += 1;
      const next = await store.create({
        ...given,
        createdAt: clock.now,
        idempotency: { key: 'k', digest: 'e' },
      });
      expect(next.created).toBe(true);
      expect(next.job.id).not.toBe(first.job.id);
    },
  },
  {
    name: 'waits until the next attempt of a job, for at most a day',
    async check({ store, clock }) {
      const { job: made } = await store.create(job({ owner: owner() }));
      expect(made).toMatchObject({ deadline: made.createdAt + 86_400_000, keepMs: 30 * 86_400_000 });
      await store.apply(made.id, { type: 'begin', by: 'r', until });
      expect((await store.apply(made.id, { type: 'hold', by: 'r', until: until + 1 }))!.job.claim).toEqual({
        by: 'r',
        until: until + 1,
      });
      expect((await store.apply(made.id, { type: 'hold', by: 'other', until }))!.refused).toBe('stale');
      await store.apply(made.id, { type: 'release', by: 'r', fault: FAULT, retryAt: until, awaits: true });
      expect((await store.apply(made.id, { type: 'begin', by: 's', until }))!.refused).toBe('waiting');
      const events = await store.events(made.id, 0);
      expect(events.map(({ type }) => type)).toEqual(['queued', 'running', 'queued']);
      await store.apply(made.id, { type: 'fail', fault: FAULT });
      const again = (await store.apply(made.id, { type: 'retry' }))!.job;
      // The deadline is counted from the retry.
      expect(again.deadline).toBe(clock.now + 86_400_000);
    },
  },
  {
    name: 'deletes a job at its expiry, not before',
    async check({ store }) {
      const mine = owner();
      const idempotency = { key: 'k', digest: 'd' };
      const { job: old } = await store.create(job({ owner: mine, idempotency }));
      const { job: other } = await store.create(job({ owner: mine }));
      const ended = (await store.apply(old.id, { type: 'cancel' }))!.job;
      const end = ended.finishedAt! + 30 * 86_400_000;
      expect(await store.expired(end - 1, 1000)).not.toContain(old.id);
      const expired = await store.expired(end, 1000);
      expect(expired).toContain(old.id);
      // A job that has not ended does not expire.
      expect(expired).not.toContain(other.id);
      await store.forget(old.id);
      expect(await store.expired(end, 1000)).not.toContain(old.id);
      expect(await store.find(old.id)).toBeNull();
      expect(await store.load(old.id)).toBeNull();
      expect(await store.events(old.id, 0)).toEqual([]);
      expect(await store.apply(old.id, { type: 'retry' })).toBeNull();
      expect((await store.list({ owner: mine, limit: 5 })).map(({ id }) => id)).toEqual([other.id]);
      // Its idempotency key can be used again.
      const { job: next, created } = await store.create(job({ owner: mine, idempotency }));
      expect([created, next.id === old.id]).toEqual([true, false]);
      await store.forget(old.id);
    },
  },
  {
    name: 'deletes the idempotency keys of yesterday',
    async check({ store, clock }) {
      const mine = owner();
      const given = job({ owner: mine, createdAt: clock.now });
      await store.create({ ...given, idempotency: { key: 'a', digest: 'd' } });
      expect(await store.forgetKeys(clock.now)).toBe(0);
      expect(await store.forgetKeys(clock.now + 24 * 3_600_000)).toBeGreaterThan(0);
      expect(await store.forgetKeys(clock.now + 24 * 3_600_000)).toBe(0);
    },
  },
  {
    name: 'refuses more queued jobs of an owner than the limit',
    async check({ store }) {
      const mine = owner();
      const answers = await Promise.allSettled(
        Array.from({ length: 5 }, (_, i) =>
          store.create(
            job({ owner: mine, ...(i % 2 === 0 && { idempotency: { key: `k${i}`, digest: 'd' } }) }),
          ),
        ),
      );
      const made = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.job] : []));
      const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
      expect(made).toHaveLength(3);
      expect(refused).toMatchObject([{ code: 'too_many_jobs' }, { code: 'too_many_jobs' }]);
      await store.apply(made[0].id, { type: 'cancel' });
      expect((await store.create(job({ owner: mine }))).created).toBe(true);
    },
  },
];

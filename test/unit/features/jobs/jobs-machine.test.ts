import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SoriError } from '../../../../src/base/errors.ts';
import {
  applyCommand,
  isFinal,
  type Job,
  type JobCommand,
  type JobEvent,
  newJob,
} from '../../../../src/features/jobs/machine.ts';
import { nextTry } from '../../../../src/features/jobs/runner/faults.ts';

const FAULT = { code: 'overloaded', message: 'Full.', param: null };
const HEAD = { id: 'job_1', owner: 'a', kind: 'speech', createdAt: 0 };

const runner = fc.constantFrom('ann', 'ben');
const command: fc.Arbitrary<JobCommand> = fc.oneof(
  fc.record({
    type: fc.constant('begin' as const),
    by: runner,
    until: fc.integer({ min: 0, max: 200 }),
    force: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('step' as const),
    by: runner,
    until: fc.integer({ min: 0, max: 200 }),
    index: fc.nat({ max: 4 }),
  }),
  fc.record({ type: fc.constant('release' as const), by: runner, fault: fc.constantFrom(undefined, FAULT) }),
  fc.record({
    type: fc.constant('release' as const),
    by: runner,
    fault: fc.constant(FAULT),
    retryAt: fc.integer({ min: 0, max: 100 }),
    awaits: fc.boolean(),
  }),
  fc.record({ type: fc.constant('hold' as const), by: runner, until: fc.integer({ min: 0, max: 200 }) }),
  fc.record({ type: fc.constant('succeed' as const), by: runner, result: fc.constant({ key: 'k' }) }),
  fc.record({
    type: fc.constant('fail' as const),
    by: fc.option(runner, { nil: undefined }),
    fault: fc.constant(FAULT),
  }),
  fc.constant({ type: 'cancel' as const }),
  fc.constant({ type: 'retry' as const }),
);

/** Runs commands one after the other, one tick apart. */
function play(commands: readonly JobCommand[], steps: number) {
  let { job, event } = newJob({ ...HEAD, steps });
  const jobs: Job[] = [job];
  const events: JobEvent[] = [event];
  for (const [now, each] of commands.entries()) {
    const applied = applyCommand(job, each, now);
    job = applied.job;
    jobs.push(job);
    if (applied.refused === undefined && applied.event) events.push(applied.event);
  }
  return { job, jobs, events };
}

describe('after any sequence of commands', () => {
  const plays = fc.tuple(fc.array(command, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }));

  it('events are numbered from 1 without a gap, and the last has the job’s state', () => {
    fc.assert(
      fc.property(plays, ([commands, steps]) => {
        const { job, events } = play(commands, steps);
        expect(events.map(({ id }) => id)).toEqual(events.map((_, i) => i + 1));
        expect(job.events).toBe(events.length);
        if (isFinal(job.state)) expect(events.at(-1)!.type).toBe(job.state);
        expect(events.at(-1)!.done).toBe(job.done);
      }),
    );
  });

  it('steps are done once each and in order; the job succeeds with the last and stays so', () => {
    fc.assert(
      fc.property(plays, ([commands, steps]) => {
        const { jobs } = play(commands, steps);
        for (const [i, after] of jobs.slice(1).entries()) {
          const before = jobs[i];
          expect([before.done, before.done + 1]).toContain(after.done);
          if (after.state === 'succeeded') expect(after.done).toBe(steps);
          if (before.state === 'succeeded' || before.state === 'cancelled') expect(after).toEqual(before);
          if (before.state === 'failed') expect(['failed', 'queued']).toContain(after.state);
          expect(after.result !== undefined).toBe(after.state === 'succeeded');
          expect(after.finishedAt !== undefined).toBe(isFinal(after.state));
          expect(after.claim !== undefined).toBe(after.state === 'running');
        }
      }),
    );
  });

  it('only the holder of a claim does a step, and an active claim is not taken over', () => {
    fc.assert(
      fc.property(plays, ([commands, steps]) => {
        const { jobs } = play(commands, steps);
        for (const [now, each] of commands.entries()) {
          const [before, after] = [jobs[now], jobs[now + 1]];
          if (each.type === 'step' && after.done > before.done) expect(before.claim?.by).toBe(each.by);
          if (each.type === 'begin' && !each.force && after.attempts > before.attempts) {
            expect(before.retryAt ?? 0).toBeLessThanOrEqual(now);
          }
          if (each.type !== 'begin' || each.force || after.claim?.by === before.claim?.by) continue;
          if (before.claim) expect(before.claim.until).toBeLessThanOrEqual(now);
        }
      }),
    );
  });
});

it('a message that is delivered five times runs once', () => {
  const { job } = newJob({ ...HEAD, steps: 1 });
  const first = applyCommand(job, { type: 'begin', by: 'a', until: 100 }, 1);
  for (const by of ['b', 'c', 'd', 'e']) {
    expect(applyCommand(first.job, { type: 'begin', by, until: 100 }, 2).refused).toBe('busy');
  }
  const stepped = applyCommand(first.job, { type: 'step', by: 'a', until: 100, index: 0 }, 3);
  const again = applyCommand(stepped.job, { type: 'step', by: 'a', until: 100, index: 0 }, 4);
  expect(again.refused).toBe('stale');
  const done = applyCommand(stepped.job, { type: 'succeed', by: 'a', result: {} }, 5);
  expect(done.job.state).toBe('succeeded');
  expect(applyCommand(done.job, { type: 'begin', by: 'b', until: 100 }, 6).refused).toBe('finished');
});

it('a failed job that is retried continues where it stopped', () => {
  const { job } = newJob({ ...HEAD, steps: 2 });
  const { job: failed } = carryOut(job, [
    { type: 'begin', by: 'a', until: 100 },
    { type: 'step', by: 'a', until: 100, index: 0 },
    { type: 'fail', by: 'a', fault: FAULT },
  ]);
  expect(failed).toMatchObject({ state: 'failed', done: 1, fault: FAULT });
  const { job: retried } = carryOut(failed, [{ type: 'retry' }]);
  expect(retried).toMatchObject({ state: 'queued', done: 1, retries: 1, attempts: 0 });
  expect(retried.fault).toBeUndefined();
  expect(applyCommand(retried, { type: 'retry' }, 9).refused).toBe('not_failed');
});

it('waiting for an origin costs no attempt, other failures do', () => {
  const { job } = newJob({ ...HEAD, steps: 1 });
  const begin = { type: 'begin', by: 'a', until: 100, force: true } as const;
  const release = { type: 'release', by: 'a', fault: FAULT, retryAt: 50 } as const;
  const waited = carryOut(job, [begin, { ...release, awaits: true }, begin, { ...release, awaits: true }]);
  expect(waited.job).toMatchObject({ state: 'queued', attempts: 0, waits: 2, retryAt: 50, fault: FAULT });
  expect(applyCommand(waited.job, { ...begin, force: false }, 49).refused).toBe('waiting');
  expect(applyCommand(waited.job, { ...begin, force: false }, 50).job.retryAt).toBeUndefined();
  const failed = carryOut(job, [begin, release, begin, release]);
  expect(failed.job).toMatchObject({ attempts: 2 });
  expect(failed.job.waits).toBeUndefined();
});

describe('the next try', () => {
  const { job } = newJob({ ...HEAD, steps: 1, deadline: 10_000 });
  const options = { now: 1000, maxAttempts: 3, backOff: { firstMs: 10, mostMs: 50 } };
  const away = new SoriError('origin_unavailable', 'Away.');
  const broken = new SoriError('origin_failed', 'Broken.');

  it.each([
    [0, 1010],
    [1, 1020],
    [2, 1040],
    [3, 1050],
    [5000, 1050],
  ])('after %d waits for an origin is at %d', (waits, retryAt) => {
    expect(nextTry({ ...job, waits, attempts: 99 }, away, options)).toEqual({ retryAt, awaits: true });
  });

  it('ends with the deadline while it waits for an origin', () => {
    expect(nextTry(job, away, { ...options, now: 9995 })).toEqual({ retryAt: 10_000, awaits: true });
    expect(nextTry(job, away, { ...options, now: 10_000 })).toBeUndefined();
  });

  it('ends with the attempts for other failures', () => {
    expect(nextTry({ ...job, attempts: 2 }, broken, options)).toEqual({ retryAt: 1020, awaits: false });
    expect(nextTry({ ...job, attempts: 3 }, broken, options)).toBeUndefined();
    expect(nextTry({ ...job, attempts: 1 }, new Error('?'), { ...options, now: 20_000 })).toEqual({
      retryAt: 20_010,
      awaits: false,
    });
  });
});

function carryOut(job: Job, commands: readonly JobCommand[]) {
  return commands.reduce((before, each) => applyCommand(before.job, each, 5), { job } as { job: Job });
}

import { expect, it } from 'vitest';
import { createCallQueue } from '../../../src/inference/queue.ts';
import { deferred } from '../../support/deferred.ts';

it('runs one job at a time, in order', async () => {
  const queue = createCallQueue();
  const log: string[] = [];
  const job = (name: string) =>
    queue(async () => {
      log.push(`${name} starts`);
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`${name} ends`);
      return name;
    });
  expect(await Promise.all([job('a'), job('b'), job('c')])).toEqual(['a', 'b', 'c']);
  expect(log).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
});

it('continues after a job that fails, whether it throws or rejects', async () => {
  const queue = createCallQueue();
  const thrown = queue(() => {
    throw new Error('at once');
  });
  const rejected = queue(async () => Promise.reject(new Error('later')));
  const fine = queue(async () => 1);
  await expect(thrown).rejects.toThrow('at once');
  await expect(rejected).rejects.toThrow('later');
  expect(await fine).toBe(1);
  expect(await queue(async () => 2)).toBe(2);
});

it('never starts a job whose signal aborts before its turn, and does not stop one that runs', async () => {
  const queue = createCallQueue();
  const client = new AbortController();
  const first = deferred<string>();
  let started = false;
  const running = queue(() => first.promise, client.signal);
  const waiting = queue(async () => {
    started = true;
  }, client.signal);
  const behind = queue(async () => 'behind');
  client.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  first.resolve('first');
  expect(await running).toBe('first');
  expect(await behind).toBe('behind');
  expect(started).toBe(false);
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSingleFlight } from '../../../src/base/single-flight.ts';
import { deferred } from '../../support/deferred.ts';

describe('callers that look for the end of shared work', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('are continued by their own timer, and the one that started it by the work itself', async () => {
    const share = createSingleFlight({ pollMs: 10 });
    const gate = deferred<string>();
    const done: string[] = [];
    const ask = async (name: string) => {
      done.push(`${name}: ${await share('key', () => gate.promise)}`);
    };
    const both = [ask('first'), ask('second')];
    gate.resolve('read');
    await vi.advanceTimersByTimeAsync(9);
    expect(done).toEqual(['first: read']);
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all(both);
    expect(done).toEqual(['first: read', 'second: read']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('get the error of the work too', async () => {
    const share = createSingleFlight({ pollMs: 10 });
    const gate = deferred<string>();
    const both = Promise.allSettled([
      share('key', () => gate.promise),
      share('key', () => Promise.resolve('not started')),
    ]);
    gate.reject(new Error('broken'));
    await vi.advanceTimersByTimeAsync(10);
    const reasons = (await both).map((result) => (result as PromiseRejectedResult).reason.message);
    expect(reasons).toEqual(['broken', 'broken']);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHousekeeping, type Housekeeping } from '../../../src/base/housekeeping.ts';
import { startHousekeeping } from '../../../src/origin/housekeeping-timer.ts';
import { deferred } from '../../support/deferred.ts';

const NOW = Date.UTC(2026, 10, 21);

describe('a housekeeping run', () => {
  it('runs all tasks one after another, and logs one line with what each removed', async () => {
    const lines: string[] = [];
    const times: number[] = [];
    const chore = (removed: number) => async (now: number) => {
      times.push(now);
      return removed;
    };
    const housekeeping = createHousekeeping({ jobs: chore(3), nonces: chore(0) }, (line) => lines.push(line));
    expect(await housekeeping.run(NOW)).toEqual({ jobs: 3, nonces: 0 });
    expect(times).toEqual([NOW, NOW]);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { time: '2026-11-21T00:00:00.000Z', level: 'info', housekeeping: { jobs: 3, nonces: 0 } },
    ]);
  });

  it('names a task that fails, and continues with the others', async () => {
    const lines: string[] = [];
    const chores = {
      jobs: () => Promise.reject(new Error('The database is away.')),
      nonces: () => {
        throw new TypeError('not even a promise');
      },
      audio: async () => 2,
    };
    const housekeeping = createHousekeeping(chores, (line) => lines.push(line));
    expect(await housekeeping.run(NOW)).toEqual({ audio: 2 });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        time: '2026-11-21T00:00:00.000Z',
        level: 'error',
        housekeeping: { audio: 2 },
        failed: { jobs: 'The database is away.', nonces: 'not even a promise' },
      },
    ]);
  });

  it('starts no task after its signal aborts', async () => {
    const stopping = new AbortController();
    const chores = {
      first: async () => {
        stopping.abort();
        return 1;
      },
      second: async () => 1,
    };
    expect(await createHousekeeping(chores, () => {}).run(NOW, stopping.signal)).toEqual({ first: 1 });
  });
});

describe('the timer of an origin', () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOW }));
  afterEach(() => void vi.useRealTimers());

  it('runs at once, then an hour after each run ends', async () => {
    const times: number[] = [];
    const housekeeping: Housekeeping = {
      async run(now) {
        times.push(now);
        return {};
      },
    };
    const timer = startHousekeeping(housekeeping);
    await vi.advanceTimersByTimeAsync(3_599_999);
    expect(times).toEqual([NOW]);
    await vi.advanceTimersByTimeAsync(1);
    expect(times).toEqual([NOW, NOW + 3_600_000]);
    await timer.stop();
    await vi.advanceTimersByTimeAsync(10 * 3_600_000);
    expect(times).toHaveLength(2);
  });

  it('stop() waits for the running task, and starts no other task or run', async () => {
    const chore = deferred<number>();
    const second = vi.fn(async () => 0);
    const timer = startHousekeeping(createHousekeeping({ first: () => chore.promise, second }, () => {}));
    const stopped = vi.fn();
    const stopping = timer.stop().then(stopped);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(stopped).not.toHaveBeenCalled();
    chore.resolve(1);
    await stopping;
    await vi.advanceTimersByTimeAsync(10 * 3_600_000);
    expect(second).not.toHaveBeenCalled();
  });
});

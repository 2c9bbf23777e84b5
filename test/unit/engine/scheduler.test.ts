import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ScheduledWork, Scheduler, type WorkRequest } from '../../../src/engine/scheduler.ts';
import { deferred } from '../../support/deferred.ts';

/** Milliseconds that a step takes on the clock of these tests. */
const STEP = 100;

let clock: number;
let order: string[];
let scheduler: Scheduler;

const make = (options: ConstructorParameters<typeof Scheduler>[0] = {}) =>
  new Scheduler({ now: () => clock, pause: () => new Promise(setImmediate), ...options });

beforeEach(() => {
  clock = 0;
  order = [];
  scheduler = make();
});

/** Runs `steps` steps one after another and records each. */
async function speak(
  name: string,
  steps: number,
  request: Partial<WorkRequest> = {},
  ms = STEP,
): Promise<void> {
  const work = scheduler.enter({ client: name, characters: 1000, ...request });
  try {
    for (let i = 0; i < steps; i++) {
      await work.step(async () => {
        order.push(name);
        clock += ms;
      });
    }
  } finally {
    work.end();
  }
}

/** Blocks the engine until it is released, so that work started meanwhile is queued together. */
function held(): { release: () => Promise<void> } {
  const gate = deferred<void>();
  const work = scheduler.enter({ client: 'gate', characters: 1000 });
  const step = work.step(() => gate.promise);
  return {
    release: async () => {
      gate.resolve();
      await step;
      work.end();
    },
  };
}

const SHORT = { characters: 20 };

describe('pauses after interactive steps', () => {
  /** Pauses of the scheduler while a short text takes so many steps. */
  async function pausesOf(steps: number, ms: number): Promise<number> {
    let pauses = 0;
    scheduler = make({
      pause: async () => {
        pauses++;
        await new Promise(setImmediate);
      },
    });
    await speak('short', steps, SHORT, ms);
    return pauses;
  }

  it('come after every fifth short step', async () => {
    expect(await pausesOf(10, 1)).toBe(2);
  });

  it('come after every fifth step where the clock stands still', async () => {
    expect(await pausesOf(10, 0)).toBe(2);
  });

  it('come after every step that is not short', async () => {
    expect(await pausesOf(6, 32)).toBe(6);
  });

  it.each([
    ['wake each other', undefined],
    ['look for their turn', 0],
  ])('stop the steps of all requests, where requests %s', async (_, pollMs) => {
    let pausing = 0;
    scheduler = make({
      pollMs,
      pause: async () => {
        pausing++;
        for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
        pausing--;
      },
    });
    const phrase = async (): Promise<number> => {
      const work = scheduler.enter({ client: 'a', characters: 20 });
      let during = 0;
      for (let step = 0; step < 8; step++) {
        await work.step(async () => {
          if (pausing > 0) during++;
          clock += 10;
        });
      }
      work.end();
      return during;
    };
    expect(await Promise.all([phrase(), phrase(), phrase(), phrase()])).toEqual([0, 0, 0, 0]);
  });

  it('come after every step while long work waits, which would else go before the next step', async () => {
    const long = scheduler.enter({ client: 'long', characters: 1000 });
    const gate = held();
    const steps = speak('short', 4, SHORT, 1);
    const waiting = long.step(async () => {
      order.push('long');
    });
    await gate.release();
    await Promise.all([steps, waiting]);
    long.end();
    expect(order).toEqual(['short', 'short', 'short', 'short', 'long']);
  });
});

describe('requests that look for their turn', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    scheduler = make({ pollMs: 60_000 });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('are not continued by the end of another request, but by their own timer', async () => {
    const gate = held();
    const next = speak('next', 1);
    await gate.release();
    await vi.advanceTimersByTimeAsync(59_000);
    expect(order).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    await next;
    expect(order).toEqual(['next']);
  });

  it('look less often the more work is before them, and the next one still at every interval', async () => {
    let looks = 0;
    scheduler = make({
      pollMs: 1_000,
      now: () => {
        looks++;
        return clock;
      },
    });
    const gate = held();
    const waiting = Array.from({ length: 20 }, (_, i) => speak(`client ${i}`, 1, SHORT));
    looks = 0;
    await vi.advanceTimersByTimeAsync(160_000);
    expect(looks).toBeGreaterThanOrEqual(2 * 160);
    expect(looks).toBeLessThan((20 * 160) / 3);
    await gate.release();
    await vi.advanceTimersByTimeAsync(1_000);
    // The first step comes after a pause.
    await new Promise(setImmediate);
    expect(order).toEqual(['client 0']);
    await vi.advanceTimersByTimeAsync(19 * 40_000);
    await Promise.all(waiting);
    expect(order).toEqual(Array.from({ length: 20 }, (_, i) => `client ${i}`));
  });

  it('begin at once when nothing else runs', async () => {
    const alone = speak('alone', 1, SHORT);
    await vi.advanceTimersByTimeAsync(0);
    await alone;
    expect(order).toEqual(['alone']);
  });

  it('pass over a request that has ended without a word', async () => {
    const gate = held();
    void speak('cancelled', 1, SHORT);
    // In workerd the timers of a request end with it.
    vi.clearAllTimers();
    const next = speak('next', 1);
    await gate.release();
    clock += 60_000;
    await vi.advanceTimersByTimeAsync(60_000);
    await next;
    expect(order).toEqual(['next']);
  });
});

describe.each([
  { how: 'wake each other', pollMs: undefined },
  { how: 'look for their turn', pollMs: 0 },
])('turns of requests that $how', ({ pollMs }) => {
  beforeEach(() => {
    scheduler = make({ pollMs });
  });

  it('a request that passes through several events waits for one step of long work', async () => {
    const long = speak('long', 3);
    await new Promise(setImmediate);
    for (let event = 0; event < 3; event++) await new Promise(setImmediate);
    order.push('answered');
    await long;
    expect(order).toEqual(['long', 'answered', 'long', 'long']);
  });

  it('between the last steps of requests that end one after the other, the event loop has a turn', async () => {
    let turn = 0;
    let counting = true;
    const count = () => {
      turn++;
      if (counting) setImmediate(count);
    };
    const gate = held();
    const turns: number[] = [];
    const ending = Array.from({ length: 8 }, async (_, i) => {
      const work = scheduler.enter({ client: `client ${i}`, characters: 1000 });
      await work.step(async () => turns.push(turn));
      work.end();
    });
    count();
    await gate.release();
    await Promise.all(ending);
    counting = false;
    expect(new Set(turns).size).toBe(8);
  });

  it('a short phrase runs right after the current step of long work', async () => {
    const gate = held();
    const long = Array.from({ length: 16 }, (_, i) => speak(`long ${i}`, 20));
    const short = speak('short', 3, SHORT);
    await gate.release();
    await short;
    expect(order.slice(0, 3)).toEqual(['short', 'short', 'short']);
    await Promise.all(long);
    expect(order).toHaveLength(16 * 20 + 3);
  });

  it('a request that comes later waits for one step, however much is waiting', async () => {
    let phrase: Promise<void> | undefined;
    const first = scheduler.enter({ client: 'a', characters: 1000 });
    const step = first.step(async () => {
      phrase = speak('short', 1, SHORT);
    });
    const others = Array.from({ length: 32 }, (_, i) => speak(`long ${i}`, 4));
    await step;
    first.end();
    await phrase;
    expect(order.indexOf('short')).toBeLessThanOrEqual(1);
    await Promise.all(others);
  });

  it('equal clients get equal shares, however many requests each sends', async () => {
    const gate = held();
    // One asks for eight texts, the other for one.
    const greedy = Array.from({ length: 8 }, () => speak('greedy', 10));
    const modest = speak('modest', 10);
    await gate.release();
    await modest;
    const share = order.filter((name) => name === 'greedy').length;
    expect(share).toBeGreaterThanOrEqual(9);
    expect(share).toBeLessThanOrEqual(11);
    await Promise.all(greedy);
  });

  it('shares are measured in time, not in steps', async () => {
    const gate = held();
    const slow = speak('slow', 5, {}, 4 * STEP);
    const quick = speak('quick', 20, {}, STEP);
    await gate.release();
    await Promise.all([slow, quick]);
    const half = order.slice(0, 10);
    expect(half.filter((name) => name === 'slow').length).toBeLessThanOrEqual(3);
  });

  it('a client that comes late gets no compensation for the time before', async () => {
    await speak('early', 50);
    const gate = held();
    const both = [speak('early', 4), speak('late', 4)];
    await gate.release();
    await Promise.all(both);
    expect(
      order
        .slice(50)
        .slice(0, 4)
        .filter((name) => name === 'late'),
    ).toHaveLength(2);
  });

  it('short phrases do not starve long work', async () => {
    const gate = held();
    const long = speak('long', 2);
    const short = Array.from({ length: 30 }, (_, i) => speak(`short ${i}`, 1, SHORT));
    await gate.release();
    await Promise.all([long, ...short]);
    expect(order.indexOf('long')).toBe(8);
    expect(order.lastIndexOf('long')).toBe(17);
  });

  it('background work never runs before requests', async () => {
    const gate = held();
    const both = [speak('job', 2, { ...SHORT, background: true }), speak('phrase', 2, SHORT)];
    await gate.release();
    await Promise.all(both);
    expect(order).toEqual(['phrase', 'phrase', 'job', 'job']);
  });

  it('as many steps run at once as configured', async () => {
    scheduler = make({ concurrency: 3, pollMs });
    const gates = Array.from({ length: 5 }, () => deferred<void>());
    let running = 0;
    let most = 0;
    const all = gates.map(async ({ promise }, i) => {
      const work = scheduler.enter({ client: `c${i}`, characters: 10 });
      await work.step(async () => {
        most = Math.max(most, ++running);
        await promise;
        running--;
      });
      work.end();
    });
    for (const { resolve } of gates) resolve();
    await Promise.all(all);
    expect(most).toBe(3);
  });
});

describe('cancellation', () => {
  it('a waiting client that disconnects frees its place at once', async () => {
    const gate = held();
    const left = new AbortController();
    const gone = speak('gone', 3, { signal: left.signal });
    const stays = speak('stays', 1);
    expect(scheduler.size).toBe(3);
    left.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    expect(scheduler.size).toBe(2);
    await gate.release();
    await stays;
    expect(order).toEqual(['stays']);
  });

  it('a client that disconnects as its turn comes passes the turn on', async () => {
    const gate = held();
    const left = new AbortController();
    const gone = speak('gone', 1, { ...SHORT, signal: left.signal });
    const stays = speak('stays', 1, SHORT);
    const released = gate.release();
    left.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    await Promise.all([released, stays]);
    expect(order).toEqual(['stays']);
  });

  it('a step that fails passes the turn on', async () => {
    const work = scheduler.enter({ characters: 1 });
    await expect(work.step(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    work.end();
    await speak('next', 1);
    expect(order).toEqual(['next']);
  });
});

describe('the bound on waiting', () => {
  const options = { maxWaitMs: { interactive: 1000, long: 5000 } };
  // Before the first measurement, a character is estimated at 15 ms.
  const fill = (count: number, characters: number): ScheduledWork[] =>
    Array.from({ length: count }, (_, i) => scheduler.enter({ client: `c${i}`, characters }));

  it('refuses requests that would wait too long, with Retry-After', () => {
    scheduler = make(options);
    fill(1, 200);
    let thrown: { code?: string; retryAfterSeconds?: number } = {};
    try {
      scheduler.enter({ characters: 20 });
    } catch (error) {
      thrown = error as typeof thrown;
    }
    // 200 queued characters take 3 s, which is 2 s more than this request may wait.
    expect([thrown.code, thrown.retryAfterSeconds]).toEqual(['queue_full', 2]);
  });

  it('counts only short phrases for a short phrase', () => {
    scheduler = make({ maxWaitMs: { interactive: 1000, long: 60_000 } });
    fill(30, 4000);
    expect(scheduler.expectedWaitMs(true)).toBe(0);
    expect(() => scheduler.enter({ characters: 20 })).not.toThrow();
  });

  it('accepts requests again as work progresses or ends', () => {
    scheduler = make(options);
    const [one, two] = fill(2, 60);
    expect(() => scheduler.enter({ characters: 20 })).toThrow(/try again in 1 s/);
    one.done(60);
    expect(() => scheduler.enter({ characters: 20 }).end()).not.toThrow();
    two.end();
    expect(scheduler.expectedWaitMs(true)).toBe(0);
  });

  it('measures how long a character takes', async () => {
    for (let i = 0; i < 60; i++) {
      const work = scheduler.enter({ characters: 10 });
      await work.step(async () => {
        clock += 1000;
      });
      work.done(10);
      work.end();
    }
    scheduler.enter({ characters: 10 });
    expect(scheduler.expectedWaitMs(true)).toBeCloseTo(1000, -1.5);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBatcher } from '../../../src/engine/batching/batcher.ts';
import { type BatchBounds, chooseBatch, type WaitingRun } from '../../../src/engine/batching/choose.ts';
import { lengthOf, splitRows, stackRows } from '../../../src/engine/batching/stack.ts';
import type { Tensors } from '../../../src/inference/backend.ts';
import { deferred } from '../../support/deferred.ts';

const floats = (data: number[], ...dims: number[]) =>
  ({ type: 'float32', data: Float32Array.from(data), dims }) as const;

/** A row of `length` positions: one curve, two channels, and a style. */
const row = (length: number, value: number): Tensors => ({
  curve: floats(
    Array.from({ length }, (_, t) => value + t),
    1,
    length,
  ),
  frames: floats(
    Array.from({ length: 2 * length }, (_, i) => value * i),
    1,
    length,
    2,
  ),
  style: floats([value, -value], 1, 2),
  ids: { type: 'int64', data: BigInt64Array.from({ length }, (_, t) => BigInt(t)), dims: [1, length] },
});
/** A float tensor's values. */
const numbers = ({ data }: Tensors[string]) => Array.from(data as Float32Array);
const TIMED = ['curve', 'frames', 'ids'];

describe('rows of a batch', () => {
  it('are padded with their last position to a multiple of 16, with a mask of the real positions', () => {
    const stacked = stackRows([row(3, 1), row(17, 2)], TIMED);
    expect(stacked.curve.dims).toEqual([2, 32]);
    expect(stacked.frames.dims).toEqual([2, 32, 2]);
    expect(stacked.ids.dims).toEqual([2, 32]);
    expect(stacked.style).toEqual(floats([1, -1, 2, -2], 2, 2));
    expect([...stacked.curve.data.slice(0, 5)]).toEqual([1, 2, 3, 3, 3]);
    expect([...stacked.mask.data]).toEqual([
      ...Array.from({ length: 32 }, (_, t) => (t < 3 ? 1 : 0)),
      ...Array.from({ length: 32 }, (_, t) => (t < 17 ? 1 : 0)),
    ]);
  });

  it('are separated without loss', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(lengths, (lengths) => {
        const rows = lengths.map((length, i) => row(length, i + 1));
        const { mask: _, style: __, ...timed } = stackRows(rows, TIMED);
        const apart = splitRows(timed, lengths);
        expect(apart).toEqual(rows.map(({ style: _, ...own }) => own));
        expect(apart.map((own) => lengthOf(own, TIMED))).toEqual(lengths);
      }),
    );
  });
});

const BOUNDS: BatchBounds = { maxRows: 8, maxDelayMs: 4 };
const IDLE = { batches: 0, running: 0, returning: 0 };
const waits = (lane: string, length = 100, since = 0): WaitingRun => ({ lane, length, since });
const many = (count: number, lane: string, length = 100) =>
  Array.from({ length: count }, () => waits(lane, length));

describe('the choice of a batch', () => {
  it('runs a single request at once', () => {
    expect(chooseBatch([waits('a')], IDLE, 0, BOUNDS)).toEqual({ batch: [waits('a')] });
    expect(chooseBatch([], IDLE, 0, BOUNDS)).toEqual({ batch: [] });
    expect(chooseBatch([waits('a')], { ...IDLE, batches: 1, running: 1 }, 0, BOUNDS)).toEqual({
      batch: [waits('a')],
    });
  });

  it('waits for requests that will continue, up to its limit', () => {
    const returning = { ...IDLE, returning: 7 };
    expect(chooseBatch([waits('a')], returning, 1, BOUNDS)).toEqual({ waitMs: 3 });
    expect(chooseBatch([waits('a')], returning, 4, BOUNDS)).toEqual({ batch: [waits('a')] });
    expect(chooseBatch(many(4, 'a'), returning, 1, BOUNDS)).toEqual({ batch: many(4, 'a') });
  });

  it('takes a third of the active requests, so that one batch runs while the next is filled', () => {
    expect(chooseBatch(many(9, 'a'), IDLE, 0, BOUNDS)).toEqual({ batch: many(3, 'a') });
    expect(chooseBatch(many(60, 'a'), IDLE, 0, BOUNDS)).toEqual({ batch: many(8, 'a') });
    expect(chooseBatch(many(4, 'a'), { batches: 1, running: 4, returning: 4 }, 0, BOUNDS)).toEqual({
      batch: many(4, 'a'),
    });
  });

  it('collects requests while the runtime is busy, and queues no third batch', () => {
    const working = { batches: 1, running: 6, returning: 6 };
    expect(chooseBatch(many(2, 'a'), working, 100, BOUNDS)).toEqual({ batch: [] });
    expect(chooseBatch(many(20, 'a'), { ...working, batches: 2 }, 100, BOUNDS)).toEqual({ batch: [] });
  });

  it('takes the fullest lane, unless a request has waited too long', () => {
    const waiting = [waits('a'), ...many(5, 'b')];
    expect(chooseBatch(waiting, IDLE, 30, BOUNDS)).toEqual({ batch: many(2, 'b') });
    expect(chooseBatch(waiting, IDLE, 41, BOUNDS)).toEqual({ batch: [waits('a')] });
  });

  it('leaves out requests that need too much padding', () => {
    const waiting = [waits('a', 100), waits('a', 400), waits('a', 105), waits('a', 97)];
    const choice = chooseBatch(waiting, { ...IDLE, returning: 5 }, 0, BOUNDS);
    expect(choice).toEqual({ batch: [waiting[0], waiting[2], waiting[3]] });
  });

  it('never exceeds the maximum batch, and always makes progress', () => {
    const run = fc.record({
      lane: fc.constantFrom('a', 'b', 'c'),
      length: fc.integer({ min: 1, max: 20_000 }),
      since: fc.integer({ min: 0, max: 100 }),
    });
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 40 }), fc.nat(40), (runs, returning) => {
        const waiting = runs.sort((a, b) => a.since - b.since);
        const choice = chooseBatch(waiting, { ...IDLE, returning }, 1000, BOUNDS);
        if ('waitMs' in choice) throw new Error('nobody waits that long');
        const { batch } = choice;
        expect(batch.length).toBeGreaterThan(0);
        expect(batch.length).toBeLessThanOrEqual(BOUNDS.maxRows);
        expect(new Set(batch.map(({ lane }) => lane)).size).toBe(1);
        const longest = Math.max(...batch.map(({ length }) => length));
        if (batch.length > 1) expect(batch.length * longest).toBeLessThanOrEqual(8192);
      }),
    );
  });
});

describe('a batcher', () => {
  /** A graph that adds 1 to every position and records its inputs. */
  function graph(key = 'a') {
    const runs: Tensors[] = [];
    const state = { gate: Promise.resolve() as Promise<unknown>, fails: (_: Tensors) => false };
    const run = async (stacked: Tensors): Promise<Tensors> => {
      runs.push(stacked);
      await state.gate;
      if (state.fails(stacked)) throw new Error('not this one');
      const { curve } = stacked;
      return {
        y: floats(
          numbers(curve).map((value) => value + 1),
          ...curve.dims,
        ),
      };
    };
    return { runs, state, graph: { key, timed: ['curve'], run } };
  }
  const curve = (length: number, value: number): Tensors => ({
    curve: floats(new Array(length).fill(value), 1, length),
  });
  /** A batcher with a constant clock. Waits end at once, or with `byHand` when `due` is called. */
  const clocked = ({ byHand = false } = {}) => {
    const clock = { now: 0, due: undefined as (() => void) | undefined };
    const batcher = createBatcher({
      ...BOUNDS,
      now: () => clock.now,
      pause: async () => {},
      timer: (callback, milliseconds) => {
        clock.due = () => {
          clock.due = undefined;
          clock.now += milliseconds;
          callback();
        };
        if (!byHand) queueMicrotask(() => clock.due?.());
        return () => {
          clock.due = undefined;
        };
      },
    });
    return { clock, batcher };
  };

  it('gives each request of a batch its own result', async () => {
    const { batcher } = clocked();
    const { graph: adds, runs } = graph();
    const lengths = Array.from({ length: 30 }, (_, i) => 90 + i);
    const answers = await Promise.all(lengths.map((length, i) => batcher.run(adds, curve(length, i))));
    for (const [i, { y }] of answers.entries()) {
      expect(y.dims).toEqual([1, lengths[i]]);
      expect(new Set(numbers(y))).toEqual(new Set([i + 1]));
    }
    expect(runs.length).toBeLessThan(lengths.length / 2);
    expect(batcher.counts).toEqual({ batches: runs.length, rows: lengths.length });
  });

  it('collects requests while the runtime works', async () => {
    const { batcher } = clocked();
    const { graph: adds, runs, state } = graph();
    const gate = deferred<void>();
    state.gate = gate.promise;
    const first = batcher.run(adds, curve(10, 0));
    const others = Array.from({ length: 8 }, (_, i) => batcher.run(adds, curve(10, i)));
    // One request runs and one is queued.
    expect(runs.map(({ curve }) => curve.dims[0])).toEqual([1, 1]);
    gate.resolve();
    await Promise.all([first, ...others]);
    // A batch has at most a third of the nine active requests: three.
    expect(runs.map(({ curve }) => curve.dims[0]).slice(2, 3)).toEqual([3]);
  });

  it('waits for recently active requests, up to a limit', async () => {
    const { batcher, clock } = clocked({ byHand: true });
    const { graph: adds, runs } = graph();
    const before = [0, 1, 2, 3, 4, 5].map((i) => batcher.run(adds, curve(10, i)));
    await Promise.all(before);
    const count = runs.length;
    const early = batcher.run(adds, curve(10, 0));
    expect(runs.length).toBe(count);
    clock.due?.();
    expect(runs.length).toBe(count + 1);
    await early;
    // After a second without requests the batcher does not wait for more.
    clock.now += 1000;
    await batcher.run(adds, curve(10, 0));
    expect(runs.length).toBe(count + 2);
  });

  it('removes only requests that abort before they begin', async () => {
    const { batcher } = clocked();
    const { graph: adds, state, runs } = graph();
    const gate = deferred<void>();
    state.gate = gate.promise;
    const client = new AbortController();
    const running = batcher.run(adds, curve(10, 1), client.signal);
    const next = batcher.run(adds, curve(10, 1));
    const waiting = batcher.run(adds, curve(10, 2), client.signal);
    const other = batcher.run(adds, curve(10, 3));
    client.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await expect(batcher.run(adds, curve(10, 4), client.signal)).rejects.toThrow('gone');
    gate.resolve();
    expect([...(await running).y.data][0]).toBe(2);
    expect([...(await next).y.data][0]).toBe(2);
    expect([...(await other).y.data][0]).toBe(4);
    expect(runs.map(({ curve }) => curve.dims[0])).toEqual([1, 1, 1]);
  });

  it('fails only the request that caused the error', async () => {
    const { batcher } = clocked();
    const { graph: adds, state } = graph();
    state.fails = ({ curve }) => numbers(curve).includes(3);
    const runs = Array.from({ length: 9 }, (_, i) => batcher.run(adds, curve(10, i)));
    const ends = await Promise.allSettled(runs);
    expect(ends.map(({ status }) => status === 'rejected')).toEqual(
      Array.from({ length: 9 }, (_, i) => i === 3),
    );
    expect([...(await batcher.run(adds, curve(10, 5))).y.data][0]).toBe(6);
  });

  it('does not mix graphs', async () => {
    const { batcher } = clocked();
    const [a, b] = [graph('a'), graph('b')];
    await Promise.all(
      Array.from({ length: 12 }, (_, i) => batcher.run(i % 2 ? a.graph : b.graph, curve(10, i % 2))),
    );
    for (const [i, { runs }] of [b, a].entries()) {
      for (const { curve, mask } of runs) {
        const real = numbers(curve).filter((_, at) => mask.data[at] === 1);
        expect(new Set(real)).toEqual(new Set([i]));
      }
    }
  });
});

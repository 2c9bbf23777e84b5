import type { Tensors } from '../../inference/backend.ts';
import { type BatchBounds, chooseBatch, type WaitingRun } from './choose.ts';
import { lengthOf, splitRows, stackRows } from './stack.ts';

/** How to batch. */
export interface BatchingOptions extends BatchBounds {
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** Calls back after this many milliseconds; returns a function that cancels it. */
  readonly timer?: (callback: () => void, milliseconds: number) => () => void;
  /** Lets the event loop take its turn. */
  readonly pause?: () => Promise<void>;
}

/** A graph that takes several rows. */
export interface BatchedGraph {
  /** Runs of the same key may go together. */
  readonly key: string;
  /** Inputs with time as their second axis. */
  readonly timed: readonly string[];
  /** Runs the graph on [B, …]. */
  run(stacked: Tensors): Promise<Tensors>;
}

/** Lets runs that wait together run together. */
export interface Batcher {
  /**
   * Runs one row, possibly in a batch with others, which do not change its result.
   * @throws what the graph's run throws; the signal's reason, when it aborts before the run starts.
   */
  run(graph: BatchedGraph, inputs: Tensors, signal?: AbortSignal): Promise<Tensors>;
  /** Batches run so far, and the rows in them. */
  readonly counts: { readonly batches: number; readonly rows: number };
}

/** Milliseconds for which the request of an ended run is expected to ask for its next stage. */
const RETURN_MS = 50;

interface Waiting extends WaitingRun {
  readonly graph: BatchedGraph;
  readonly inputs: Tensors;
  /** Called when its run begins, after which it can't be called off. */
  begin(): void;
  resolve(outputs: Tensors): void;
  reject(fault: unknown): void;
}

/**
 * Makes a batcher: while the runtime works, runs gather; when it is free, those of one graph that are about as long go together
 * (dynamic batching). A lone client never waits for others.
 */
export function createBatcher(options: BatchingOptions): Batcher {
  const { now = () => performance.now(), timer = startTimer, pause = turn } = options;
  const waiting: Waiting[] = [];
  const counts = { batches: 0, rows: 0 };
  /** End times of runs whose requests have not asked for their next stage yet; oldest first. */
  let ended: number[] = [];
  const underWay = { batches: 0, running: 0 };
  let callOff: (() => void) | undefined;

  function next(): void {
    callOff?.();
    callOff = undefined;
    const time = now();
    ended = ended.filter((end) => time - end < RETURN_MS);
    const choice = chooseBatch(waiting, { ...underWay, returning: ended.length }, time, options);
    if ('waitMs' in choice) {
      callOff = timer(next, choice.waitMs);
      return;
    }
    if (choice.batch.length === 0) return;
    for (const run of choice.batch) {
      waiting.splice(waiting.indexOf(run), 1);
      run.begin();
    }
    void runBatch(choice.batch);
    next();
  }

  async function runBatch(batch: readonly Waiting[]): Promise<void> {
    counts.batches++;
    counts.rows += batch.length;
    underWay.batches++;
    underWay.running += batch.length;
    let settle: (() => void)[];
    try {
      const outputs = await together(batch);
      settle = batch.map((run, row) => () => run.resolve(outputs[row]));
    } catch (fault) {
      settle = batch.length === 1 ? [() => batch[0].reject(fault)] : await eachAlone(batch);
    }
    underWay.batches--;
    underWay.running -= batch.length;
    const time = now();
    ended.push(...batch.map(() => time));
    // The next batch is submitted first: the runtime computes it while the event loop handles the results of this one.
    next();
    for (const settleOne of settle) {
      settleOne();
      await pause();
    }
  }

  return {
    counts,
    run: (graph, inputs, signal) =>
      new Promise<Tensors>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const leave = () => {
          waiting.splice(waiting.indexOf(run), 1);
          reject(signal?.reason);
        };
        const run: Waiting = {
          lane: graph.key,
          length: lengthOf(inputs, graph.timed),
          since: now(),
          graph,
          inputs,
          begin: () => signal?.removeEventListener('abort', leave),
          resolve,
          reject,
        };
        signal?.addEventListener('abort', leave, { once: true });
        ended.shift();
        waiting.push(run);
        next();
      }),
  };
}

async function together(batch: readonly Waiting[]): Promise<Tensors[]> {
  const [{ graph }] = batch;
  const stacked = stackRows(
    batch.map(({ inputs }) => inputs),
    graph.timed,
  );
  return splitRows(
    await graph.run(stacked),
    batch.map(({ length }) => length),
  );
}

/** After a failure: only the run that is at fault is to fail. */
async function eachAlone(batch: readonly Waiting[]): Promise<(() => void)[]> {
  const settle: (() => void)[] = [];
  for (const run of batch) {
    try {
      const [outputs] = await together([run]);
      settle.push(() => run.resolve(outputs));
    } catch (fault) {
      settle.push(() => run.reject(fault));
    }
  }
  return settle;
}

const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

function startTimer(callback: () => void, milliseconds: number): () => void {
  const timer = setTimeout(callback, milliseconds);
  return () => clearTimeout(timer);
}

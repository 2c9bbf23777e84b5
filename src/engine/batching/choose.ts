import { paddedLength } from './stack.ts';

/** A run that waits for others. */
export interface WaitingRun {
  /** Runs of the same lane may go together: the graph's hash. */
  readonly lane: string;
  /** Positions along time. */
  readonly length: number;
  /** Milliseconds of the batcher's clock. */
  readonly since: number;
}

/** Bounds of a batch. */
export interface BatchBounds {
  /** Most runs that go together. */
  readonly maxRows: number;
  /** Milliseconds that a run waits, at most, for others to come while the runtime is idle. */
  readonly maxDelayMs: number;
  /** Largest ratio of padded to real positions of a batch; default 1.3, because on a CPU padding costs as much as speech. */
  readonly maxPadding?: number;
}

/** Positions of all rows together, padding included, at most: bounds a batch's memory and how long it occupies the runtime. One row may have more. */
const MAX_POSITIONS = 8192;
/** Delays after which a run goes next, however few would go with it. */
const PATIENCE = 10;

/** Other work in progress. */
export interface UnderWay {
  /** Batches that the runtime has: one that it works on, and perhaps one more. */
  readonly batches: number;
  /** Rows of those. */
  readonly running: number;
  /** Runs that have just ended, whose requests will soon need their next stage. */
  readonly returning: number;
}

/** Batches that may be queued in the runtime: it continues with the second while the event loop handles the results of the first. */
export const DEPTH = 2;

/**
 * Decides whether the runtime gets more, and what.
 * @param waiting in order of arrival.
 * @returns the runs that go together now, none if it is to be asked again when something has changed; or, when it is worth waiting for more,
 * the milliseconds to wait at most.
 */
export function chooseBatch<Run extends WaitingRun>(
  waiting: readonly Run[],
  { batches, running, returning }: UnderWay,
  now: number,
  { maxRows, maxDelayMs, maxPadding = 1.3 }: BatchBounds,
): { readonly batch: readonly Run[] } | { readonly waitMs: number } {
  const [oldest] = waiting;
  if (!oldest || batches >= DEPTH) return { batch: [] };
  // A third of those under way: one third is worked on, one is next, one is with the event loop (waveforms, codecs, sockets).
  const underWay = waiting.length + running + returning;
  const wanted = Math.max(1, Math.min(maxRows, Math.ceil(underWay / (DEPTH + 1))));
  const waited = now - oldest.since;
  if (waiting.length < wanted && batches > 0) return { batch: [] };
  if (waiting.length < wanted && waited < maxDelayMs) return { waitMs: maxDelayMs - waited };
  const lane = waited > PATIENCE * maxDelayMs ? oldest.lane : fullest(waiting);
  return { batch: fitting(waiting.filter((run) => run.lane === lane).slice(0, maxRows), wanted, maxPadding) };
}

/** The lane with the most waiting requests; among equals, the one with the earliest request. */
function fullest(waiting: readonly WaitingRun[]): string {
  const counts = new Map<string, number>();
  for (const { lane } of waiting) counts.set(lane, (counts.get(lane) ?? 0) + 1);
  let [best] = counts.keys();
  for (const [lane, count] of counts) if (count > (counts.get(best) ?? 0)) best = lane;
  return best;
}

/** The first of a lane, and those after it that are about as long. */
function fitting<Run extends WaitingRun>(runs: readonly Run[], wanted: number, maxPadding: number): Run[] {
  const batch: Run[] = [];
  let longest = 0;
  let real = 0;
  for (const run of runs) {
    if (batch.length === wanted) break;
    const length = paddedLength(run.length);
    const padded = (batch.length + 1) * Math.max(longest, length);
    if (batch.length > 0 && (padded > MAX_POSITIONS || padded > maxPadding * (real + length))) continue;
    batch.push(run);
    longest = Math.max(longest, length);
    real += length;
  }
  return batch;
}

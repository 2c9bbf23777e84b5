import { atOnce, type Work } from '../../base/turns.ts';
import { framesOf, RATE } from './mel.ts';
import { MAX_LAG, MIN_LAG, type PeriodDifference, periodDifferences } from './period-difference.ts';

/** Dips kept of each frame, and the cost of an unvoiced frame. */
const CANDIDATES = 6;
const BLOCKED = 10;
/** The state after the dips: no pitch. */
const UNVOICED = CANDIDATES;
/** Costs of having no pitch, of beginning or ending one, of a jump of ln F0 by 1, of each octave that a lag is longer. */
const UNVOICED_COST = 0.4;
const SWITCH_COST = 0.15;
const JUMP_COST = 1;
const LONG_LAG_COST = 0.02;
/** Frames worked on at a stretch: some milliseconds. */
const FRAMES_AT_ONCE = 32;
/** Mean square below which nothing has a pitch. */
const QUIETEST = 1e-5;

interface Candidates {
  /** ln F0 of each dip. */
  readonly pitch: Float64Array;
  readonly cost: Float64Array;
}

/**
 * Fundamental frequency: the cheapest path (Viterbi) through the dips of YIN's difference and a state without pitch. Noisy and
 * band-limited recordings rarely dip below YIN's own threshold where they are plainly voiced; a path needs none.
 * Equals `track_pitch` of scripts/train/features.py.
 * @param samples mono, 24 kHz, at about the loudness of the training data: what is below -50 dBFS has no pitch.
 * @returns [frames] Hz, 0 where unvoiced.
 */
export function trackPitch(samples: Float32Array, frames = framesOf(samples)): Float32Array {
  return atOnce(pitchWork(samples, frames));
}

/** {@link trackPitch}, part by part. */
export function* pitchWork(samples: Float32Array, frames = framesOf(samples)): Work<Float32Array> {
  const steps: Candidates[] = [];
  const back: Uint8Array[] = [];
  let total = new Float64Array(CANDIDATES + 1);
  for (const difference of periodDifferences(samples, frames)) {
    const step = candidatesOf(difference);
    const before = steps.at(-1);
    const from = new Uint8Array(CANDIDATES + 1);
    if (before) total = advance(total, before, step, from);
    for (let k = 0; k < CANDIDATES; k++) total[k] += step.cost[k];
    total[UNVOICED] += UNVOICED_COST;
    steps.push(step);
    back.push(from);
    if (steps.length % FRAMES_AT_ONCE === 0) yield;
  }
  const f0 = new Float32Array(frames);
  let state = total.indexOf(Math.min(...total));
  for (let t = frames - 1; t >= 0; t--) {
    if (state !== UNVOICED) f0[t] = Math.exp(steps[t].pitch[state]);
    state = back[t][state];
  }
  return f0;
}

/** Cheapest way into each state; `from` takes where it comes from. */
function advance(
  total: Float64Array,
  before: Candidates,
  now: Candidates,
  from: Uint8Array,
): Float64Array<ArrayBuffer> {
  return new Float64Array(CANDIDATES + 1).map((_, to) => {
    let best = Number.POSITIVE_INFINITY;
    for (let state = 0; state <= UNVOICED; state++) {
      const cost = total[state] + transition(before, state, now, to);
      if (cost < best) {
        best = cost;
        from[to] = state;
      }
    }
    return best;
  });
}

function transition(before: Candidates, from: number, now: Candidates, to: number): number {
  if (from === UNVOICED && to === UNVOICED) return 0;
  if (from === UNVOICED || to === UNVOICED) return SWITCH_COST;
  return JUMP_COST * Math.abs(now.pitch[to] - before.pitch[from]);
}

/** The deepest dips of a frame, deepest first; of equal ones the shorter lag. */
function candidatesOf({ normal, power }: PeriodDifference): Candidates {
  const lags: number[] = [];
  for (let lag = MIN_LAG + 1; lag < MAX_LAG - 1; lag++) {
    if (normal[lag] < normal[lag - 1] && normal[lag] <= normal[lag + 1]) lags.push(lag);
  }
  lags.sort((a, b) => normal[a] - normal[b] || a - b);
  const pitch = new Float64Array(CANDIDATES);
  const cost = new Float64Array(CANDIDATES).fill(BLOCKED);
  lags.slice(0, CANDIDATES).forEach((lag, k) => {
    const [before, at, after] = [normal[lag - 1], normal[lag], normal[lag + 1]];
    const curve = before - 2 * at + after;
    // The parabola through the dip and its neighbours has its lowest point here.
    const offset = Math.abs(curve) > 1e-9 ? (0.5 * (before - after)) / curve : 0;
    const exact = lag + Math.max(-0.5, Math.min(0.5, offset));
    pitch[k] = Math.log(RATE / exact);
    if (power >= QUIETEST) cost[k] = at + LONG_LAG_COST * Math.log2(exact / MIN_LAG);
  });
  return { pitch, cost };
}

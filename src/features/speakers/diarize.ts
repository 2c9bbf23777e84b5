import { inTurns, type Work } from '../../base/turns.ts';
import type { SegmentationEvent } from '../../models/tasks.ts';
import { cluster } from './cluster.ts';

/** A speaker, and the start and end of the speech in seconds. */
export interface Turn {
  readonly speaker: number;
  readonly start: number;
  readonly end: number;
}

/** Silences shorter than this, in seconds, are a part of a turn; shorter turns are none. */
const LEAST_SILENCE = 0.3;
const LEAST_TURN = 0.1;
/** Seconds of speech at least that are compared with others. */
const LEAST_COMPARED = 1;
/** Two turns that share more than this, in seconds, are of two speakers. */
const OVERLAP = 0.2;

/** A turn of a window, and the number that the model gives its speaker there. */
interface Local {
  readonly window: number;
  readonly number: number;
  readonly turn: { readonly start: number; readonly end: number };
  readonly voice?: Float32Array;
}

/** Options of {@link diarize}. */
export interface DiarizeOptions {
  /** The vector of a stretch's speaker; `undefined` where too little is said. */
  readonly vector: (
    stretches: readonly { start: number; end: number }[],
  ) => Promise<Float32Array | undefined>;
  readonly likeness: (a: Float32Array, b: Float32Array) => number;
  readonly mean: (vectors: readonly Float32Array[]) => Float32Array;
  /** Least likeness of one speaker. */
  readonly threshold: number;
  readonly signal?: AbortSignal;
}

/**
 * Finds who speaks when. The model numbers the speakers of each window separately, and sometimes takes two of them for one. So the turns of
 * all windows are grouped by their voices: the two most similar groups are joined until none are similar enough. Turns to which a window
 * gives different numbers are never joined. Where each turn of a number is too short to compare, all of them are compared together. The speaker
 * of a turn that is still too short is the one who speaks nearest in time, or a new one if nobody else speaks.
 * @returns turns in the order of their beginnings; speakers are numbered in the order in which they first speak.
 */
export async function diarize(
  windows: AsyncIterable<SegmentationEvent>,
  { vector, likeness, mean, threshold, signal }: DiarizeOptions,
): Promise<Turn[]> {
  const locals: Local[] = [];
  let count = 0;
  for await (const window of windows) {
    for (const [number, turns] of turnsOf(window).entries()) {
      const compared = async (stretches: readonly { start: number; end: number }[]) =>
        secondsOf(stretches) < LEAST_COMPARED ? undefined : await vector(stretches);
      const voices = await inOrder(turns, (turn) => compared([turn]));
      const whole = voices.some((voice) => voice !== undefined) ? undefined : await compared(turns);
      for (const [i, turn] of turns.entries()) {
        locals.push({ window: count, number, turn, voice: voices[i] ?? whole });
      }
    }
    count++;
  }
  return renumbered(joined(await inTurns(labelled(locals, { likeness, mean, threshold }), signal)));
}

const secondsOf = (stretches: readonly { start: number; end: number }[]): number =>
  stretches.reduce((sum, { start, end }) => sum + end - start, 0);

async function inOrder<T, R>(values: readonly T[], of: (value: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const value of values) results.push(await of(value));
  return results;
}

function* labelled(
  locals: readonly Local[],
  options: Pick<DiarizeOptions, 'likeness' | 'mean' | 'threshold'>,
): Work<Turn[]> {
  const compared = locals.flatMap(({ voice, window, number, turn }) =>
    voice === undefined ? [] : [{ vector: voice, window, number, turn }],
  );
  const labels = yield* cluster(compared, options);
  const turns = compared.map(({ turn }, i) => ({ ...turn, speaker: labels[i] }));
  let count = 1 + Math.max(-1, ...labels);
  for (const { voice, turn } of locals) {
    if (voice !== undefined) continue;
    yield;
    turns.push({ ...turn, speaker: nearest(turn, turns) ?? count++ });
  }
  return turns;
}

/** The speaker who speaks nearest in time, but not at the same time. */
function nearest({ start, end }: Omit<Turn, 'speaker'>, turns: readonly Turn[]): number | undefined {
  let found: { speaker: number; silence: number } | undefined;
  for (const turn of turns) {
    const silence = Math.max(turn.start - end, start - turn.end);
    if (silence > -OVERLAP && (found === undefined || silence < found.silence)) {
      found = { speaker: turn.speaker, silence };
    }
  }
  return found?.speaker;
}

/** The turns of each speaker of a window. */
function turnsOf({ start, frameSeconds, speakers, active }: SegmentationEvent) {
  const frames = active.length / speakers;
  return Array.from({ length: speakers }, (_, number) => {
    const turns: { start: number; end: number }[] = [];
    for (let f = 0; f < frames; f++) {
      if (active[f * speakers + number] === 0) continue;
      const [begin, end] = [start + f * frameSeconds, start + (f + 1) * frameSeconds];
      const last = turns.at(-1);
      if (last && begin - last.end < LEAST_SILENCE) last.end = end;
      else turns.push({ start: begin, end });
    }
    return turns;
  }).filter((turns) => turns.length > 0);
}

/** Joins a speaker's turns across the seams of windows, and leaves out those that are too short. */
function joined(turns: readonly Turn[]): Turn[] {
  const last = new Map<number, { speaker: number; start: number; end: number }>();
  const made: { speaker: number; start: number; end: number }[] = [];
  for (const turn of [...turns].sort((a, b) => a.start - b.start)) {
    const before = last.get(turn.speaker);
    if (before && turn.start - before.end < LEAST_SILENCE) before.end = Math.max(before.end, turn.end);
    else {
      const own = { ...turn };
      last.set(turn.speaker, own);
      made.push(own);
    }
  }
  return made.filter(({ start, end }) => end - start >= LEAST_TURN);
}

function renumbered(turns: readonly Turn[]): Turn[] {
  const numbers = new Map<number, number>();
  return turns.map((turn) => {
    const number = numbers.get(turn.speaker) ?? numbers.size;
    numbers.set(turn.speaker, number);
    return { ...turn, speaker: number };
  });
}

import type { SegmentationEvent } from '../../models/tasks.ts';

/** A speaker, and the start and end of the speech in seconds. */
export interface Turn {
  readonly speaker: number;
  readonly start: number;
  readonly end: number;
}

/** Silences shorter than this, in seconds, are a part of a turn; shorter turns are none. */
const LEAST_SILENCE = 0.3;
const LEAST_TURN = 0.1;
/** Seconds of speech in a window without which its speaker is not compared with others. */
const LEAST_COMPARED = 1;

/** A speaker of one window. */
interface Local {
  readonly number: number;
  readonly turns: readonly { start: number; end: number }[];
  readonly seconds: number;
}

/** Options of {@link diarize}. */
export interface DiarizeOptions {
  /** The vector of a stretch's speaker; `undefined` where too little is said. */
  readonly vector: (
    stretches: readonly { start: number; end: number }[],
  ) => Promise<Float32Array | undefined>;
  readonly likeness: (a: Float32Array, b: Float32Array) => number;
  /** Least likeness of one speaker. */
  readonly threshold: number;
}

interface Known {
  readonly sum: Float32Array;
  count: number;
}

/**
 * Finds who speaks when. The model numbers the speakers of each window separately, so they are matched with those of earlier windows by
 * their voices. A speaker with too little speech to compare is taken for the speaker with the same number in the previous window, or for a
 * new one.
 * @returns turns in the order of their beginnings; speakers are numbered in the order in which they first speak.
 */
export async function diarize(
  windows: AsyncIterable<SegmentationEvent>,
  { vector, likeness, threshold }: DiarizeOptions,
): Promise<Turn[]> {
  const known: Known[] = [];
  const turns: Turn[] = [];
  let before = new Map<number, number>();
  for await (const window of windows) {
    const here = new Map<number, number>();
    const locals = localsOf(window).sort((a, b) => b.seconds - a.seconds);
    for (const { number, turns: own, seconds } of locals) {
      const taken = new Set(here.values());
      const voice = seconds < LEAST_COMPARED ? undefined : await vector(own);
      const scores = known.map(({ sum, count }, i) =>
        voice === undefined || taken.has(i) || count === 0
          ? Number.NEGATIVE_INFINITY
          : likeness(voice, mean(sum, count)),
      );
      const best = scores.indexOf(Math.max(...scores));
      const last = before.get(number);
      let speaker = scores[best] >= threshold ? best : known.length;
      if (voice === undefined && last !== undefined && !taken.has(last)) speaker = last;
      if (speaker === known.length) {
        known.push({ sum: new Float32Array(voice?.length ?? 0), count: 0 });
      }
      if (voice !== undefined) add(known, speaker, voice);
      here.set(number, speaker);
      turns.push(...own.map((turn) => ({ ...turn, speaker })));
    }
    before = here;
  }
  return renumbered(joined(turns));
}

function add(known: Known[], speaker: number, voice: Float32Array): void {
  const { sum, count } = known[speaker];
  const grown = count === 0 ? voice.slice() : sum.map((value, i) => value + voice[i]);
  known[speaker] = { sum: grown, count: count + 1 };
}

const mean = (sum: Float32Array, count: number): Float32Array => sum.map((value) => value / count);

/** The speakers of a window and their turns. */
function localsOf({ start, frameSeconds, speakers, active }: SegmentationEvent): Local[] {
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
    return { number, turns, seconds: turns.reduce((sum, turn) => sum + turn.end - turn.start, 0) };
  }).filter(({ turns }) => turns.length > 0);
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

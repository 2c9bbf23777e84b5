import { badScore } from '../fault.ts';

/** Repeats in a measure. */
export interface MeasureMarks {
  /** A repeat begins with it. */
  readonly forward: boolean;
  /** A repeat ends with it: how often it is played in all; 0 is the usual number. */
  readonly backward?: number;
  /** Passes in which it is played, when it is in an ending. */
  readonly ending?: readonly number[];
  /** Whether the ending starts with it. */
  readonly endingStarts: boolean;
  /** Signs of jumps: a segno or coda sign is at its beginning, the others are at its end. */
  readonly signs?: ReadonlySet<JumpSign>;
}

/** Signs of jumps, as the attributes of MusicXML's `sound` name them. */
export const JUMP_SIGNS = ['segno', 'coda', 'tocoda', 'dacapo', 'dalsegno', 'fine'] as const;
/** One of {@link JUMP_SIGNS}. */
export type JumpSign = (typeof JUMP_SIGNS)[number];

/** A measure as it is played. */
export interface PlayedMeasure {
  readonly index: number;
  /** Which time through its repeat, from 1: the verse. */
  readonly pass: number;
}

/** Measures that a score may have, repeats written out. */
const MAX_MEASURES = 4000;

/**
 * Writes out repeats, their endings, and the jumps da capo and dal segno. After a jump repeats are played once, with their last ending, and
 * the first verse is sung again; `fine` ends the piece there, and `to coda` goes to the coda.
 * @throws {SoriError} `invalid_score` when they go on for too long.
 */
export function unfold(measures: readonly MeasureMarks[]): PlayedMeasure[] {
  const played: PlayedMeasure[] = [];
  let start = 0;
  let pass = 1;
  let jumped = false;
  const go = (to: number) => {
    start = to;
    pass = 1;
    return to;
  };
  for (let index = 0; index < measures.length; ) {
    const { forward, backward, ending, endingStarts } = measures[index];
    if (forward && index !== start) go(index);
    const isOther = jumped ? !isLastEnding(measures, index) : !ending?.includes(pass);
    if (ending && endingStarts && isOther) {
      index = endOfEnding(measures, index);
      continue;
    }
    played.push({ index, pass });
    if (played.length > MAX_MEASURES)
      throw badScore(undefined, `its repeats make more than ${MAX_MEASURES} measures`);
    if (!jumped && backward !== undefined && pass < passes(measures, index, backward)) {
      pass++;
      index = start;
      continue;
    }
    const to = jumpFrom(measures, index, jumped);
    if (to !== undefined) {
      jumped = true;
      index = go(to);
      continue;
    }
    const closes =
      backward !== undefined ||
      (ending && endOfEnding(measures, startOfEnding(measures, index)) === index + 1);
    if (closes && !continuesEnding(measures, index + 1, pass)) go(index + 1);
    index++;
  }
  return played;
}

/** Measure with which the piece goes on after a sign; the number of measures ends it. `undefined`: the next one. */
function jumpFrom(measures: readonly MeasureMarks[], index: number, jumped: boolean): number | undefined {
  const { signs } = measures[index];
  if (!signs) return undefined;
  const placeOf = (sign: JumpSign) => measures.findIndex((measure) => measure.signs?.has(sign));
  if (!jumped && signs.has('dacapo')) return 0;
  if (!jumped && signs.has('dalsegno')) return Math.max(0, placeOf('segno'));
  if (!jumped) return undefined;
  if (signs.has('fine')) return measures.length;
  const coda = placeOf('coda');
  return signs.has('tocoda') && coda > index ? coda : undefined;
}

function isLastEnding(measures: readonly MeasureMarks[], index: number): boolean {
  return measures[endOfEnding(measures, index)]?.endingStarts !== true;
}

/** The measure after the ending that contains this one. */
function endOfEnding(measures: readonly MeasureMarks[], index: number): number {
  let end = index + 1;
  while (end < measures.length && measures[end].ending && !measures[end].endingStarts) end++;
  return end;
}

function startOfEnding(measures: readonly MeasureMarks[], index: number): number {
  let start = index;
  while (start > 0 && !measures[start].endingStarts) start--;
  return start;
}

/** Endings of later passes are skipped one by one, in the same pass. */
function continuesEnding(measures: readonly MeasureMarks[], index: number, pass: number): boolean {
  const next = measures[index];
  return next?.ending !== undefined && next.endingStarts && !next.ending.includes(pass);
}

/** How often a repeat is played. */
function passes(measures: readonly MeasureMarks[], index: number, times: number): number {
  const numbers: number[] = [times || 2];
  // The endings of a repeat are adjacent.
  let at = measures[index].ending ? startOfEnding(measures, index) : index + 1;
  while (at > 0 && measures[at - 1]?.ending && measures[index].ending) at = startOfEnding(measures, at - 1);
  for (; at < measures.length && measures[at].ending; at++) numbers.push(...(measures[at].ending ?? []));
  return Math.max(...numbers);
}

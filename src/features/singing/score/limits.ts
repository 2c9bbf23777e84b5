import { type Note, type Part, type Score, TempoMap } from '../../../synthesis/singing/score.ts';
import { badScore } from './fault.ts';

/** Limits of a score. */
export const SCORE_LIMITS = {
  /** Bytes of a file, unpacked. */
  bytes: 8 * 1024 * 1024,
  parts: 8,
  /** Notes of all parts, repeats written out. */
  notes: 5000,
  /** Changes of tempo and of meter, points of a curve. */
  changes: 5000,
  /** Values of a sampled pitch curve. */
  pitches: 200_000,
  /** Seconds of the whole, and of one note. */
  seconds: 600,
  noteSeconds: 60,
} as const;

/** Beats a minute. */
export const TEMPO_RANGE = { least: 10, most: 960 } as const;
/** MIDI note numbers. */
const PITCH_RANGE = { least: 12, most: 120 } as const;
/** Beats by which notes may overlap or be out of order without meaning anything: rounding of ticks. */
const ROUNDING = 1e-6;

/** Beats by which notes may overlap without a notice, as notes do that are played legato. */
const OVERLAP = 1 / 16;

/**
 * Checks what every format must keep to, and puts it in order: notes by time, tempos and meters from beat 0, overlaps cut.
 * @throws {SoriError} `invalid_score`, with the place of the first fault.
 */
export function checkedScore(score: Score): Score {
  const { title, notices } = score;
  const tempos = ordered(score.tempos, 'tempos');
  for (const { beat, bpm } of tempos) {
    if (!(bpm >= TEMPO_RANGE.least && bpm <= TEMPO_RANGE.most)) {
      const message = `the tempo at beat ${round(beat)} is ${round(bpm)}; it must be from ${TEMPO_RANGE.least} to ${TEMPO_RANGE.most} quarter notes a minute`;
      throw badScore(undefined, message);
    }
  }
  const meters = ordered(score.meters, 'meters').filter(({ count, unit }) => count >= 1 && unit >= 1);
  const map = new TempoMap(
    tempos[0]?.beat === 0 ? tempos : [{ beat: 0, bpm: tempos[0]?.bpm ?? 120 }, ...tempos],
  );
  if (score.parts.length > SCORE_LIMITS.parts) {
    throw badScore(
      undefined,
      `the score has ${score.parts.length} parts; at most ${SCORE_LIMITS.parts} can be sung`,
    );
  }
  const total = score.parts.reduce((sum, { notes }) => sum + notes.length, 0);
  if (total > SCORE_LIMITS.notes) {
    throw badScore(undefined, `the score has ${total} notes; at most ${SCORE_LIMITS.notes} can be sung`);
  }
  if (total === 0) throw badScore(undefined, 'the score has no note to sing');
  const more: string[] = [];
  const parts = score.parts
    .filter(({ notes }) => notes.length > 0)
    .map((part) => checkedPart(part, map, (notice) => more.push(notice)));
  return {
    title,
    tempos: tempos[0]?.beat === 0 ? tempos : [{ beat: 0, bpm: tempos[0]?.bpm ?? 120 }, ...tempos],
    meters: meters[0]?.beat === 0 ? meters : [{ beat: 0, count: 4, unit: 4 }, ...meters],
    parts,
    notices: [...notices, ...more],
  };
}

function ordered<T extends { readonly beat: number }>(list: readonly T[], name: string): T[] {
  if (list.length > SCORE_LIMITS.changes) {
    throw badScore(
      undefined,
      `the score has ${list.length} ${name}; at most ${SCORE_LIMITS.changes} are read`,
    );
  }
  if (list.some(({ beat }) => !(beat >= 0)))
    throw badScore(undefined, `a beat of the ${name} is not a number of 0 or more`);
  const sorted = [...list].sort((one, other) => one.beat - other.beat);
  // Of several at one beat the last one counts.
  return sorted.filter(({ beat }, i) => sorted[i + 1]?.beat !== beat);
}

function checkedPart(part: Part, map: TempoMap, notice: (text: string) => void): Part {
  const curves = [...(part.bend ?? []), ...(part.dynamics ?? [])];
  if (curves.length > SCORE_LIMITS.changes || (part.f0?.hz.length ?? 0) > SCORE_LIMITS.pitches) {
    throw badScore(`part '${part.name}'`, 'a curve has too many points');
  }
  const sorted = [...part.notes].sort((one, other) => one.beat - other.beat || other.pitch - one.pitch);
  const notes: Note[] = [];
  let dropped = 0;
  const shortened: Note[] = [];
  for (const note of sorted) {
    checkNote(note, map, part.name);
    const last = notes.at(-1);
    if (last && note.beat < last.beat + ROUNDING) {
      // A chord: its highest note is sung.
      dropped++;
      if (!last.lyric && note.lyric) notes[notes.length - 1] = { ...last, lyric: note.lyric };
      continue;
    }
    if (last && last.beat + last.beats > note.beat) {
      if (last.beat + last.beats > note.beat + OVERLAP) shortened.push(last);
      notes[notes.length - 1] = { ...last, beats: note.beat - last.beat };
    }
    notes.push(note);
  }
  if (dropped > 0)
    notice(`Part '${part.name}': of chords the highest note is sung; ${counted(dropped)} left out.`);
  if (shortened.length > 0) {
    const first = shortened[0].place ? `, first at ${shortened[0].place}` : '';
    notice(
      `Part '${part.name}': ${counted(shortened.length)} shortened because the next note begins earlier${first}.`,
    );
  }
  return {
    ...part,
    notes,
    bend: part.bend && [...part.bend].sort((one, other) => one.beat - other.beat),
    dynamics: part.dynamics && [...part.dynamics].sort((one, other) => one.beat - other.beat),
  };
}

function counted(notes: number): string {
  return notes === 1 ? '1 note is' : `${notes} notes are`;
}

function checkNote({ beat, beats, pitch, place }: Note, map: TempoMap, part: string): void {
  const where = place ?? `part '${part}'`;
  if (!(beat >= 0 && Number.isFinite(beat))) throw badScore(where, 'a note must begin at 0 or later');
  if (!(beats > 0 && Number.isFinite(beats))) throw badScore(where, 'a note must last longer than 0');
  if (!(pitch >= PITCH_RANGE.least && pitch <= PITCH_RANGE.most)) {
    throw badScore(
      where,
      `the pitch must be a MIDI note number from ${PITCH_RANGE.least} to ${PITCH_RANGE.most}, not ${round(pitch)}`,
    );
  }
  const start = map.seconds(beat);
  const end = map.seconds(beat + beats);
  if (end - start > SCORE_LIMITS.noteSeconds) {
    throw badScore(
      where,
      `a note may last ${SCORE_LIMITS.noteSeconds} seconds at most, not ${round(end - start)}`,
    );
  }
  if (end > SCORE_LIMITS.seconds) {
    throw badScore(where, `the score goes beyond ${SCORE_LIMITS.seconds} seconds`);
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

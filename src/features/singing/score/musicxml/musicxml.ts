import type {
  DynamicsPoint,
  Lyric,
  Meter,
  Note,
  Part,
  Score,
  Tempo,
} from '../../../../synthesis/singing/score.ts';
import { badScore } from '../fault.ts';
import { checkedScore } from '../limits.ts';
import { child, childrenOf, readXml, textOf, type XmlNode } from '../xml.ts';
import { type Running, readMeasure, type WrittenMeasure, type WrittenNote } from './measure.ts';
import { type PlayedMeasure, unfold } from './unfold.ts';

/** A measure of the score as it is played, and the beat at which it begins. */
interface Played extends PlayedMeasure {
  readonly beat: number;
}

/** A level that a part had: what a hairpin starts from. */
const USUAL_LEVEL = 0;
/** Beats before a new level in which the old one gives way. */
const LEVEL_STEP = 1 / 64;

/**
 * Reads MusicXML (W3C MusicXML 4.0, `score-partwise`): pitches, ties, slurs, lyrics and their verses, repeats with endings, tempo, meter,
 * jumps (da capo, dal segno, coda, fine), grace notes, transposing instruments, dynamics, breath marks. Parts without lyrics are left out when others have some.
 * @throws {SoriError} `invalid_score`, with the line of the first fault.
 */
export function readMusicXml(source: string): Score {
  const root = readXml(source);
  if (root.name === 'score-timewise') {
    throw badScore(`line ${root.line}`, 'this is score-timewise MusicXML; save the score as score-partwise');
  }
  if (root.name !== 'score-partwise') {
    throw badScore(
      `line ${root.line}`,
      `this is not MusicXML: the root is <${root.name.slice(0, 40)}>, not <score-partwise>`,
    );
  }
  const nodes = childrenOf(root, 'part');
  if (nodes.length === 0) throw badScore(`line ${root.line}`, 'the score has no <part>');
  const written = nodes.map((node) => {
    const running: Running = { divisions: 1, transpose: 0 };
    return childrenOf(node, 'measure').map((measure) => readMeasure(measure, running));
  });
  const played = playedMeasures(written);
  const names = partNames(root);
  const ignored = new Set(written.flat().flatMap((measure) => measure.ignored));
  const notices = [...ignored].map((what) => `Not sung as it is written: ${what}.`);
  const voices = nodes.flatMap((node, p) =>
    voicesOf(written[p], played, names.get(node.attributes.id ?? '') ?? `part ${p + 1}`),
  );
  const sung = voices.some(hasLyrics) ? voices.filter(hasLyrics) : voices;
  for (const { name } of voices) {
    if (!sung.some((part) => part.name === name))
      notices.push(`Part '${name}' has no lyrics and is not sung.`);
  }
  return checkedScore({
    title: textOf(child(root, 'work'), 'work-title') ?? textOf(root, 'movement-title'),
    tempos: changes(written, played, ({ tempos }) => tempos).map(([beat, bpm]): Tempo => ({ beat, bpm })),
    meters: changes(written, played, ({ meters }) => meters).map(
      ([beat, value]): Meter => ({ beat, ...value }),
    ),
    parts: sung,
    notices: [...new Set(notices)],
  });
}

function partNames(root: XmlNode): Map<string, string> {
  const list = childrenOf(child(root, 'part-list'), 'score-part');
  return new Map(
    list.map((node, i) => [node.attributes.id ?? '', textOf(node, 'part-name') ?? `part ${i + 1}`]),
  );
}

/** Measures in the order played; each is as long as its longest part. */
function playedMeasures(written: readonly (readonly WrittenMeasure[])[]): Played[] {
  const count = Math.max(...written.map((measures) => measures.length));
  const at = (index: number) => written.flatMap((measures) => measures[index] ?? []);
  const marks = Array.from({ length: count }, (_, index) => {
    const all = at(index).map((measure) => measure.marks);
    return {
      forward: all.some(({ forward }) => forward),
      backward: all.find(({ backward }) => backward !== undefined)?.backward,
      ending: all.find(({ ending }) => ending)?.ending,
      endingStarts: all.some(({ endingStarts }) => endingStarts),
      signs: new Set(all.flatMap(({ signs }) => [...(signs ?? [])])),
    };
  });
  // An ending of several measures is marked at its first and last one.
  for (let i = 1; i < marks.length; i++) {
    const open = marks[i - 1].ending;
    const closes = at(i).some((measure) => measure.marks.ending && !measure.marks.endingStarts);
    if (open && !marks[i].ending && endingGoesOn(marks, i, open) && !closes)
      marks[i] = { ...marks[i], ending: open };
  }
  let beat = 0;
  return unfold(marks).map((measure) => {
    const start = beat;
    beat += Math.max(0, ...at(measure.index).map(({ beats }) => beats));
    return { ...measure, beat: start };
  });
}

/** Whether the last measure of an ending is still to come. */
function endingGoesOn(
  marks: readonly { readonly ending?: readonly number[]; readonly endingStarts: boolean }[],
  from: number,
  open: readonly number[],
): boolean {
  for (let i = from; i < marks.length; i++) {
    const { ending, endingStarts } = marks[i];
    if (endingStarts) return false;
    if (ending) return ending.join() === open.join();
  }
  return false;
}

function changes<T>(
  written: readonly (readonly WrittenMeasure[])[],
  played: readonly Played[],
  pick: (measure: WrittenMeasure) => readonly { readonly offset: number; readonly value: T }[],
): [number, T][] {
  return played.flatMap(({ index, beat }) => {
    return written.flatMap((measures) =>
      measures[index]
        ? pick(measures[index]).map(({ offset, value }): [number, T] => [beat + offset, value])
        : [],
    );
  });
}

function hasLyrics({ notes }: Part): boolean {
  return notes.some(({ lyric }) => lyric !== undefined);
}

/** The voices of a part, each as a part of its own. */
function voicesOf(measures: readonly WrittenMeasure[], played: readonly Played[], name: string): Part[] {
  const ids = [...new Set(measures.flatMap(({ notes }) => notes.map(({ voice }) => voice)))];
  const dynamics = dynamicsOf(measures, played);
  return ids.map((id) => ({
    name: ids.length > 1 ? `${name}, voice ${id}` : name,
    notes: notesOf(measures, played, id),
    dynamics,
  }));
}

function notesOf(measures: readonly WrittenMeasure[], played: readonly Played[], voice: string): Note[] {
  const notes: Note[] = [];
  for (const { index, pass, beat } of played) {
    const measure = measures[index];
    if (!measure) continue;
    const own = measure.notes.filter((note) => note.voice === voice);
    const verses = new Set(own.flatMap(({ lyrics }) => [...lyrics.keys()]));
    for (const written of own) {
      const last = notes.at(-1);
      const start = beat + written.offset;
      const joins = last && Math.abs(last.beat + last.beats - start) < 1e-6 && last.pitch === written.pitch;
      if (written.tied && joins) {
        notes[notes.length - 1] = {
          ...last,
          beats: last.beats + written.beats,
          breath: written.breath || undefined,
        };
        continue;
      }
      notes.push({
        beat: start,
        beats: written.beats,
        pitch: written.pitch,
        lyric: verseOf(written, pass, verses),
        breath: written.breath || undefined,
        place: `line ${written.line} (measure ${measure.number})`,
      });
    }
  }
  return notes;
}

/** The verse of a pass; where a measure has one verse only, that one every time. */
function verseOf({ lyrics }: WrittenNote, pass: number, verses: ReadonlySet<number>): Lyric | undefined {
  if (verses.has(pass)) return lyrics.get(pass);
  const first = Math.min(...verses);
  return lyrics.get(first);
}

function dynamicsOf(measures: readonly WrittenMeasure[], played: readonly Played[]): DynamicsPoint[] {
  const points: DynamicsPoint[] = [];
  let level = USUAL_LEVEL;
  let hairpin = false;
  for (const { index, beat } of played) {
    for (const { offset, value } of measures[index]?.levels ?? []) {
      const at = beat + offset;
      if (value === undefined) points.push({ beat: at, db: level });
      else {
        if (!hairpin && points.length > 0) points.push({ beat: Math.max(0, at - LEVEL_STEP), db: level });
        points.push({ beat: at, db: value });
        level = value;
      }
      hairpin = value === undefined;
    }
  }
  return points;
}

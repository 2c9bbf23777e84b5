import { isNode, LineCounter, parseDocument } from 'yaml';
import { type Lyric, type Note, type Part, type Score, TempoMap } from '../../../synthesis/singing/score.ts';
import { ipaOf, isSilence } from './arpabet.ts';
import { badScore, schemaFault } from './fault.ts';
import { checkedScore } from './limits.ts';
import { isHold, joinNext, readLyric } from './lyric.ts';
import { pitchPoints, sumOfCurves } from './ustx-pitch.ts';
import { type Project, projectSchema, type VoicePart } from './ustx-project.ts';

/** dB in one step of OpenUtau's dynamics curve. */
const DYNAMICS_STEP = 0.1;

/**
 * Reads an OpenUtau project (`.ustx`, YAML): notes, lyrics with `+` and `-`, phonetic hints in ARPAbet (`read [r eh d]`), tempo, meter, vibrato,
 * the curves PITD and DYN, and the pitch points of notes. Voice parts of one track are one part of the score.
 * @throws {SoriError} `invalid_score`, with line and column.
 */
export function readUstx(source: string): Score {
  const lines = new LineCounter();
  const document = parseDocument(source, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    stringKeys: true,
  });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw badScore(
      `line ${line}, column ${col}`,
      `the YAML can't be read (${error.message.slice(0, 100).replace(/\.$/, '')})`,
    );
  }
  const lineOf: LineOf = (path) => {
    for (let length = path.length; length > 0; length--) {
      const node: unknown = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  const parsed = projectSchema.safeParse(plain(() => document.toJS({ maxAliasCount: 100 })));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue.path.join('.') || 'the project';
    throw badScore(`line ${lineOf(issue.path)}, ${place}`, schemaFault(issue));
  }
  return scoreOf(parsed.data, lineOf);
}

/** Line of the field at a path of a project, or of what holds it if the project has no such field. */
type LineOf = (path: readonly PropertyKey[]) => number;

function plain(read: () => unknown): unknown {
  try {
    return read();
  } catch (cause) {
    throw badScore(undefined, "the YAML can't be read: it refers to itself too often", cause);
  }
}

function scoreOf(project: Project, lineOf: LineOf): Score {
  const { resolution, name } = project;
  const beats = (ticks: number) => ticks / resolution;
  const tempos = project.tempos?.length
    ? project.tempos.map(({ position, bpm }) => ({ beat: beats(position), bpm }))
    : [{ beat: 0, bpm: project.bpm ?? 120 }];
  // The order that a tempo map needs is checked later.
  const tempo = new TempoMap([...tempos].sort((one, other) => one.beat - other.beat));
  const notices: string[] = [];
  const byTrack = new Map<number, { part: VoicePart; index: number }[]>();
  for (const [index, part] of (project.voice_parts ?? []).entries()) {
    byTrack.set(part.track_no, [...(byTrack.get(part.track_no) ?? []), { part, index }]);
  }
  const parts: Part[] = [];
  for (const [track, voiceParts] of byTrack) {
    const { track_name, mute, volume } = project.tracks?.[track] ?? {};
    const label = track_name?.slice(0, 64) || `track ${track + 1}`;
    if (mute) notices.push(`Track '${label}' is muted and not sung.`);
    else
      parts.push({
        ...partOf(voiceParts, { beats, tempo, name: label, lineOf }),
        gain: volume ? Math.max(-40, Math.min(12, volume)) : undefined,
      });
  }
  return checkedScore({ title: name ?? undefined, tempos, meters: metersOf(project), parts, notices });
}

function metersOf({ time_signatures, beat_per_bar, beat_unit }: Project) {
  if (!time_signatures?.length) return [{ beat: 0, count: beat_per_bar ?? 4, unit: beat_unit ?? 4 }];
  let beat = 0;
  return [...time_signatures]
    .sort((one, other) => one.bar_position - other.bar_position)
    .map(({ bar_position, beat_per_bar: count, beat_unit: unit }, i, all) => {
      const before = all[i - 1];
      if (before) beat += ((bar_position - before.bar_position) * before.beat_per_bar * 4) / before.beat_unit;
      return { beat, count, unit };
    });
}

function partOf(
  parts: readonly { readonly part: VoicePart; readonly index: number }[],
  {
    beats,
    tempo,
    name,
    lineOf,
  }: {
    readonly beats: (ticks: number) => number;
    readonly tempo: TempoMap;
    readonly name: string;
    readonly lineOf: LineOf;
  },
): Part {
  const ordered = [...parts].sort((one, other) => one.part.position - other.part.position);
  const placed = ordered.flatMap(({ part, index }, p) =>
    (part.notes ?? [])
      .map((note, n) => ({ note, path: ['voice_parts', index, 'notes', n] }))
      .sort((one, other) => one.note.position - other.note.position)
      .map(({ note, path }, n) => ({
        note,
        at: part.position + note.position,
        place: `line ${lineOf(path)} (track '${name}', part ${p + 1}, note ${n + 1})`,
      })),
  );
  const sung = placed.filter(({ note }) => !isSilence(note.lyric.trim()));
  let before: Lyric | undefined;
  const lyrics = sung.map(({ note, place }) => {
    const lyric = lyricOf(note.lyric, before, place);
    before = lyric ?? before;
    return lyric;
  });
  const joined = joinNext(lyrics);
  const curve = (abbr: string) =>
    ordered.flatMap(({ part: { position, curves } }) => {
      const found = curves?.find((one) => one.abbr === abbr);
      const count = Math.min(found?.xs.length ?? 0, found?.ys.length ?? 0);
      return Array.from({ length: count }, (_, i) => ({
        beat: Math.max(0, beats(position + (found?.xs[i] ?? 0))),
        value: found?.ys[i] ?? 0,
      }));
    });
  return {
    name,
    notes: sung.map(
      ({ note, at, place }, i): Note => ({
        beat: beats(at),
        beats: beats(note.duration),
        pitch: note.tone + (note.tuning ?? 0) / 100,
        lyric: joined[i],
        vibrato:
          note.vibrato && note.vibrato.length > 0
            ? { depth: note.vibrato.depth, rate: rateOf(note.vibrato.period) }
            : undefined,
        place,
      }),
    ),
    bend: sumOfCurves(
      curve('pitd').map(({ beat, value }) => ({ beat, cents: value })),
      sung.flatMap(({ note, at }) => {
        const beat = beats(at);
        const beatMs = 1000 * (tempo.seconds(beat + 1) - tempo.seconds(beat));
        return pitchPoints(note.pitch, { beat, beats: beats(note.duration), beatMs });
      }),
    ),
    dynamics: curve('dyn').map(({ beat, value }) => ({
      beat,
      db: Math.max(-40, Math.min(12, value * DYNAMICS_STEP)),
    })),
  };
}

/** Cycles a second of a period in milliseconds, within what a voice does. */
function rateOf(period: number): number {
  return Math.max(2, Math.min(9, 1000 / period));
}

/** `read [r eh d]`: a lyric, and its phonemes in ARPAbet. */
function lyricOf(text: string, before: Lyric | undefined, place: string): Lyric | undefined {
  const hint = /^(.*?)\s*\[([^\]]*)\]\s*$/.exec(text.trim());
  if (!hint) return isHold(text) ? undefined : readLyric(text, before);
  const ipa = hint[2]
    .split(/\s+/)
    .filter(Boolean)
    .map((phoneme) => {
      const found = ipaOf(phoneme);
      if (found === undefined)
        throw badScore(
          place,
          `"${phoneme.slice(0, 20)}" in the hint is not an English phoneme in ARPAbet or IPA`,
        );
      return found;
    });
  return ipa.length > 0
    ? { text: hint[1] || hint[2], begins: true, ends: true, phonemes: ipa.join('') }
    : readLyric(hint[1], before);
}

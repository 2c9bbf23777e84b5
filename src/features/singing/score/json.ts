import { z } from '@hono/zod-openapi';
import { lenient } from '../../../http/bodies/lenient.ts';
import type { Lyric, Note, Part, Score } from '../../../synthesis/singing/score.ts';
import { badScore, schemaFault, shown } from './fault.ts';
import { checkedScore, SCORE_LIMITS, TEMPO_RANGE } from './limits.ts';
import { joinNext, readLyric } from './lyric.ts';
import { parsePitch } from './pitch.ts';

const bpm = z.number().min(TEMPO_RANGE.least).max(TEMPO_RANGE.most);
const place = z.number().min(0).max(1e6);
const many = SCORE_LIMITS.changes;

const noteSchema = z
  .strictObject({
    pitch: z
      .union([z.number().min(12).max(120), z.string().max(8)])
      .optional()
      .openapi({
        description: 'A name (`C4` is middle C, `F#3`, `Bb5`, `C4+25` with cents) or a MIDI note number.',
        example: 'C4',
      }),
    rest: z.literal(true).optional().openapi({ description: '`true` for a rest.' }),
    duration: z.number().gt(0).max(1e4).openapi({ description: 'In the unit of the score.' }),
    start: place
      .optional()
      .openapi({ description: 'In the unit of the score; default: the end of the previous note.' }),
    lyric: z.string().max(64).optional().openapi({
      description:
        'The syllable. `Twin-` continues in the next lyric. `+` is the next syllable of the previous word. `-`, or no lyric, continues the previous syllable.',
      example: 'Twin-',
    }),
    phonemes: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .openapi({ description: 'IPA of the syllable; replaces the pronunciation of the lyric.' }),
    breath: z.boolean().optional().openapi({ description: '`true` puts a breath after this note.' }),
    dynamics: z.number().min(-40).max(12).optional().openapi({ description: 'Level in dB.' }),
    vibrato: z
      .strictObject({
        depth: z.number().min(0).max(200).optional().openapi({ description: 'Cents above and below.' }),
        rate: z.number().min(2).max(9).optional().openapi({ description: 'Hz.' }),
        delay: z.number().min(0).max(10).optional().openapi({ description: 'Seconds before it starts.' }),
      })
      .optional(),
    emotion: z
      .record(z.string().min(1).max(64), z.number().min(0).max(1))
      .optional()
      .openapi({ description: 'Emotions and weights from here on. The note starts a new phrase.' }),
  })
  .openapi('ScoreNote');

const partSchema = z
  .strictObject({
    name: z.string().max(64).optional(),
    voice: z.string().max(64).optional().openapi({ description: 'Default: the voice of the request.' }),
    language: z
      .string()
      .max(35)
      .optional()
      .openapi({ description: 'BCP 47 tag; default: the language of the request.' }),
    gain: z.number().min(-40).max(12).optional().openapi({ description: 'dB.' }),
    notes: z.array(noteSchema).min(1).max(SCORE_LIMITS.notes),
    bend: z
      .array(z.strictObject({ at: place, cents: z.number().min(-2400).max(2400) }))
      .max(many)
      .optional()
      .openapi({ description: 'Shifts of the pitch, linear between the points.' }),
    dynamics: z
      .array(z.strictObject({ at: place, db: z.number().min(-40).max(12) }))
      .max(many)
      .optional()
      .openapi({ description: 'Levels, linear between the points.' }),
    f0: z
      .strictObject({
        start: place.openapi({ description: 'Seconds.' }),
        step: z.number().min(0.001).max(1).openapi({ description: 'Seconds between values.' }),
        hz: z.array(z.number().min(0).max(2000)).max(SCORE_LIMITS.pitches),
      })
      .optional()
      .openapi({
        description:
          'A pitch curve that replaces the pitches of the notes and all expression. Where it is 0, they are used.',
      }),
  })
  .openapi('ScorePart');

/** A score as JSON. */
export const scoreSchema = z
  .strictObject({
    title: z.string().max(200).optional(),
    unit: z.enum(['beats', 'seconds']).default('beats').openapi({
      description: 'Unit of `duration`, `start` and `at`: `beats` (quarter notes) or `seconds`.',
    }),
    tempo: z
      .union([
        bpm,
        z
          .array(z.strictObject({ beat: place, bpm }))
          .min(1)
          .max(many),
      ])
      .default(120)
      .openapi({
        description: 'Quarter notes per minute: a number, or a list of changes and their beats.',
      }),
    meter: z
      .string()
      .regex(/^\d{1,2}\/(?:1|2|4|8|16|32)$/)
      .default('4/4')
      .openapi({ description: 'Meter of the click.' }),
    parts: z
      .array(partSchema)
      .min(1)
      .max(SCORE_LIMITS.parts)
      .openapi({ description: 'Voices that sing together.' }),
  })
  .openapi('Score', {
    example: {
      tempo: 100,
      parts: [
        {
          notes: [
            { pitch: 'C4', duration: 1, lyric: 'Twin-' },
            { pitch: 'C4', duration: 1, lyric: 'kle' },
            { pitch: 'G4', duration: 1, lyric: 'twin-' },
            { pitch: 'G4', duration: 1, lyric: 'kle' },
            { pitch: 'A4', duration: 1, lyric: 'lit-' },
            { pitch: 'A4', duration: 1, lyric: 'tle' },
            { pitch: 'G4', duration: 2, lyric: 'star', breath: true },
          ],
        },
      ],
    },
  });

/** A validated JSON score. Its fields are not checked against each other. */
export type JsonScore = z.infer<typeof scoreSchema>;

/**
 * Reads a JSON score.
 * @param value what `JSON.parse` gives.
 * @throws {SoriError} `invalid_score`, with the path of the first fault.
 */
export function readJsonScore(value: unknown): Score {
  const parsed = scoreSchema.safeParse(lenient(scoreSchema, value));
  if (parsed.success) return scoreOf(parsed.data);
  const [issue] = parsed.error.issues;
  throw badScore(pathOf(issue.path), schemaFault(issue));
}

function pitchOf(written: number | string): number | undefined {
  if (typeof written === 'number') return written;
  return /^\d+(?:\.\d+)?$/.test(written.trim()) ? Number(written) : parsePitch(written);
}

function pathOf(path: readonly PropertyKey[]): string | undefined {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return text.replace(/^\./, '') || undefined;
}

function scoreOf({ title, unit, tempo, meter, parts }: JsonScore): Score {
  const [count, beatUnit] = meter.split('/').map(Number);
  // At 60 quarter notes a minute beats are seconds.
  const tempos =
    unit === 'seconds'
      ? [{ beat: 0, bpm: 60 }]
      : typeof tempo === 'number'
        ? [{ beat: 0, bpm: tempo }]
        : tempo;
  return checkedScore({
    title,
    tempos,
    meters: [{ beat: 0, count, unit: beatUnit }],
    parts: parts.map(partOf),
    notices: [],
  });
}

function partOf({ notes, bend, dynamics, name, ...part }: JsonScore['parts'][number], p: number): Part {
  let end = 0;
  let before: Lyric | undefined;
  const lyrics: (Lyric | undefined)[] = [];
  const placed: Note[] = [];
  for (const [n, note] of notes.entries()) {
    const path = `parts[${p}].notes[${n}]`;
    const beat = note.start ?? end;
    end = beat + note.duration;
    if (note.rest) {
      if (note.pitch !== undefined || note.lyric !== undefined)
        throw badScore(path, 'a rest has neither pitch nor lyric');
      continue;
    }
    if (note.pitch === undefined) throw badScore(path, 'a note needs a pitch, or "rest": true');
    const pitch = pitchOf(note.pitch);
    if (pitch === undefined) {
      throw badScore(
        `${path}.pitch`,
        `${shown(note.pitch)} is not a note: expected a name such as C4, F#3 or Bb5, or a MIDI number`,
      );
    }
    const lyric = readLyric(note.lyric, before, note.phonemes);
    before = lyric ?? before;
    lyrics.push(lyric);
    const { breath, vibrato, emotion, dynamics: db } = note;
    placed.push({ beat, beats: note.duration, pitch, breath, db, vibrato, emotion, place: path });
  }
  const joined = joinNext(lyrics);
  return {
    ...part,
    name: name ?? `part ${p + 1}`,
    notes: placed.map((note, i) => ({ ...note, lyric: joined[i] })),
    bend: bend?.map(({ at, cents }) => ({ beat: at, cents })),
    dynamics: dynamics?.map(({ at, db }) => ({ beat: at, db })),
  };
}

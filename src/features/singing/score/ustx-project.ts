import { z } from 'zod';
import { SCORE_LIMITS } from './limits.ts';

const tick = z.number().min(0).max(1e8);

const pitchSchema = z.looseObject({
  data: z
    .array(z.looseObject({ x: z.number(), y: z.number() }))
    .max(1000)
    .nullish(),
  snap_first: z.boolean().nullish(),
});

const noteSchema = z.looseObject({
  position: tick,
  duration: tick,
  tone: z.number(),
  lyric: z.coerce.string().max(64).default(''),
  tuning: z.number().min(-100).max(100).optional(),
  pitch: pitchSchema.nullish(),
  vibrato: z
    .looseObject({
      length: z.number().min(0).max(100).default(0),
      period: z.number().min(5).max(500).default(175),
      depth: z.number().min(0).max(200).default(25),
    })
    .nullish(),
});

const curveSchema = z.looseObject({
  abbr: z.string().max(16),
  xs: z.array(z.number()).max(SCORE_LIMITS.pitches).default([]),
  ys: z.array(z.number()).max(SCORE_LIMITS.pitches).default([]),
});

/** The fields of an OpenUtau project (`.ustx`) that are read. */
export const projectSchema = z.looseObject({
  name: z.string().max(200).nullish(),
  resolution: z.number().min(1).max(100_000).default(480),
  bpm: z.number().optional(),
  beat_per_bar: z.number().int().min(1).max(64).optional(),
  beat_unit: z.number().int().min(1).max(64).optional(),
  tempos: z
    .array(z.looseObject({ position: tick, bpm: z.number() }))
    .max(SCORE_LIMITS.changes)
    .nullish(),
  time_signatures: z
    .array(
      z.looseObject({
        bar_position: tick,
        beat_per_bar: z.number().int().min(1),
        beat_unit: z.number().int().min(1),
      }),
    )
    .max(SCORE_LIMITS.changes)
    .nullish(),
  tracks: z
    .array(
      z.looseObject({
        track_name: z.string().nullish(),
        mute: z.boolean().nullish(),
        volume: z.number().nullish(),
      }),
    )
    .max(256)
    .nullish(),
  voice_parts: z
    .array(
      z.looseObject({
        name: z.string().nullish(),
        track_no: z.number().int().min(0).default(0),
        position: tick.default(0),
        notes: z
          .array(noteSchema)
          .max(4 * SCORE_LIMITS.notes)
          .nullish(),
        curves: z.array(curveSchema).max(64).nullish(),
      }),
    )
    .max(256)
    .nullish(),
});
/** A project whose fields are checked each by itself. */
export type Project = z.infer<typeof projectSchema>;
/** A voice part of a project. */
export type VoicePart = NonNullable<Project['voice_parts']>[number];

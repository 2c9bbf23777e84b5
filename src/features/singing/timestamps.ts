import { z } from '@hono/zod-openapi';
import type { Singing } from '../../engine/singing/engine.ts';
import { hzOf, pitchName } from '../../synthesis/singing/score.ts';
import type { SingingUnit } from './schema.ts';

const SAMPLES_PER_MS = 24;

const noteSchema = z
  .object({
    part: z.number().int().openapi({ description: 'Number of the part, from 0.' }),
    note: z.number().int().openapi({ description: 'Number of the note in its part, from 0.' }),
    start_ms: z.number(),
    end_ms: z.number(),
    pitch: z.string().openapi({ example: 'C4' }),
    hz: z.number(),
    text: z.string().optional().openapi({ description: 'The lyric of the note.' }),
  })
  .openapi('SungNote');

const syllableSchema = z
  .object({
    part: z.number().int(),
    line: z.number().int().openapi({ description: 'Number of the phrase in its part, from 0.' }),
    text: z.string(),
    phonemes: z.string().openapi({ description: 'The sung phonemes in IPA.', example: 'twˈɪŋ' }),
    ends: z.boolean().openapi({ description: 'Whether it is the last syllable of a word.' }),
    start_ms: z.number().openapi({ description: 'Start of its first consonant.' }),
    vowel_ms: z.number().openapi({ description: 'Start of its vowel, which is the start of its note.' }),
    end_ms: z.number(),
  })
  .openapi('SungSyllable');

/** Times of what is sung, of the units asked for. */
export const singingTimestampsSchema = z
  .object({ note: z.array(noteSchema).optional(), syllable: z.array(syllableSchema).optional() })
  .openapi('SingingTimestamps');

/** @see {@link singingTimestampsSchema} */
export type SingingTimestamps = z.infer<typeof singingTimestampsSchema>;

/** Times of singing that is made, by unit. */
export function singingTimestamps(
  { notes, syllables }: Pick<Singing, 'notes' | 'syllables'>,
  units: readonly SingingUnit[],
): SingingTimestamps {
  return {
    ...(units.includes('note') && {
      note: notes.map(({ part, note, startSample, endSample, pitch, text }) => ({
        part,
        note,
        start_ms: milliseconds(startSample),
        end_ms: milliseconds(endSample),
        pitch: pitchName(pitch),
        hz: Math.round(hzOf(pitch) * 100) / 100,
        text,
      })),
    }),
    ...(units.includes('syllable') && {
      syllable: syllables.map(
        ({ part, line, text, phonemes, ends, startSample, vowelSample, endSample }) => ({
          part,
          line,
          text,
          phonemes: phonemes.join(''),
          ends,
          start_ms: milliseconds(startSample),
          vowel_ms: milliseconds(vowelSample),
          end_ms: milliseconds(endSample),
        }),
      ),
    }),
  };
}

function milliseconds(sample: number): number {
  return Math.round((sample / SAMPLES_PER_MS) * 10) / 10;
}

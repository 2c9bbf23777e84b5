import { createRoute, z } from '@hono/zod-openapi';
import { AUDIO_FORMATS, FORMAT_INFO } from '../../audio/format.ts';
import { errorResponses } from '../../http/errors.ts';
import { placedHeader, placementHeader } from '../../placement/docs.ts';
import { ignoredHeaderDocs } from '../speech/index.ts';
import { singingSchema } from './schema.ts';
import { scoreSchema } from './score/json.ts';
import { singingTimestampsSchema } from './timestamps.ts';

const binary = z.string().openapi({ format: 'binary' });

/** Types of the audio of an answer. */
export const AUDIO_CONTENT = Object.fromEntries(
  Object.values(FORMAT_INFO).map(({ contentType }) => [contentType.split(';')[0], { schema: binary }]),
);

const example = {
  model: 'sori-2',
  voice: 'clara',
  transpose: 'auto' as const,
  score: {
    tempo: 100,
    parts: [
      {
        notes: [
          { pitch: 'C4', duration: 1, lyric: 'Twin-' },
          { pitch: 'C4', duration: 1, lyric: 'kle' },
          { pitch: 'G4', duration: 1, lyric: 'lit-' },
          { pitch: 'G4', duration: 1, lyric: 'tle' },
          { pitch: 'A4', duration: 2, lyric: 'star' },
        ],
      },
    ],
  },
};

const formSchema = z
  .object({
    score: binary.openapi({ description: 'The score file.' }),
    accompaniment: binary.optional().openapi({ description: 'A WAV file.' }),
    model: z.string(),
    voice: z.string().optional(),
  })
  .catchall(z.string())
  .openapi('SingingForm', { description: 'All other fields of the JSON body, as text.' });

const body = {
  required: true,
  content: {
    'application/json': {
      // The score's own schema, which its reader checks with the place of a fault.
      schema: singingSchema.extend({ score: scoreSchema.optional() }).openapi('SingingRequestBody'),
      examples: { song: { summary: 'The beginning of a song', value: example } },
    },
    'multipart/form-data': { schema: formSchema },
  },
};

const jsonSchema = z
  .object({
    object: z.literal('speech'),
    model: z.string(),
    audio_format: z.enum(AUDIO_FORMATS),
    content_type: z.string(),
    sample_rate: z.number().int(),
    audio: z.string().openapi({ format: 'byte', description: 'Base64.' }),
    duration_ms: z.number(),
    timestamps: singingTimestampsSchema.optional(),
  })
  .openapi('Singing');

const modelHeader = {
  'X-Sori-Model': { description: 'Model and version: `sori-2@2.0.0`.', schema: { type: 'string' as const } },
};

/** `POST /v1/audio/singing`. */
export const singingRouteDocs = createRoute({
  method: 'post',
  path: '/v1/audio/singing',
  tags: ['singing'],
  operationId: 'createSinging',
  summary: 'Sing a score',
  description:
    'Takes a score as JSON or as a file (MusicXML, MIDI with lyrics, DiffSinger `.ds`, OpenUtau `.ustx`) and returns the singing. The audio is streamed while it is made, and stored as for `POST /v1/audio/speech`. Long scores need an origin.',
  request: { body, headers: z.object(placementHeader) },
  responses: {
    200: {
      description: 'The audio.',
      headers: {
        'Content-Location': {
          description: 'Permanent path of the audio.',
          schema: { type: 'string' },
        },
        'X-Cache': { schema: { type: 'string', enum: ['hit', 'miss', 'coalesced', 'bypass'] } },
        'X-Sori-Transposed': {
          description: 'Semitones by which the score was transposed.',
          schema: { type: 'integer' },
        },
        'X-Sori-Lead-In': {
          description: 'Seconds of audio before the first beat of the score.',
          schema: { type: 'number' },
        },
        'X-Sori-Notice': {
          description:
            'Ignored parts of the score, and notes outside the comfortable range; percent-encoded.',
          schema: { type: 'string' },
        },
        ...ignoredHeaderDocs,
        ...modelHeader,
        ...placedHeader,
      },
      content: { ...AUDIO_CONTENT, 'application/json': { schema: jsonSchema } },
    },
    ...errorResponses(400, 401, 403, 404, 408, 413, 415, 429, 500, 501, 502, 503),
  },
});

/** `POST /v1/audio/singing.lrc`. */
export const lyricsRouteDocs = createRoute({
  method: 'post',
  path: '/v1/audio/singing.lrc',
  tags: ['singing'],
  operationId: 'createLyrics',
  summary: 'Get the lyrics of a score with their times',
  description:
    'Takes the body of `POST /v1/audio/singing` and returns LRC, without making audio. The same body gives the same times.',
  request: {
    body,
    query: z.object({
      enhanced: z
        .enum(['true', 'false'])
        .optional()
        .openapi({ description: '`true`: with the times of the syllables.' }),
    }),
  },
  responses: {
    200: {
      description: 'The lyrics.',
      headers: modelHeader,
      content: {
        'text/plain': {
          schema: z.string().openapi({ example: '[length:00:04]\n[00:00.11]Twinkle little star\n' }),
        },
      },
    },
    ...errorResponses(400, 401, 403, 404, 413, 415, 429, 500, 501, 503),
  },
});

import { createRoute, z } from '@hono/zod-openapi';
import { AUDIO_FORMATS, FORMAT_INFO } from '../../audio/format.ts';
import { errorResponses } from '../../http/errors.ts';
import { placedHeader, placementHeader } from '../../placement/docs.ts';
import { timestampsSchema } from './answer/timestamps.ts';
import { ignoredHeaderDocs, warningSchema } from './ignored-docs.ts';
import { speechSchema } from './schema.ts';

const binary = z.string().openapi({ format: 'binary' });

const AUDIO_CONTENT = Object.fromEntries(
  Object.values(FORMAT_INFO).map(({ contentType }) => [contentType.split(';')[0], { schema: binary }]),
);

const usageSchema = z
  .object({
    input_tokens: z.number().int().openapi({ description: 'Characters.' }),
    output_tokens: z.number().int().openapi({ description: 'Frames of 12.5 ms.' }),
    total_tokens: z.number().int(),
  })
  .openapi('Usage');

const jsonSchema = z
  .object({
    object: z.literal('speech'),
    model: z.string().openapi({ description: 'Model and version.', example: 'sori-2@2.0.0' }),
    audio_format: z.enum(AUDIO_FORMATS),
    content_type: z.string(),
    sample_rate: z.number().int().openapi({ description: 'Samples per second of the decoded audio.' }),
    warnings: z.array(warningSchema).optional().openapi({
      description: 'Parts of the request that have no effect or another one. Absent if there are none.',
    }),
    audio: z.string().openapi({ format: 'byte', description: 'Base64.' }),
    duration_ms: z.number(),
    timestamps: timestampsSchema.optional(),
    usage: usageSchema,
  })
  .openapi('Speech');

const phrase = { model: 'sori-2', voice: 'hazel', input: 'Your table is ready.' };

/** Example bodies of the OpenAPI document; a test sends each of them. */
const examples = {
  phrase: { summary: 'A phrase', value: phrase },
  openai: {
    summary: 'A request of OpenAI’s clients',
    value: { model: 'tts-1', voice: 'alloy', input: 'Hello.', response_format: 'opus' },
  },
  mix: {
    summary: 'A mix of voices and of emotions',
    value: { ...phrase, voice: 'hazel(2)+clara(1)', emotion: { happy: 0.6, sad: 0.4 } },
  },
  controls: {
    summary: 'Higher, livelier, slower',
    value: { ...phrase, pitch: 2, pitch_range: 1.3, speed: 0.9, pauses: 1.5, energy: -3 },
  },
  sampling: {
    summary: 'Another reading',
    value: { ...phrase, diffusion_steps: 5, seed: 7 },
  },
  ssml: {
    summary: 'SSML',
    value: {
      ...phrase,
      input:
        '<speak>Your code is <say-as interpret-as="characters">K7</say-as>.<break time="300ms"/><prosody rate="slow" pitch="+2st">Thank you.</prosody></speak>',
    },
  },
  vendor: {
    summary: 'SSML of another service; its voice and style cause warnings',
    value: {
      ...phrase,
      input:
        '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xmlns:mstts="https://www.w3.org/2001/mstts" xml:lang="en-US"><voice name="en-US-AvaNeural"><mstts:express-as style="cheerful">Good morning!</mstts:express-as></voice></speak>',
    },
  },
  events: {
    summary: 'Server-sent events with word timings',
    value: { ...phrase, voice: 'clara', stream_format: 'sse', timestamps: 'word' },
  },
  json: {
    summary: 'JSON with the times of words and phonemes',
    value: { ...phrase, response_format: 'json', audio_format: 'wav', timestamps: ['word', 'phoneme'] },
  },
} as const;

const captionExamples = {
  sentences: {
    summary: 'A caption for each sentence',
    value: { ...phrase, input: `${phrase.input} Follow me.` },
  },
  words: { summary: 'A caption for each word', value: { ...phrase, timestamps: 'word' } },
  marks: {
    summary: 'A caption for each SSML mark',
    value: {
      ...phrase,
      timestamps: 'mark',
      input: '<speak><mark name="one"/>First this. <mark name="two"/>Then that.</speak>',
    },
  },
} as const;

const bodyWith = <const E extends object>(shown: E) => ({
  required: true,
  content: { 'application/json': { schema: speechSchema, examples: shown } },
});

const modelHeader = {
  ...ignoredHeaderDocs,
  'X-Sori-Model': {
    description: 'Model and version, such as `sori-2@2.0.0`.',
    schema: { type: 'string' as const },
  },
  'x-request-id': {
    description: 'Id of this request, also in the log.',
    schema: { type: 'string' as const },
  },
};

/** Headers with which a request chooses its place. */
const placementHeaders = z.object({
  ...placementHeader,
  Prefer: z.string().optional().openapi({
    description:
      '`respond-async` asks for a job (202, `Location`) instead of audio. With `wait=10`, only if the speech is estimated to need more than ten seconds of computing. No effect on a server without an origin.',
    example: 'respond-async, wait=10',
  }),
});

const EVENTS =
  '`speech.audio.delta` events with base64 `audio`. If `timestamps` are requested, `speech.audio.timing` events with the cues (as in `json`) whose audio has been sent. At the end one `speech.audio.done` with `usage` and, if parts of the request had no effect, `warnings` (as in `json`), or an event named `error` with an Error.';

/** `POST /v1/audio/speech`. */
export const speechRouteDocs = createRoute({
  method: 'post',
  path: '/v1/audio/speech',
  tags: ['speech'],
  operationId: 'createSpeech',
  summary: 'Synthesize speech',
  description:
    'OpenAI’s text-to-speech route. The audio, also of cloned voices, is streamed while it is made, and then stored: the same request is answered from storage afterwards. Send `Cache-Control: no-store` to keep audio out of storage.',
  request: { body: bodyWith(examples), headers: placementHeaders },
  responses: {
    200: {
      description: 'The audio, or server-sent events with `stream_format: "sse"`.',
      headers: {
        'Content-Length': {
          description:
            'Exact for stored audio, and for new audio of short text in `wav`, `pcm` and telephony formats. Absent otherwise.',
          schema: { type: 'integer' },
        },
        'Server-Timing': {
          description: 'Milliseconds of each stage up to the first byte.',
          schema: { type: 'string' },
        },
        'Content-Location': {
          description:
            'Path of the stored audio: `/audio/{key}.{format}`. It needs no API key, except for cloned voices, and works with any format. Absent if the audio is not stored.',
          schema: { type: 'string' },
        },
        'X-Cache': {
          description:
            '`hit`: the audio was already stored. `miss`: it was made. `coalesced`: another request was already making it. `bypass`: it was made and not stored (`Cache-Control: no-store`, `timestamps`, or no storage).',
          schema: { type: 'string', enum: ['hit', 'miss', 'coalesced', 'bypass'] },
        },
        ...modelHeader,
        ...placedHeader,
      },
      content: {
        ...AUDIO_CONTENT,
        'application/json': { schema: jsonSchema },
        'text/event-stream': {
          schema: z.string().openapi({
            description: EVENTS,
            example:
              'data: {"type":"speech.audio.delta","audio":"UklGRg=="}\n\ndata: {"type":"speech.audio.timing","timestamps":{"word":[{"start_ms":12.5,"end_ms":237.5,"text":"Hello","span":{"start":0,"end":5}}]}}\n\ndata: {"type":"speech.audio.done","usage":{"input_tokens":6,"output_tokens":60,"total_tokens":66}}\n\n',
          }),
        },
      },
    },
    ...errorResponses(400, 401, 403, 404, 413, 415, 422, 429, 500, 501, 502, 503),
  },
});

const captionRoute = <const F extends 'vtt' | 'srt'>(
  format: F,
  contentType: string,
  name: string,
  example: string,
) =>
  createRoute({
    method: 'post',
    path: `/v1/audio/speech.${format}`,
    tags: ['speech'],
    operationId: format === 'vtt' ? 'createCaptionsVtt' : 'createCaptionsSrt',
    summary: `Get the captions of speech as ${name}`,
    description:
      'Takes the body of `POST /v1/audio/speech` and returns captions, without making audio. The same body gives the same times. `timestamps` sets the unit of a caption; default `sentence`. Fields about the format of the audio are ignored.',
    request: { body: bodyWith(captionExamples) },
    responses: {
      200: {
        description: 'The captions.',
        headers: modelHeader,
        content: { [contentType]: { schema: z.string().openapi({ example }) } },
      },
      ...errorResponses(400, 401, 403, 404, 413, 415, 422, 429, 500, 503),
    },
  });

/** `POST /v1/audio/speech.vtt` and `POST /v1/audio/speech.srt`. */
export const captionRouteDocs = {
  vtt: captionRoute(
    'vtt',
    'text/vtt',
    'WebVTT',
    'WEBVTT\n\n1\n00:00:00.013 --> 00:00:01.263\nYour table is ready.\n',
  ),
  srt: captionRoute(
    'srt',
    'application/x-subrip',
    'SubRip',
    '1\n00:00:00,013 --> 00:00:01,263\nYour table is ready.\n',
  ),
};

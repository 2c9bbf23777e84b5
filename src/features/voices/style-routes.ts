import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { toInt16Array } from '../../audio/samples.ts';
import { masterWav } from '../../audio/transcode.ts';
import { base64 } from '../../base/base64.ts';
import { SoriError } from '../../base/errors.ts';
import type { ModelInfo } from '../../engine/engine.ts';
import { readLimited } from '../../http/bodies/body.ts';
import { readUpload } from '../../http/bodies/form-body.ts';
import type { Receiving } from '../../http/bodies/upload-room.ts';
import type { AppEnv } from '../../http/context.ts';
import { errorResponses } from '../../http/errors.ts';
import type { Slots } from '../../http/slots.ts';
import { placedHeader, placementHeader } from '../../placement/docs.ts';
import { encodeStyleId } from '../../synthesis/reference/style-id.ts';
import { modelNamed, requireOriginFor, requireReferences } from '../speech/index.ts';
import { analysisContextOf, placeAnalysis, reportAnalysisPlace } from './analysis.ts';
import type { VoiceDependencies } from './dependencies.ts';
import { MAX_RECORDING_BYTES, sentRecording } from './recordings.ts';

/** Bytes of a form in addition to the recording. */
const FORM_BYTES = 4096;

/** Types that are accepted as a recording; the format is detected from the first bytes. */
const AUDIO_TYPE =
  /^(?:audio\/(?:wave?|x-wav|vnd\.wave|(?:x-)?flac|mpeg|mp3|ogg|opus|webm|(?:x-)?m4a|mp4|aac|x-aac|aacp)|video\/(?:mp4|webm)|application\/(?:octet-stream|ogg))\s*(?:;|$)/i;
const FORM_TYPE = /^multipart\/form-data\s*;/i;

const styleSchema = z
  .object({
    id: z.string().openapi({
      description:
        'Value for `style` of a speech request. It contains the style itself; the server stores nothing.',
      example: 'sty_AVo0…',
    }),
    object: z.literal('style'),
    model: z.string().openapi({ description: 'The model of the style.' }),
    seconds: z.number().openapi({ description: 'Length of the recording.' }),
    measured: z
      .record(z.string(), z.number())
      .openapi({ description: 'Measured properties of the speech, in common units.' }),
    audio: z.string().optional().openapi({
      description: 'With `include=audio`: the decoded recording as base64 WAV (mono, 16 bits, 24 kHz).',
    }),
  })
  .openapi('Style', {
    example: {
      id: 'sty_AVo0…',
      object: 'style',
      model: 'sori-2',
      seconds: 6.4,
      measured: {
        pitch_hz: 192.4,
        pitch_range_semitones: 3.1,
        pitch_slope_semitones_per_s: -1.2,
        speed: 1.1,
      },
    },
  });

const binary = z.string().openapi({ format: 'binary' });

const route = createRoute({
  method: 'post',
  path: '/v1/styles',
  tags: ['voices'],
  operationId: 'createStyle',
  summary: 'Make a style from a recording',
  description:
    'Takes 3 to 60 seconds of one person’s speech, as the body or as `file` of a form, and returns a style id. The file is WAV, FLAC, MP3, M4A (AAC-LC, ALAC), AAC, WebM or Ogg (Opus, Vorbis). Only where the operator has turned it on (`REFERENCE_STYLES`).',
  request: {
    headers: z.object(placementHeader),
    query: z.object({
      model: z.string().optional().openapi({ description: 'Default: the first of `GET /v1/models`.' }),
      one_speaker: z.enum(['true', 'false']).optional().openapi({
        description:
          '`true` refuses a recording whose halves seem to have different speakers; default `false`.',
      }),
      include: z.enum(['audio']).optional().openapi({ description: 'Return the audio as well.' }),
    }),
    body: {
      required: true,
      content: {
        'audio/wav': { schema: binary },
        'audio/flac': { schema: binary },
        'audio/mpeg': { schema: binary },
        'audio/mp4': { schema: binary },
        'audio/aac': { schema: binary },
        'audio/webm': { schema: binary },
        'audio/ogg': { schema: binary },
        'application/octet-stream': { schema: binary },
        'multipart/form-data': { schema: z.object({ file: binary, model: z.string().optional() }) },
      },
    },
  },
  responses: {
    200: {
      description: 'The style.',
      headers: placedHeader,
      content: { 'application/json': { schema: styleSchema } },
    },
    ...errorResponses(400, 403, 404, 408, 413, 415, 429, 500, 501, 502, 503),
  },
});

/** Adds `POST /v1/styles`. */
export function styleRoute(app: OpenAPIHono<AppEnv>, deps: VoiceDependencies, slots: Slots): void {
  const { referenceStyles } = deps;
  // Registered by hand: the library's own validator would read a body of any length.
  app.openAPIRegistry.registerPath(route);
  app.post(route.path, async (c) => {
    requireReferences(referenceStyles);
    const options = { oneSpeaker: flag(c, 'one_speaker', 'true'), samples: flag(c, 'include', 'audio') };
    const context = analysisContextOf(c);
    const { file, model: named } = await readRecording(deps, c.req.raw);
    const release = slots.take();
    try {
      const recording = await sentRecording(file, 'file');
      const name = named ?? c.req.query('model');
      if (name !== undefined) requireOriginFor(deps, name);
      const model = await modelNamed(deps, name, context.signal);
      const { analyze, placed } = placeAnalysis(deps, model, [recording], context);
      const analyzed = await analyze(recording, options).finally(() => reportAnalysisPlace(c, placed()));
      c.header('Cache-Control', 'no-store');
      return c.json({
        id: encodeStyleId(analyzed.style, model.styleSpace),
        object: 'style',
        model: model.id,
        seconds: rounded(analyzed.seconds),
        measured: measuredOf(analyzed.style, model.statistics),
        ...(analyzed.samples && { audio: base64(masterWav(toInt16Array(analyzed.samples))) }),
      } satisfies z.infer<typeof styleSchema>);
    } finally {
      release();
    }
  });
}

/** @throws {SoriError} `invalid_value`. */
function flag(c: Context<AppEnv>, name: string, on: string): boolean {
  const value = c.req.query(name);
  if (value === undefined || value === on || (on === 'true' && value === 'false')) return value === on;
  const message = `${name} must be ${on === 'true' ? 'true or false' : on}.`;
  throw new SoriError('invalid_value', message, { param: name });
}

interface Upload {
  readonly file: Blob;
  readonly model?: string;
}

/** @throws {SoriError} `unsupported_media_type`, `body_too_large`, `missing_required_parameter`, `invalid_value`. */
async function readRecording(deps: Pick<VoiceDependencies, 'uploads'>, request: Request): Promise<Upload> {
  const type = request.headers.get('content-type')?.trim() ?? '';
  if (AUDIO_TYPE.test(type)) {
    const read = (receiving?: Receiving) => readLimited(request, MAX_RECORDING_BYTES, receiving);
    return { file: new Blob([await (deps.uploads?.during(request, read) ?? read())]) };
  }
  if (!FORM_TYPE.test(type)) {
    const message =
      'Send the recording as Content-Type: audio/wav (or flac, mpeg, ogg), or as file of a multipart/form-data form.';
    throw new SoriError('unsupported_media_type', message);
  }
  const form = await readUpload(deps, request, MAX_RECORDING_BYTES + FORM_BYTES);
  const [file] = form.files('file');
  if (file === undefined) {
    const message = 'file is required: send the recording in this form field.';
    throw new SoriError('missing_required_parameter', message, { param: 'file' });
  }
  return { file, model: form.text('model') };
}

const SEMITONE = Math.LN2 / 12;

/** Name and unit of each measured property in the answer. */
const MEASURES: Readonly<Record<string, readonly [name: string, read: (value: number) => number]>> = {
  pitch: ['pitch_hz', (value) => 160 * Math.exp(value)],
  pitchRange: ['pitch_range_semitones', (value) => value / SEMITONE],
  slope: ['pitch_slope_semitones_per_s', (value) => value / SEMITONE],
  rate: ['speed', (value) => Math.exp(-value)],
  pauses: ['pauses', Math.exp],
  energyRange: ['energy_range', (value) => value],
  tilt: ['tilt', (value) => value],
  breathiness: ['breathiness', (value) => value],
};

function measuredOf(style: Float32Array, statistics: ModelInfo['statistics']): Record<string, number> {
  return Object.fromEntries(
    Object.entries(MEASURES)
      .filter(([statistic]) => statistics[statistic] !== undefined)
      .map(([statistic, [name, read]]) => [name, rounded(read(style[statistics[statistic]]))]),
  );
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ModelInfo } from '../engine/engine.ts';
import { SoriError } from '../errors.ts';
import { encodeStyleId } from '../pipeline/reference/style-id.ts';
import { readLimited } from './body.ts';
import type { AppDependencies, AppEnv } from './context.ts';
import { errorResponses } from './errors.ts';
import { resolveModelName } from './openai-names.ts';
import { placeRecording } from './placement.ts';
import { requireReferences, styleOf } from './references.ts';
import type { Slots } from './slots.ts';

/** Largest recording, in bytes: a minute of mono 16-bit WAV at 48 kHz, and room for its notes. */
export const MAX_REFERENCE_BYTES = 6 * 1024 * 1024;
/** A form's own lines and fields, which come on top of the recording. */
const FORM_BYTES = 4096;

const WAV_TYPE = /^audio\/(?:wav|wave|x-wav|vnd\.wave)\s*(?:;|$)/i;
const FORM_TYPE = /^multipart\/form-data\s*;/i;

const styleSchema = z
  .object({
    id: z.string().openapi({
      description: 'For `style` of a speech request. It is the style itself: nothing is kept here.',
      example: 'sty_AVo0…',
    }),
    object: z.literal('style'),
    model: z.string().openapi({ description: 'The model that can speak with it.' }),
    seconds: z.number().openapi({ description: 'Length of the recording.' }),
    measured: z
      .record(z.string(), z.number())
      .openapi({ description: 'What the model took down of the manner of speaking, in units for people.' }),
  })
  .openapi('Style', {
    example: {
      id: 'sty_AVo0…',
      object: 'style',
      model: 'sori-1',
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
  summary: 'Make a style of a recording',
  description:
    'Takes 3 to 60 seconds of one person’s speech as WAV, as the body itself or as `file` of a form, and answers a style id. Only where the operator has turned it on (`REFERENCE_STYLES`).',
  request: {
    query: z.object({
      model: z.string().optional().openapi({ description: 'Default: the first of `GET /v1/models`.' }),
    }),
    body: {
      required: true,
      content: {
        'audio/wav': { schema: binary },
        'multipart/form-data': { schema: z.object({ file: binary, model: z.string().optional() }) },
      },
    },
  },
  responses: {
    200: { description: 'The style.', content: { 'application/json': { schema: styleSchema } } },
    ...errorResponses(400, 403, 404, 413, 415, 500, 503),
  },
});

/** Adds `POST /v1/styles`. */
export function styleRoute(app: OpenAPIHono<AppEnv>, deps: AppDependencies, slots: Slots): void {
  const { engine, referenceStyles } = deps;
  // Registered by hand: the library's own validator would read a body of any length.
  app.openAPIRegistry.registerPath(route);
  app.post(route.path, async (c) => {
    requireReferences(referenceStyles);
    const request = await placeRecording(c, deps, MAX_REFERENCE_BYTES + FORM_BYTES);
    if (request instanceof Response) return request;
    const release = slots.take();
    try {
      const { signal } = request;
      const { wav, model: named } = await readUpload(request);
      const name = named ?? c.req.query('model');
      const model = await engine.model(
        name === undefined ? engine.names[0] : resolveModelName(engine.names, name),
        signal,
      );
      const { style, seconds } = await styleOf(engine, model.id, { wav, param: 'file' }, signal);
      c.header('Cache-Control', 'no-store');
      return c.json({
        id: encodeStyleId(style, model.styleSpace),
        object: 'style',
        model: model.id,
        seconds: rounded(seconds),
        measured: measuredOf(style, model.statistics),
      } satisfies z.infer<typeof styleSchema>);
    } finally {
      release();
    }
  });
}

interface Upload {
  readonly wav: Uint8Array;
  readonly model?: string;
}

/** @throws {SoriError} `unsupported_media_type`, `body_too_large`, `missing_required_parameter`, `invalid_value`. */
async function readUpload(request: Request): Promise<Upload> {
  const type = request.headers.get('content-type')?.trim() ?? '';
  if (WAV_TYPE.test(type)) return { wav: await readLimited(request, MAX_REFERENCE_BYTES) };
  if (!FORM_TYPE.test(type)) {
    const message =
      'Send the recording as Content-Type: audio/wav, or as file of a multipart/form-data form.';
    throw new SoriError('unsupported_media_type', message);
  }
  const bytes = await readLimited(request, MAX_REFERENCE_BYTES + FORM_BYTES);
  let form: FormData;
  try {
    form = await new Response(bytes, { headers: { 'Content-Type': type } }).formData();
  } catch (cause) {
    throw new SoriError('invalid_value', 'The body is not a multipart/form-data form.', { cause });
  }
  const file: unknown = form.get('file');
  const model: unknown = form.get('model');
  if (!(file instanceof Blob)) {
    const message = 'file is required: a WAV file in the form field of this name.';
    throw new SoriError('missing_required_parameter', message, { param: 'file' });
  }
  const wav = new Uint8Array(await file.arrayBuffer());
  return { wav, model: typeof model === 'string' ? model : undefined };
}

const SEMITONE = Math.LN2 / 12;

/** Name in the answer and unit of each measured dimension. */
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

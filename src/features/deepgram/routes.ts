import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { SoriError } from '../../base/errors.ts';
import { readLimited } from '../../http/bodies/body.ts';
import { MAX_BODY_BYTES, readJsonBody } from '../../http/bodies/json-body.ts';
import type { AppEnv } from '../../http/context.ts';
import type { ErrorShape } from '../../http/error-shapes.ts';
import { errorResponses } from '../../http/errors.ts';
import { type SpeechDependencies, speakAs } from '../speech/index.ts';
import { parametersOf } from './request.ts';

const PATH = '/v1/speak';

const route = createRoute({
  method: 'post',
  path: PATH,
  tags: ['other services'],
  operationId: 'deepgramSpeak',
  summary: 'Deepgram: speech',
  description:
    'Takes `Authorization: Token …`. Errors have Deepgram’s shape: `{"err_code", "err_msg", "request_id"}`.',
  request: {
    query: z.object({
      model: z
        .string()
        .optional()
        .openapi({ description: 'A voice or a model of this server, or a voice of Aura.' }),
      encoding: z.string().optional().openapi({ description: 'Default `mp3`.', example: 'linear16' }),
      container: z.string().optional().openapi({ description: '`wav` (default) or `none` for raw samples.' }),
      sample_rate: z.string().optional().openapi({ example: '16000' }),
      speed: z.string().optional(),
    }),
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({ text: z.string() }),
          example: { text: 'Your table is ready.' },
        },
        'text/plain': { schema: z.string() },
      },
    },
  },
  responses: {
    200: {
      description: 'The audio, as it is made.',
      content: { 'audio/mpeg': { schema: z.string().openapi({ format: 'binary' }) } },
    },
    ...errorResponses(400, 401, 403, 404, 413, 415, 422, 429, 500, 501, 502, 503),
  },
});

/** Adds Deepgram's `POST /v1/speak`. */
export function deepgramRoutes(app: OpenAPIHono<AppEnv>, deps: SpeechDependencies): void {
  app.openAPIRegistry.registerPath(route);
  app.post(PATH, async (c) => {
    const input = await textOf(c);
    const { fields, ...asked } = parametersOf(new URL(c.req.url).searchParams, deps.engine.names);
    const spoken = await speakAs(c, deps, { ...asked, fields: { ...fields, input } });
    spoken.headers.set('dg-request-id', c.get('requestId'));
    spoken.headers.set('dg-char-count', String(Array.from(String(input)).length));
    return spoken;
  });
}

/** Deepgram's errors. */
export const deepgramErrors: ErrorShape = {
  covers: (path) => path === PATH,
  body: ({ code, message, param }, { requestId }) => ({
    err_code: code,
    err_msg: message,
    param,
    request_id: requestId,
  }),
};

async function textOf(c: Context<AppEnv>): Promise<unknown> {
  const { raw } = c.req;
  if (/^text\/plain\b/i.test(raw.headers.get('content-type') ?? '')) {
    return new TextDecoder().decode(await readLimited(raw, MAX_BODY_BYTES));
  }
  const body = (await readJsonBody(raw)) as { text?: unknown; url?: unknown } | null;
  if (typeof body?.text === 'string') return body.text;
  const message =
    body?.url === undefined
      ? 'text is required and must be a string.'
      : 'Fetching text from a url is not supported: send it in the field text.';
  throw new SoriError('missing_required_parameter', message, { param: 'text' });
}

import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { SoriError } from '../../base/errors.ts';
import { readJsonBody } from '../../http/bodies/json-body.ts';
import type { AppEnv } from '../../http/context.ts';
import { errorResponses } from '../../http/errors.ts';
import { type SpeechDependencies, speakAs } from '../speech/index.ts';

const tags = ['other services'];
const ERRORS = errorResponses(400, 401, 403, 404, 413, 415, 422, 429, 500, 501, 502, 503);
const binary = z.string().openapi({ format: 'binary' });

const vapi = createRoute({
  method: 'post',
  path: '/v1/vapi/speech',
  tags,
  operationId: 'vapiSpeech',
  summary: 'Vapi: custom voice',
  description:
    'The URL of a `custom-voice` of Vapi. Its secret (`X-VAPI-SECRET`) is an API key. The answer is 16-bit mono at the rate that Vapi asks for.',
  request: {
    query: z.object({ voice: z.string().optional(), speed: z.string().optional() }),
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({
            message: z
              .object({ type: z.literal('voice-request'), text: z.string(), sampleRate: z.number() })
              .loose(),
          }),
          example: { message: { type: 'voice-request', text: 'Your table is ready.', sampleRate: 24_000 } },
        },
      },
    },
  },
  responses: {
    200: { description: '16-bit mono samples.', content: { 'application/octet-stream': { schema: binary } } },
    ...ERRORS,
  },
});

const jambonz = createRoute({
  method: 'post',
  path: '/v1/jambonz/speech',
  tags,
  operationId: 'jambonzSpeech',
  summary: 'jambonz: custom speech',
  description: 'The HTTP URL of a custom speech provider of jambonz.',
  request: {
    query: z.object({
      format: z.string().optional().openapi({ description: 'Any format of speech; default `mp3`.' }),
    }),
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({
            text: z.string().openapi({ description: 'Text or SSML.' }),
            voice: z.string().optional(),
            language: z.string().optional(),
            type: z.enum(['text', 'ssml']).optional(),
          }),
          example: { text: 'Your table is ready.', voice: 'hazel', language: 'en-US', type: 'text' },
        },
      },
    },
  },
  responses: {
    200: { description: 'The audio.', content: { 'audio/mpeg': { schema: binary } } },
    ...ERRORS,
  },
});

/** Adds the routes that Vapi and jambonz call for the voice of an agent. */
export function voiceAgentRoutes(app: OpenAPIHono<AppEnv>, deps: SpeechDependencies): void {
  app.openAPIRegistry.registerPath(vapi);
  app.post(vapi.path, async (c) => {
    const { message } = objectOf(await readJsonBody(c.req.raw));
    const { type, text, sampleRate = 24_000 } = objectOf(message, 'message');
    if (type !== 'voice-request')
      throw new SoriError('invalid_value', 'message.type must be voice-request.', { param: 'message.type' });
    const query = new URL(c.req.url).searchParams;
    const voice = query.get('voice') ?? undefined;
    const speed = query.get('speed') ?? undefined;
    const fields = { input: text, voice, speed, response_format: 'pcm', sample_rate: sampleRate };
    const names = { input: 'message.text', sample_rate: 'message.sampleRate' };
    const spoken = await speakAs(c, deps, { fields, names });
    if (spoken.ok) spoken.headers.set('Content-Type', 'application/octet-stream');
    return spoken;
  });

  app.openAPIRegistry.registerPath(jambonz);
  app.post(jambonz.path, async (c) => {
    const { text, voice, language, type: _, ...others } = objectOf(await readJsonBody(c.req.raw));
    const format = new URL(c.req.url).searchParams.get('format') ?? 'mp3';
    const fields = { input: text, voice, language, response_format: format };
    return await speakAs(c, deps, {
      fields,
      unused: Object.keys(others),
      names: { input: 'text', response_format: 'format' },
    });
  });
}

function objectOf(value: unknown, param?: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new SoriError('invalid_type', `${param ?? 'The body'} must be a JSON object.`, { param });
}

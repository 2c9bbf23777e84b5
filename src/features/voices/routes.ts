import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '../../http/context.ts';
import { errorResponses } from '../../http/errors.ts';
import type { VoiceDependencies } from './dependencies.ts';
import { listVoices } from './list.ts';
import { type ClonedVoiceAnswer, clonedVoiceSchema, type VoiceAnswer, voiceSchema } from './schema.ts';

const anyVoice = z.union([clonedVoiceSchema, voiceSchema]);

const listSchema = z.object({ object: z.literal('list'), data: z.array(anyVoice) });

const list = createRoute({
  method: 'get',
  path: '/v1/voices',
  tags: ['voices'],
  operationId: 'listVoices',
  summary: 'List voices',
  responses: {
    200: { description: 'The voices.', content: { 'application/json': { schema: listSchema } } },
    ...errorResponses(500, 503),
  },
});

const audioList = createRoute({
  ...list,
  path: '/v1/audio/voices',
  operationId: 'listAudioVoices',
  summary: 'List voices, at the path of other OpenAI-compatible servers',
  responses: {
    ...list.responses,
    200: {
      description: 'The voices, also as `voices`, which other clients read.',
      content: { 'application/json': { schema: listSchema.extend({ voices: z.array(anyVoice) }) } },
    },
  },
});

/** Adds `GET /v1/voices` and `GET /v1/audio/voices`. */
export function voiceRoutes(app: OpenAPIHono<AppEnv>, deps: VoiceDependencies): void {
  const listFor = async (c: Context<AppEnv>): Promise<(VoiceAnswer | ClonedVoiceAnswer)[]> => {
    // The list depends on the key.
    c.header('Cache-Control', 'no-store');
    return await listVoices(deps, c.get('caller').id, c.req.raw.signal);
  };
  app.openapi(list, async (c) => c.json({ object: 'list' as const, data: await listFor(c) }, 200));
  app.openapi(audioList, async (c) => {
    const data = await listFor(c);
    return c.json({ object: 'list' as const, data, voices: data }, 200);
  });
}

import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ModelInfo } from '../engine/engine.ts';
import type { AppDependencies, AppEnv } from './context.ts';
import { errorResponses } from './errors.ts';
import { openAiNamesOf } from './openai-names.ts';

const voiceSchema = z
  .object({
    id: z.string(),
    object: z.literal('voice'),
    name: z.string(),
    sex: z.enum(['female', 'male', 'neutral']),
    language: z.string().openapi({ description: 'BCP 47.' }),
    description: z.string(),
    sample: z.string().openapi({ description: 'A sentence that shows the voice.' }),
    model: z.string().openapi({ description: 'The model that speaks with it.' }),
    openai_names: z.array(z.string()).openapi({ description: 'OpenAI voices that mean this one.' }),
  })
  .openapi('Voice', {
    example: {
      id: 'kathleen',
      object: 'voice',
      name: 'Kathleen',
      sex: 'female',
      language: 'en-US',
      description: 'Calm and clear.',
      sample: 'Good morning, and thank you for calling.',
      model: 'sori-1',
      openai_names: ['alloy', 'verse'],
    },
  });

const listSchema = z.object({ object: z.literal('list'), data: z.array(voiceSchema) });

const list = createRoute({
  method: 'get',
  path: '/v1/voices',
  tags: ['voices'],
  operationId: 'listVoices',
  summary: 'List the voices of all models',
  responses: {
    200: { description: 'The voices.', content: { 'application/json': { schema: listSchema } } },
    ...errorResponses(500, 503),
  },
});

const audioList = createRoute({
  ...list,
  path: '/v1/audio/voices',
  operationId: 'listAudioVoices',
  summary: 'List the voices where other OpenAI-compatible servers do',
  responses: {
    ...list.responses,
    200: {
      description: 'The voices, a second time as `voices`, which is where such clients look.',
      content: { 'application/json': { schema: listSchema.extend({ voices: z.array(voiceSchema) }) } },
    },
  },
});

/** Adds `GET /v1/voices` and `GET /v1/audio/voices`. */
export function voiceRoutes(app: OpenAPIHono<AppEnv>, { engine }: AppDependencies): void {
  app.openapi(list, async (c) => {
    const data = (await engine.models(c.req.raw.signal)).flatMap(voicesOf);
    return c.json({ object: 'list' as const, data }, 200);
  });
  app.openapi(audioList, async (c) => {
    const data = (await engine.models(c.req.raw.signal)).flatMap(voicesOf);
    return c.json({ object: 'list' as const, data, voices: data }, 200);
  });
}

function voicesOf(model: ModelInfo): z.infer<typeof voiceSchema>[] {
  return model.voices.map((voice) => ({
    ...voice,
    object: 'voice',
    model: model.id,
    openai_names: openAiNamesOf(model, voice),
  }));
}

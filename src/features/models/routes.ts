import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ModelInfo } from '../../engine/engine.ts';
import type { AppEnv } from '../../http/context.ts';
import { errorResponses } from '../../http/errors.ts';
import { resolveModelName, type SpeechDependencies } from '../speech/index.ts';

const modelSchema = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.number().int().openapi({ description: 'Seconds since the epoch.' }),
    owned_by: z.string(),
    version: z.string(),
    languages: z.array(z.string()).openapi({ description: 'BCP 47.' }),
    voices: z.array(z.string()).openapi({ description: 'Ids of its voices.' }),
    emotions: z
      .array(z.string())
      .openapi({ description: 'Emotions that a request may mix; the first is neutral.' }),
  })
  .openapi('Model', {
    example: {
      id: 'sori-1',
      object: 'model',
      created: 1795219200,
      owned_by: 'sori',
      version: '2.0.0',
      languages: ['en', 'en-AU'],
      voices: ['kathleen', 'linda', 'cameron'],
      emotions: ['neutral', 'happy', 'sad', 'angry', 'fearful', 'surprised', 'calm'],
    },
  });

const list = createRoute({
  method: 'get',
  path: '/v1/models',
  tags: ['models'],
  operationId: 'listModels',
  summary: 'List the models; the first is the default',
  responses: {
    200: {
      description: 'The models.',
      content: {
        'application/json': { schema: z.object({ object: z.literal('list'), data: z.array(modelSchema) }) },
      },
    },
    ...errorResponses(500, 503),
  },
});

const one = createRoute({
  method: 'get',
  path: '/v1/models/{id}',
  tags: ['models'],
  operationId: 'getModel',
  summary: 'Describe a model',
  request: {
    params: z.object({
      id: z.string().openapi({ description: 'An id, or an OpenAI name such as `tts-1`.', example: 'sori-1' }),
    }),
  },
  responses: {
    200: { description: 'The model.', content: { 'application/json': { schema: modelSchema } } },
    ...errorResponses(404, 500, 503),
  },
});

/** Adds `GET /v1/models` and `GET /v1/models/{id}`. */
export function modelRoutes(app: OpenAPIHono<AppEnv>, { engine }: SpeechDependencies): void {
  app.openapi(list, async (c) => {
    const models = await engine.models(c.req.raw.signal);
    return c.json({ object: 'list' as const, data: models.map(describe) }, 200);
  });
  app.openapi(one, async (c) => {
    const name = resolveModelName(engine.names, c.req.valid('param').id);
    const model = await engine.model(name, c.req.raw.signal);
    return c.json(describe(model), 200);
  });
}

function describe({
  id,
  created,
  version,
  languages,
  voices,
  emotions,
}: ModelInfo): z.infer<typeof modelSchema> {
  return {
    id,
    object: 'model',
    created,
    owned_by: 'sori',
    version,
    languages: [...languages],
    voices: voices.map((voice) => voice.id),
    emotions: [...emotions],
  };
}

import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ModelInfo } from '../../engine/engine.ts';
import type { AppEnv } from '../../http/context.ts';
import { errorResponses } from '../../http/errors.ts';
import { keepAlive } from '../../http/keep-alive.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import type { Task } from '../../models/tasks.ts';
import { homeOf } from '../../placement/placed-header.ts';
import { resolveModelName } from '../speech/index.ts';
import type { TranscriptionDependencies } from '../transcription/index.ts';
import { type ModelBody, modelListSchema, modelSchema } from './schema.ts';

const list = createRoute({
  method: 'get',
  path: '/v1/models',
  tags: ['models'],
  operationId: 'listModels',
  summary: 'List models; the first is the default',
  responses: {
    200: {
      description: 'The models.',
      content: {
        'application/json': { schema: modelListSchema },
      },
    },
    ...errorResponses(500, 503),
  },
});

const audioList = createRoute({
  ...list,
  path: '/v1/audio/models',
  operationId: 'listAudioModels',
  summary: 'List speech models, at the path of Open WebUI',
  responses: {
    ...list.responses,
    200: {
      description: 'The models, also as `models`, which Open WebUI reads.',
      content: {
        'application/json': { schema: modelListSchema.extend({ models: modelListSchema.shape.data }) },
      },
    },
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
      id: z.string().openapi({ description: 'An id, or an OpenAI name such as `tts-1`.', example: 'sori-2' }),
    }),
  },
  responses: {
    200: { description: 'The model.', content: { 'application/json': { schema: modelSchema } } },
    ...errorResponses(404, 500, 503),
  },
});

/** Adds `GET /v1/models`, `GET /v1/audio/models` and `GET /v1/models/{id}`. */
export function modelRoutes(app: OpenAPIHono<AppEnv>, deps: TranscriptionDependencies): void {
  const { engine, hosted, placement } = deps;
  const home = homeOf(deps);

  /** Models that origins host. */
  const atOrigins = async (c: Context<AppEnv>): Promise<ModelBody[]> => {
    const listed = await placement?.models?.list({
      signal: c.req.raw.signal,
      caller: c.get('caller').id,
      keepAlive: (work) => keepAlive(c, work),
    });
    return (listed ?? [])
      .flatMap((model) => modelSchema.safeParse(model).data ?? [])
      .filter(({ served_by, hosted }) => served_by === 'origin' && hosted);
  };

  /** Models that do not speak, and those that only origins have. */
  const others = async (c: Context<AppEnv>, own: readonly ModelBody[]): Promise<ModelBody[]> => {
    await hosted?.refresh();
    const here = (hosted?.list() ?? []).filter(({ task }) => !speaks(task)).map(describeHosted);
    const there = await atOrigins(c);
    const known = new Set([...own, ...here].map(({ id }) => id));
    return [...here, ...there.filter(({ id }) => !known.has(id))];
  };

  app.openapi(list, async (c) => {
    const models = (await engine.models(c.req.raw.signal)).map((model) => describe(model, home));
    return c.json({ object: 'list' as const, data: [...models, ...(await others(c, models))] }, 200);
  });
  app.openapi(audioList, async (c) => {
    const own = (await engine.models(c.req.raw.signal)).map((model) => describe(model, home));
    const all = [...own, ...(await others(c, own))].filter(({ task }) => speaks(task));
    return c.json({ object: 'list' as const, data: all, models: all }, 200);
  });
  app.openapi(one, async (c) => {
    const { id } = c.req.valid('param');
    const other = engine.names.includes(id)
      ? undefined
      : (await others(c, [])).find((model) => model.id === id);
    if (other) return c.json(other, 200);
    const model = await engine.model(resolveModelName(engine.names, id), c.req.raw.signal);
    return c.json(describe(model, home), 200);
  });
}

/** Whether models of a task speak, and are listed by the engine. */
const speaks = (task: Task) => task === 'speech' || task === 'speech-cloning';

function describe(model: ModelInfo, home: 'edge' | 'origin'): ModelBody {
  const { id, created, version, languages, voices, emotions, servedBy, licence, voiceThreshold } = model;
  return {
    id,
    object: 'model',
    created,
    owned_by: servedBy === undefined ? 'sori' : 'operator',
    version,
    task: voiceThreshold === undefined ? 'speech' : 'speech-cloning',
    served_by: servedBy ?? home,
    ...(servedBy && { hosted: true }),
    ...(licence !== undefined && { licence }),
    languages: [...languages],
    voices: voices.map((voice) => voice.id),
    emotions: [...emotions],
    ...(model.samplesStyles && { samples_styles: true }),
    ...(voiceThreshold !== undefined && {
      cloning: { embedding_size: model.styleSize, threshold: voiceThreshold, revision: model.fingerprint },
    }),
  };
}

function describeHosted({
  id,
  created,
  version,
  task,
  licence,
  languages,
  voices,
}: ModelManifest): ModelBody {
  return {
    id,
    object: 'model',
    created,
    owned_by: 'operator',
    version,
    task,
    served_by: 'origin',
    hosted: true,
    licence,
    languages: [...languages],
    voices: voices.map((voice) => voice.id),
    emotions: [],
  };
}

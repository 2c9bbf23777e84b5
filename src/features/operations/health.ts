import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type ErrorCode, SoriError } from '../../base/errors.ts';
import type { AppEnv } from '../../http/context.ts';
import { ERROR_KINDS, errorBody, errorSchema } from '../../http/errors.ts';
import { modelEdition, type SpeechDependencies } from '../speech/index.ts';

const healthSchema = z.object({ status: z.literal('ok') });

const readinessSchema = z.object({
  model: z.string(),
  ready: z.boolean(),
  edition: z.string().optional().openapi({
    description:
      'The part of cache keys that does not depend on the request: the weights, the revision of the code, and the arithmetic.',
    example: '6f1e….3.wasm',
  }),
  backend: z.string().optional().openapi({ description: 'Driver and execution provider.', example: 'wasm' }),
  refused: z
    .array(z.object({ provider: z.string(), reason: z.string() }))
    .optional()
    .openapi({ description: 'Preferred execution providers that could not be used, and why.' }),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

const readySchema = z
  .object({ status: z.enum(['ready', 'unavailable']), models: z.array(readinessSchema) })
  .openapi('Readiness', {
    example: { status: 'ready', models: [{ model: 'sori-2', ready: true, backend: 'wasm' }] },
  });

const healthz = createRoute({
  method: 'get',
  path: '/healthz',
  tags: ['health'],
  operationId: 'health',
  summary: 'Liveness',
  responses: {
    200: { description: 'The process runs.', content: { 'application/json': { schema: healthSchema } } },
  },
});

const readyz = createRoute({
  method: 'get',
  path: '/readyz',
  tags: ['health'],
  operationId: 'readiness',
  summary: 'Readiness',
  description:
    'The first call loads the models and tests each with a known phrase. A server that is shutting down is not ready.',
  responses: {
    200: { description: 'Every model is ready.', content: { 'application/json': { schema: readySchema } } },
    503: {
      description: 'A model is not ready, or the server is shutting down; see `error`.',
      content: { 'application/json': { schema: readySchema.extend(errorSchema.shape) } },
    },
  },
});

/** Adds `GET /healthz` and `GET /readyz`. */
export function healthRoutes(app: OpenAPIHono<AppEnv>, deps: SpeechDependencies): void {
  const { engine, draining } = deps;
  app.openapi(healthz, (c) => {
    c.header('Cache-Control', 'no-store');
    return c.json({ status: 'ok' as const }, 200);
  });
  app.openapi(readyz, async (c) => {
    c.header('Cache-Control', 'no-store');
    if (draining?.()) {
      c.header('Retry-After', String(ERROR_KINDS.overloaded.retryAfter));
      const error = new SoriError('overloaded', 'This server is shutting down.');
      return c.json({ status: 'unavailable' as const, models: [], ...errorBody(error) }, 503);
    }
    const { signal } = c.req.raw;
    const models = await Promise.all(
      (await engine.readiness(signal)).map(async ({ refused, ...model }) => ({
        ...model,
        // Edges look up this server's audio by its edition.
        edition: model.ready
          ? await modelEdition(deps, model.model, signal).catch(() => undefined)
          : undefined,
        ...(refused && { refused: refused.map((one) => ({ ...one })) }),
      })),
    );
    const broken = models.find(({ ready }) => !ready);
    if (models.length > 0 && broken === undefined) return c.json({ status: 'ready' as const, models }, 200);
    const { code = 'model_unavailable', message = 'This server has no model.' } = broken?.error ?? {};
    c.header('Retry-After', String(ERROR_KINDS.model_unavailable.retryAfter));
    const known = Object.hasOwn(ERROR_KINDS, code) ? (code as ErrorCode) : 'model_unavailable';
    return c.json(
      { status: 'unavailable' as const, models, ...errorBody(new SoriError(known, message)) },
      503,
    );
  });
}

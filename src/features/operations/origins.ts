import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppEnv } from '../../http/context.ts';
import { errorResponses } from '../../http/errors.ts';
import type { SpeechDependencies } from '../speech/index.ts';
import { originsPage } from './origins-page.ts';

const originSchema = z
  .object({
    object: z.literal('origin'),
    url: z.string(),
    weight: z.number().openapi({ description: 'Share of the requests.' }),
    ready: z.boolean().openapi({ description: 'Whether its `GET /readyz` answers 200 now.' }),
    state: z.enum(['closed', 'open', 'half-open']).openapi({
      description:
        'Circuit breaker of the process that answers: `closed` lets requests through, `open` none for a while, `half-open` one to try.',
    }),
    models: z.array(z.string()).openapi({ description: 'Models that it has named so far.' }),
  })
  .openapi('Origin', {
    example: {
      object: 'origin',
      url: 'https://gpu.example',
      weight: 1,
      ready: true,
      state: 'closed',
      models: ['sori-2'],
    },
  });

const route = createRoute({
  method: 'get',
  path: '/v1/origins',
  tags: ['health'],
  operationId: 'listOrigins',
  summary: 'Health of the origins',
  description:
    'Asks every origin of `ORIGINS` whether it is ready. A browser, which accepts `text/html`, gets a page. Needs the scope `usage:read`.',
  responses: {
    200: {
      description: 'The origins; an empty list where there are none.',
      content: {
        'application/json': { schema: z.object({ object: z.literal('list'), data: z.array(originSchema) }) },
        'text/html': { schema: z.string() },
      },
    },
    ...errorResponses(401, 403, 429),
  },
});

/** Adds `GET /v1/origins`. */
export function originsRoute(app: OpenAPIHono<AppEnv>, { placement }: SpeechDependencies): void {
  app.openAPIRegistry.registerPath(route);
  app.get(route.path, async (c) => {
    const reports = (await placement?.pool?.check()) ?? [];
    const data = reports.map(
      (report): z.infer<typeof originSchema> => ({ object: 'origin', ...report, models: [...report.models] }),
    );
    c.header('Cache-Control', 'no-store');
    c.header('Vary', 'Accept');
    if (c.req.header('accept')?.includes('text/html')) return c.html(originsPage(data));
    return c.json({ object: 'list' as const, data });
  });
}

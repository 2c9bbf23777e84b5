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
        'State of the circuit breaker in this process: `closed` lets all requests through, `open` none for a while, `half-open` one as a trial.',
    }),
    models: z.array(z.string()).openapi({ description: 'Models that it has reported so far.' }),
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
    'Checks every origin of `ORIGINS`. Clients that accept `text/html`, such as browsers, get a page. Needs the scope `usage:read`.',
  responses: {
    200: {
      description: 'The origins; an empty list if none is configured.',
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

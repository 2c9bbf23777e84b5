import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppEnv } from '../context.ts';
import { docsPage, docsPolicy } from './docs-page.ts';

const route = createRoute({
  method: 'get',
  path: '/docs',
  tags: ['documents'],
  operationId: 'docs',
  summary: 'The API reference as a page',
  responses: {
    200: { description: 'The page.', content: { 'text/html': { schema: z.string() } } },
  },
});

/** Adds `GET /docs`: the contents of `GET /openapi.json` as a page, by resource and searchable. */
export function docsRoute(app: OpenAPIHono<AppEnv>): void {
  app.openapi(route, (c) => {
    const nonce = crypto.randomUUID();
    c.header('Content-Security-Policy', docsPolicy(nonce));
    c.header('Referrer-Policy', 'no-referrer');
    return c.html(docsPage(nonce));
  });
}

import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppEnv } from './context.ts';
import { renderDocs } from './docs-page.ts';
import { openApiDocument } from './openapi.ts';

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

/** Adds `GET /docs`: what `GET /openapi.json` says, as a page without scripts. */
export function docsRoute(app: OpenAPIHono<AppEnv>): void {
  let document: ReturnType<typeof openApiDocument> | undefined;
  app.openapi(route, (c) => {
    const nonce = crypto.randomUUID();
    document ??= openApiDocument(app);
    c.header(
      'Content-Security-Policy',
      `default-src 'none'; style-src 'nonce-${nonce}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    c.header('Referrer-Policy', 'no-referrer');
    return c.html(renderDocs(document, nonce));
  });
}

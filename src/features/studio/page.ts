import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppEnv } from '../../http/context.ts';

const route = createRoute({
  method: 'get',
  path: '/',
  tags: ['documents'],
  operationId: 'page',
  summary: 'The studio: a page for trying the voices',
  responses: {
    200: { description: 'The page.', content: { 'text/html': { schema: z.string() } } },
  },
});

/**
 * Everything comes from this host. Inline scripts are refused; WebAssembly runs only in the page's workers, which have this policy too
 * where the browser passes it on.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "connect-src 'self' blob:",
  'media-src blob:',
  "img-src 'self' data:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

// Relative addresses: the page works below any path.
const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sori Studio</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="studio/app.css">
<script type="module" src="studio/app.js"></script>
<div id="app"></div>
<noscript>This page needs JavaScript. The API works without it: <a href="docs">documentation</a>.</noscript>
</html>
`;

/** Adds `GET /`: the studio, whose scripts and styles `scripts/studio.ts` builds from `studio/` into `assets/studio`. */
export function pageRoute(app: OpenAPIHono<AppEnv>): void {
  app.openapi(route, (c) => {
    c.header('Content-Security-Policy', POLICY);
    c.header('Referrer-Policy', 'no-referrer');
    c.header('Cache-Control', 'no-cache');
    return c.html(PAGE);
  });
}

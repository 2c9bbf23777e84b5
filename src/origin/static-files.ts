import { resolve } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';

const root = resolve(import.meta.dirname, '../../assets');
const files = new Hono().get('/docs/*', serveStatic({ root }));

/**
 * Serves `assets/docs`, which Cloudflare serves without running the Worker, with the headers of `assets/_headers`.
 * @returns `undefined` where there is no such file.
 */
export async function staticFile(request: Request): Promise<Response | undefined> {
  const response = await files.fetch(request);
  if (!response.ok) return undefined;
  response.headers.set('Cache-Control', 'public, max-age=31536000, immutable');
  response.headers.set('X-Content-Type-Options', 'nosniff');
  response.headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  return response;
}

import { resolve } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { etag } from 'hono/etag';

const root = resolve(import.meta.dirname, '../../assets');
const files = new Hono()
  .get('/docs/*', serveStatic({ root }))
  .use('/studio/*', etag())
  .get('/studio/*', serveStatic({ root }));

/** Folders of `assets/` that are served, and the Cache-Control of their files. */
const CACHE_CONTROL: Readonly<Record<string, string>> = {
  docs: 'public, max-age=31536000, immutable',
  // Their names stay the same when their content changes.
  studio: 'public, no-cache',
};

/** Whether a path is in a folder that {@link staticFile} serves. */
export function isStaticPath(pathname: string): boolean {
  return /^\/(?:docs|studio)\/./.test(pathname);
}

/**
 * Serves `assets/docs` and `assets/studio`, which Cloudflare serves without running the Worker, with the headers of `assets/_headers`.
 * @returns `undefined` where there is no such file.
 */
export async function staticFile(request: Request): Promise<Response | undefined> {
  const response = await files.fetch(request);
  if (!response.ok && response.status !== 304) return undefined;
  const [, folder] = new URL(request.url).pathname.split('/');
  response.headers.set('Cache-Control', CACHE_CONTROL[folder]);
  response.headers.set('X-Content-Type-Options', 'nosniff');
  response.headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  if (folder === 'studio') response.headers.set('Service-Worker-Allowed', '/');
  return response;
}

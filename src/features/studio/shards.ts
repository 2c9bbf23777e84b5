import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { SoriError } from '../../base/errors.ts';
import { sha256Hex } from '../../base/sha256.ts';
import type { AppEnv } from '../../http/context.ts';
import { errorResponses } from '../../http/errors.ts';
import type { StudioDependencies } from './dependencies.ts';

const MANIFEST = 'manifest.json';
/** All files but the manifest are named by their SHA-256. */
const SHARD = /^[0-9a-f]{64}\.(?:bin|onnx)$/;

const route = createRoute({
  method: 'get',
  path: '/shards/{model}/{file}',
  tags: ['models'],
  operationId: 'readShard',
  summary: 'Get a file of a model',
  description:
    'For programs that run a model themselves, such as the studio with "In this tab". `manifest.json` lists the other files, which never change.',
  request: {
    params: z.object({
      model: z.string().openapi({ description: 'A model of this server.', example: 'sori-2' }),
      file: z
        .string()
        .openapi({ description: '`manifest.json` or a file that it names.', example: MANIFEST }),
    }),
  },
  responses: {
    200: {
      description: 'The file.',
      content: {
        'application/json': { schema: z.object({}).loose() },
        'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) },
      },
    },
    304: { description: 'The manifest has the ETag of `If-None-Match`.' },
    ...errorResponses(404, 429, 500, 501, 503),
  },
});

/** Adds `GET /shards/{model}/{file}`: the manifest and the files of a model that this server speaks with. */
export function shardRoute(app: OpenAPIHono<AppEnv>, deps: StudioDependencies): void {
  app.openAPIRegistry.registerPath(route);
  app.get('/shards/:model/:file', async (c) => {
    const { model, file } = c.req.param();
    if (!deps.shards)
      throw new SoriError('not_configured', 'This server does not serve files of its models.');
    if (!deps.engine.names.includes(model) || (file !== MANIFEST && !SHARD.test(file))) throw unknown(file);
    const bytes = await read(deps.shards, `${model}/${file}`, c.req.raw.signal);
    if (!bytes) throw unknown(file);
    if (file !== MANIFEST) {
      c.header('Cache-Control', 'public, max-age=31536000, immutable');
      return c.body(bytes as Uint8Array<ArrayBuffer>, 200, { 'Content-Type': 'application/octet-stream' });
    }
    const etag = `"${await sha256Hex(bytes)}"`;
    c.header('Cache-Control', 'public, no-cache');
    c.header('ETag', etag);
    if (c.req.header('if-none-match') === etag) return c.body(null, 304);
    return c.body(bytes as Uint8Array<ArrayBuffer>, 200, { 'Content-Type': 'application/json' });
  });
}

async function read(
  shards: NonNullable<StudioDependencies['shards']>,
  key: string,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  try {
    return await shards.read(key, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new SoriError('storage_unavailable', 'The file cannot be read now; try again.', { cause });
  }
}

const unknown = (file: string) =>
  new SoriError('not_found', `No model of this server has a file ${JSON.stringify(file.slice(0, 80))}.`);

/** A storage that speaks as much S3 as Sori asks of one, over a folder. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

/** A running {@link s3Server}. */
export interface S3Server extends AsyncDisposable {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Requests answered: `PUT 200`, `PUT 412`, … */
  readonly log: readonly string[];
  /** Answer so many requests with 503 first, as storages do that are asked too much. */
  refuse(count: number): void;
  /** Puts an object past all that S3 does. */
  put(bucket: string, key: string, bytes: Uint8Array): Promise<void>;
}

const ACCESS_KEY = 'SORITEST';

/**
 * Starts it. Objects are a file of their bytes and headers, which appears under its name by a hard link: one of many conditional writers
 * wins. It checks who signs and whether the body is what was signed, not the signature itself.
 */
export async function s3Server(): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'sori-s3-'));
  const log: string[] = [];
  let refusals = 0;
  /** Names by their paths, which do not contain the name. */
  const names = new Map<string, string>();
  const pathOf = (bucket: string, key: string) => {
    const path = join(folder, createHash('sha256').update(`${bucket}/${key}`).digest('hex'));
    names.set(path, `${bucket}/${key}`);
    return path;
  };

  /** ListObjectsV2 of what is there, in order. */
  async function list(bucket: string, query: URLSearchParams): Promise<string> {
    const begin = `${bucket}/${query.get('prefix') ?? ''}`;
    const after = `${bucket}/${query.get('start-after') ?? ''}`;
    const found: { name: string; at: Date }[] = [];
    for (const [path, name] of names) {
      const file = name.startsWith(begin) && name > after && (await stat(path).catch(() => undefined));
      if (file) found.push({ name: name.slice(bucket.length + 1), at: file.mtime });
    }
    found.sort((a, b) => (a.name < b.name ? -1 : 1));
    const limit = Number(query.get('max-keys') ?? 1000);
    const entries = found
      .slice(0, limit)
      .map(
        ({ name, at }) =>
          `<Contents><Key>${name}</Key><LastModified>${at.toISOString()}</LastModified></Contents>`,
      );
    const truncated = `<IsTruncated>${found.length > limit}</IsTruncated>`;
    return `<?xml version="1.0"?><ListBucketResult>${truncated}${entries.join('')}</ListBucketResult>`;
  }

  async function write(path: string, bytes: Uint8Array, headers: object, ifAbsent: boolean) {
    const draft = join(folder, randomUUID());
    const head = Buffer.from(JSON.stringify(headers).padEnd(4096));
    await writeFile(draft, Buffer.concat([head, bytes]));
    if (!ifAbsent) await rm(path, { force: true });
    try {
      await link(draft, path);
      return true;
    } catch {
      return false;
    } finally {
      await rm(draft);
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://s3');
    const [, bucket, ...rest] = decodeURIComponent(pathname).split('/');
    const body = await buffer(request);
    const fail = (status: number, code: string) => {
      const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(request.method === 'HEAD' ? undefined : xml);
    };
    if (refusals > 0) {
      refusals--;
      return fail(503, 'SlowDown');
    }
    if (!request.headers.authorization?.includes(`Credential=${ACCESS_KEY}/`))
      return fail(403, 'AccessDenied');
    const stated = request.headers['x-amz-content-sha256'];
    if (stated !== 'UNSIGNED-PAYLOAD' && stated !== createHash('sha256').update(body).digest('hex')) {
      return fail(400, 'XAmzContentSHA256Mismatch');
    }
    if (bucket === 'missing') return fail(404, 'NoSuchBucket');
    if (request.method === 'GET' && searchParams.get('list-type') === '2') {
      response.writeHead(200, { 'content-type': 'application/xml' });
      return void response.end(await list(bucket, searchParams));
    }
    const path = pathOf(bucket, rest.join('/'));
    if (request.method === 'POST' && searchParams.has('delete')) {
      for (const [, key] of body.toString().matchAll(/<Key>(.*?)<\/Key>/g)) {
        await rm(pathOf(bucket, key), { force: true });
      }
      response.writeHead(200, { 'content-type': 'application/xml' });
      return void response.end('<?xml version="1.0"?><DeleteResult></DeleteResult>');
    }
    if (request.method === 'PUT') {
      const meta = Object.entries(request.headers).filter(([name]) => name.startsWith('x-amz-meta-'));
      const ifAbsent = request.headers['if-none-match'] === '*';
      if (!(await write(path, body, Object.fromEntries(meta), ifAbsent)))
        return fail(412, 'PreconditionFailed');
      return void response.writeHead(200, { etag: '"x"' }).end();
    }
    const found = await stat(path).catch(() => undefined);
    if (!found) return fail(404, 'NoSuchKey');
    const headers = JSON.parse((await readFile(path)).toString('utf8', 0, 4096)) as Record<string, string>;
    const size = found.size - 4096;
    const common = { ...headers, 'last-modified': found.mtime.toUTCString(), 'accept-ranges': 'bytes' };
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    const [from, to] = range ? [Number(range[1]), Number(range[2])] : [0, size - 1];
    response.writeHead(range ? 206 : 200, {
      ...common,
      'content-length': to - from + 1,
      ...(range && { 'content-range': `bytes ${from}-${to}/${size}` }),
    });
    if (request.method === 'HEAD' || size === 0) return void response.end();
    createReadStream(path, { start: 4096 + from, end: 4096 + to }).pipe(response);
  }

  const server = createServer((request, response) => {
    response.on('finish', () => log.push(`${request.method} ${response.statusCode}`));
    answer(request, response).catch((error: Error) => response.destroy(error));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accessKeyId: ACCESS_KEY,
    secretAccessKey: 'secret',
    log,
    refuse(count) {
      refusals = count;
    },
    async put(bucket, key, bytes) {
      await mkdir(folder, { recursive: true });
      await write(pathOf(bucket, key), bytes, {}, false);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

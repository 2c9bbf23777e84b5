import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fsSource } from '../../src/shards/sources/fs.ts';
import { httpSource } from '../../src/shards/sources/http.ts';
import { sourceContract } from './source.contract.ts';

describe('fs', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sori-source-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  sourceContract(async () => {
    const root = await mkdtemp(join(folder, 'root-'));
    return {
      source: fsSource(root),
      async put(key, bytes) {
        await mkdir(dirname(join(root, key)), { recursive: true });
        await writeFile(join(root, key), bytes);
      },
    };
  });

  it('passes on errors other than a missing file', async () => {
    await expect(fsSource(dirname(folder)).read(folder.slice(dirname(folder).length + 1))).rejects.toThrow(
      'EISDIR',
    );
  });
});

describe('http', () => {
  let server: Server;
  let address: string;
  const objects = new Map<string, Uint8Array>();
  beforeAll(async () => {
    server = createServer((request, response) => {
      const path = request.url ?? '';
      if (path.endsWith('/broken')) return response.writeHead(500).end('no');
      if (path.endsWith('/stuck')) return response.writeHead(200).write('a first byte');
      const bytes = objects.get(path);
      response.writeHead(bytes ? 200 : 404, { 'cache-control': 'max-age=600' }).end(bytes ?? 'nothing here');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  let folders = 0;
  sourceContract(async () => {
    const folder = `/models/${folders++}`;
    return {
      source: httpSource(address + folder),
      async put(key, bytes) {
        objects.set(`${folder}/${key}`, bytes);
      },
    };
  });

  it('throws on a status other than 200 and 404', async () => {
    await expect(httpSource(`${address}/`).read('broken')).rejects.toThrow('answered 500 for broken');
  });

  it('gives up on a server that stops in the middle', async () => {
    await expect(httpSource(address, { timeoutMs: 50 }).read('stuck')).rejects.toThrow(/timeout/i);
  });

  it('bypasses caches only on request', async () => {
    const seen: (string | undefined)[] = [];
    const source = httpSource('https://models.example/shards', {
      fetch: async (input, init) => {
        seen.push(`${input} ${init?.cache}`);
        return new Response('x');
      },
    });
    await source.read('m/a.bin');
    await source.read('m/a.bin', { fresh: true });
    expect(seen).toEqual([
      'https://models.example/shards/m/a.bin undefined',
      'https://models.example/shards/m/a.bin no-store',
    ]);
  });
});

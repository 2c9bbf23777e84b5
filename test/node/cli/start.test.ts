import { exec, execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../src/shards/manifest.ts';
import { descendants } from '../../support/processes.ts';
import {
  putTinyModel,
  type RunningServer,
  runServer,
  serverFolder,
  startArguments,
} from '../../support/servers/running-server.ts';

const ROOT = join(import.meta.dirname, '../../..');

type Ended = { code: number; stdout: string; stderr: string };

const run = (args: string[], env = process.env) =>
  new Promise<Ended>((done) => {
    execFile(process.execPath, args, { env }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });

const JSON_BODY = { 'Content-Type': 'application/json' };

/** Sends JSON to a server. */
const send = (server: RunningServer, method: string, path: string, body: object, headers = {}) =>
  fetch(new URL(path, server.url), {
    method,
    headers: { ...JSON_BODY, ...headers },
    body: JSON.stringify(body),
  });

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('npm start', () => {
  let folder: Awaited<ReturnType<typeof serverFolder>>;
  /** A signed URL that the first server made. */
  let signed: URL;
  beforeAll(async () => {
    folder = await serverFolder();
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  describe('at the first start', () => {
    let server: RunningServer;
    beforeAll(async () => {
      const env = { CORS_ORIGINS: '*,http://localhost:3000' };
      server = await runServer(folder.path, { fresh: true, env });
    });
    afterAll(() => server?.stop());

    it('seeds, serves, and prints a curl command that works', async () => {
      expect(server.output()).toMatch(/Put sori-2 .* into the local bucket: \d+ files/);
      expect(server.output()).toMatch(/Brought the local database up to date: 0001_\w+\.sql, /);
      expect((await fetch(new URL('/readyz', server.url))).status).toBe(200);

      const command = server.output().match(/^ {2}(curl [\s\S]*?hello\.mp3)$/m)?.[1];
      await promisify(exec)(`${command} -sS --fail-with-body`, { cwd: folder.path });
      const mp3 = await readFile(join(folder.path, 'hello.mp3'));
      expect(mp3.length).toBeGreaterThan(500);
      expect(mp3[0]).toBe(0xff);
    });

    it('without keys it answers clients of this machine, and no page of another origin', async () => {
      const ask = (headers: Record<string, string>, method = 'GET', path = '/v1/models') =>
        new Promise<{ status?: number; allowed?: string }>((done, fail) => {
          request(new URL(path, server.url).href, { method, headers }, (answer) => {
            answer.resume();
            done({ status: answer.statusCode, allowed: answer.headers['access-control-allow-origin'] });
          })
            .on('error', fail)
            .end(method === 'POST' ? JSON.stringify({ name: 'page', scopes: ['speech'] }) : undefined);
        });
      const { host } = server.url;
      expect((await ask({})).status).toBe(200);
      expect((await ask({ Origin: `http://${host}` })).status).toBe(200);
      expect((await ask({ Origin: 'http://localhost:3000' })).status).toBe(200);
      for (const Origin of [
        'https://evil.example',
        'http://localhost:9',
        'null',
        `https://evil.example#${host}`,
      ]) {
        expect(await ask({ Origin }), Origin).toEqual({ status: 403, allowed: undefined });
      }
      // DNS rebinding: the host name of a foreign page resolves to this machine.
      const rebound = { Host: 'evil.example:8787' };
      expect((await ask(rebound)).status).toBe(501);
      for (const [name, value] of [
        ['MF-Original-URL', `http://${host}/v1/models`],
        ['X-Forwarded-Host', host],
        ['X-Forwarded-Proto', 'http'],
        ['X-Sori-Local', 'x'],
      ]) {
        expect((await ask({ ...rebound, [name]: value })).status, name).toBe(501);
      }
      expect((await ask({}, 'GET', '/v1/keys')).status).toBe(401);
      expect((await ask(JSON_BODY, 'POST', '/v1/keys')).status).toBe(401);
      const wrong = { ...JSON_BODY, Authorization: 'Bearer wrong' };
      expect((await ask(wrong, 'POST', '/v1/keys')).status).toBe(401);
    });

    it('stores a prompt and signs a URL', async () => {
      const definition = { input: 'Press one.', voice: 'clara' };
      const put = await send(server, 'PUT', '/v1/prompts/menu', definition);
      expect(put.status, await put.text()).toBe(201);
      const answer = await send(server, 'POST', '/v1/audio/speech/sign', { model: 'sori-2', ...definition });
      signed = new URL(((await answer.json()) as { url: string }).url);
    });

    it('exits at Ctrl-C, and leaves no process behind', async () => {
      const processes = descendants(server.child.pid!);
      expect(processes.length).toBeGreaterThan(0);
      expect(await server.stop('SIGINT')).toEqual({ code: 0, signal: null });
      await expect.poll(() => processes.filter(isAlive), { timeout: 30_000 }).toEqual([]);
      await expect(fetch(server.url)).rejects.toThrow();
    });
  });

  describe('after a change of the model, with a damaged file in the local bucket', () => {
    let server: RunningServer;
    /** A file that the old and the new model share, as it should be. */
    let dictionary: { file: string; bytes: Buffer };
    beforeAll(async () => {
      await putTinyModel(folder.path, 2);
      const model = join(folder.path, 'shards/sori-2');
      const { lexicons } = JSON.parse(readFileSync(join(model, 'manifest.json'), 'utf8')) as Manifest;
      const { file } = lexicons.en.dictionary;
      dictionary = { file, bytes: readFileSync(join(model, file)) };
      const blobs = readdirSync(join(folder.path, 'state/v3'), { recursive: true, withFileTypes: true })
        .filter(
          (entry) =>
            entry.isFile() && entry.parentPath.includes('/r2/') && entry.parentPath.endsWith('/blobs'),
        )
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((path) => dictionary.bytes.equals(readFileSync(path)));
      expect(blobs).toHaveLength(1);
      writeFileSync(blobs[0], Buffer.alloc(dictionary.bytes.length));
      server = await runServer(folder.path, { args: ['--no-watch'] });
      // It starts workerd twice.
    }, 300_000);
    afterAll(() => server?.stop());

    it('copies the new model into the local bucket, and keeps prompts and signing keys', async () => {
      expect(server.output()).toMatch(/^Put sori-2/m);
      expect((await fetch(new URL('/v1/prompts/menu', server.url))).status).toBe(200);
      expect((await fetch(new URL(signed.pathname + signed.search, server.url))).status).toBe(200);
    });

    it('finds the damaged file and replaces it', async () => {
      expect(server.output()).toMatch(
        /The Worker is not ready.*damaged.*\nCopying the models into the local bucket again/,
      );
      const served = await fetch(new URL(`/shards/sori-2/${dictionary.file}`, server.url));
      expect(dictionary.bytes.equals(await served.bytes())).toBe(true);
      expect((await fetch(new URL('/readyz', server.url))).status).toBe(200);
    });
  });

  it('requires API keys where other machines can reach it, and does not seed again while nothing has changed', async () => {
    await using server = await runServer(folder.path, { args: ['--host', '0.0.0.0'] });
    expect(server.output()).not.toMatch(/Put sori-2|Brought/);
    expect(server.output()).toMatch(/curl .*\n.*Authorization: Bearer \$SORI_API_KEY/);
    expect(server.output()).toContain('npm run sori -- keys admin');
    expect((await fetch(new URL('/v1/voices', server.url))).status).toBe(401);
    expect((await fetch(new URL('/readyz', server.url))).status).toBe(200);
  });

  it('reports that the port is in use', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address() as { port: number };
    const { code, stderr } = await run(startArguments(folder.path, port));
    other.close();
    expect(code).toBe(1);
    expect(stderr).toBe(`Port ${port} is in use. Choose another one: PORT=${port + 1} npm start\n`);
  });

  it('reports that there is no model', async () => {
    await rm(join(folder.path, 'shards'), { recursive: true });
    const { code, stderr } = await run(startArguments(folder.path));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^There is no model in .*shards:pack/);
  });

  it.each(['http', '-1', '70000'])('refuses %s as port', async (PORT) => {
    const [script] = startArguments('');
    const { code, stderr } = await run([script], { ...process.env, PORT });
    expect(code).toBe(1);
    expect(stderr).toMatch(/expected a port/);
  });

  it('passes on every variable of the Worker, except those that it sets itself', () => {
    const vars = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8').split('[vars]')[1];
    const script = readFileSync(join(ROOT, 'scripts/start.ts'), 'utf8');
    const names = [...vars.matchAll(/^([A-Z_]+) = /gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(5);
    // The models are those in --shards.
    const missing = names.filter((name) => name !== 'MODELS' && !new RegExp(`\\b${name}\\b`).test(script));
    expect(missing).toEqual([]);
  });

  it('prints help', async () => {
    const [script] = startArguments('');
    const { code, stdout } = await run([script, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/--port <port>.*8787/);
  });
});

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bucketOf, DEFAULT_BUCKET } from '../../../scripts/lib/local-bucket.ts';
import { RATE_TIERS } from '../../../src/features/keys/rate-limiter.ts';

const WRANGLER = resolve(import.meta.dirname, '../../../node_modules/wrangler/bin/wrangler.js');
const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: '1' };

const scripts = async (): Promise<Record<string, string>> =>
  JSON.parse(await readFile('package.json', 'utf8')).scripts;

/** The part of Cloudflare's API that migrations use, over a database in memory. `name` is the only database of the account. */
async function fakeApi(name: string | undefined) {
  const database = new DatabaseSync(':memory:');
  const id = '11111111-2222-3333-4444-555555555555';
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const answer = (status: number, result: unknown, errors: object[] = []) => {
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ success: status === 200, errors, messages: [], result }));
    };
    const [, path] = request.url!.split('/d1/database/');
    if (path === `${id}/query`) {
      const { sql } = JSON.parse(body) as { sql: string };
      const results = sql.startsWith('SELECT') ? database.prepare(sql).all() : database.exec(sql);
      return answer(200, [{ results: results ?? [], success: true, meta: {} }]);
    }
    if (name !== undefined && path?.startsWith(`${name}?`)) return answer(200, { uuid: id, name });
    return answer(404, null, [{ code: 7404, message: 'not found' }]);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  const account = {
    CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${port}/client/v4`,
    CLOUDFLARE_API_TOKEN: 'a-token',
    CLOUDFLARE_ACCOUNT_ID: 'an-account',
  };
  return { database, account, [Symbol.dispose]: () => void server.close() };
}

it('npm run deploy finds the account’s database by name, and migrates it first', async () => {
  const { deploy, migrate } = await scripts();
  expect(deploy).toMatch(/^npm run migrate && /);
  const args = [WRANGLER, ...migrate.split(' ').slice(1)];
  {
    using api = await fakeApi('sori');
    await promisify(execFile)(process.execPath, args, { env: { ...env, ...api.account } });
    const rows = api.database.prepare('SELECT name FROM d1_migrations ORDER BY id').all();
    expect(rows.map(({ name }) => name)).toEqual((await readdir('src/database/migrations')).sort());
  }
  using api = await fakeApi(undefined);
  const failing = promisify(execFile)(process.execPath, args, { env: { ...env, ...api.account } });
  await expect(failing).rejects.toMatchObject({ stderr: expect.stringContaining('wrangler d1 create sori') });
});

it('npm run deploy would upload at most 2 MB, gzipped, without onnxruntime', async () => {
  expect((await scripts()).deploy).toMatch(/ && wrangler deploy$/);
  const out = await mkdtemp(join(tmpdir(), 'sori-deploy-'));
  try {
    const args = [WRANGLER, 'deploy', '--dry-run', '--outdir', out];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    expect(stdout).toMatch(/env\.BUCKET \(sori\)\s+R2 Bucket/);
    expect(stdout).toMatch(/env\.DB \(sori\)\s+D1 Database/);
    for (const tier of [...RATE_TIERS.map(String), 'PUBLIC']) expect(stdout).toContain(`env.RATE_${tier} (`);
    expect(stdout).toMatch(/env\.AUTH \("on"\)/);
    const [, kibibytes] = stdout.match(/gzip: ([\d.]+) KiB/) ?? [];
    expect(Number(kibibytes) * 1024).toBeLessThanOrEqual(2_000_000);

    // wrangler's own figure, checked: the script and its WebAssembly modules, without the source map.
    const files = (await readdir(out)).filter((name) => /\.(js|wasm)$/.test(name));
    expect(files.filter((name) => name.endsWith('.wasm')).length).toBeGreaterThan(1);
    const sizes = await Promise.all(
      files.map(async (name) => gzipSync(await readFile(join(out, name))).length),
    );
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(2_000_000);
    expect(files.filter((name) => name.includes('ort-wasm'))).toEqual([]);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});

it('the alias of docs/model.md puts onnxruntime into the Worker, for models with other graphs', async () => {
  const docs = await readFile('docs/model.md', 'utf8');
  const [, from, to] = docs.match(/```toml\n\[alias\]\n"(.+)" = "(.+)"\n```/) ?? [];
  const out = await mkdtemp(join(tmpdir(), 'sori-deploy-'));
  try {
    const args = [WRANGLER, 'deploy', '--dry-run', '--alias', `${from}:${to}`, '--outdir', out];
    await promisify(execFile)(process.execPath, args, { env });
    expect((await readdir(out)).filter((name) => name.endsWith('ort-wasm-simd-threaded.wasm'))).toHaveLength(
      1,
    );
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});

describe('the "Deploy to Cloudflare" button', () => {
  it('finds all that it needs: a binding for each queue, names, the model and descriptions', async () => {
    const { unstable_readConfig } = await import('wrangler');
    const config = unstable_readConfig({ config: 'wrangler.toml' });
    // It and wrangler create the resources of bindings, and a consumer of a queue that is missing fails the deployment.
    const created = config.queues.producers?.map(({ queue }: { queue?: string }) => queue);
    for (const { queue, dead_letter_queue } of config.queues.consumers ?? []) {
      expect(created).toContain(queue);
      if (dead_letter_queue) expect(created).toContain(dead_letter_queue);
    }
    expect(config.r2_buckets.map(({ bucket_name }: { bucket_name?: string }) => bucket_name)).toEqual([
      DEFAULT_BUCKET,
    ]);
    expect(config.d1_databases.map(({ database_name }: { database_name?: string }) => database_name)).toEqual(
      ['sori'],
    );
    const { deploy, migrate } = await scripts();
    expect(deploy).toMatch(/ && npm run shards:publish && wrangler deploy$/);
    expect(migrate).toContain(' DB ');

    const example = await readFile('.dev.vars.example', 'utf8');
    const secrets = [...example.matchAll(/^(\w+)="(.*)"$/gm)];
    // Nobody deploys with a secret that is in the repository.
    expect(secrets.map(([, , value]) => value)).toEqual(['', '']);
    const { cloudflare } = JSON.parse(await readFile('package.json', 'utf8'));
    const described = Object.keys(cloudflare.bindings);
    const known = [
      ...secrets.map(([, name]) => name),
      ...Object.keys(config.vars),
      ...['BUCKET', 'DB', 'JOBS', 'JOBS_DEAD'],
    ];
    for (const [, name] of secrets) expect(described).toContain(name);
    for (const name of described) expect(known).toContain(name);
  });

  it('lets the bucket have another name, which the model is published to', async () => {
    expect(bucketOf('[[r2_buckets]]\nbinding = "BUCKET"\nbucket_name = "my-audio"\n')).toBe('my-audio');
    expect(() => bucketOf('name = "sori"')).toThrow('wrangler.toml names no bucket');
    const publish = join(import.meta.dirname, '../../../scripts/publish.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [publish, '--dry-run'], { env });
    expect(stdout).toContain('npx wrangler r2 object put sori/shards/sori-2/manifest.json');
  });
});

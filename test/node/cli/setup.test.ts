import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CREATE, MIGRATE, NAMES, REMOVE, REMOVE_BUCKET } from '../../../scripts/setup/resources.ts';
import { LIST } from '../../../scripts/setup/secrets.ts';
import { type RunningServer, runServer, serverFolder } from '../../support/servers/running-server.ts';
import { checkWranglerCommand } from '../../support/wrangler-commands.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const STAND_IN = join(ROOT, 'test/fixtures/wrangler-stand-in.ts');

/** Folder in which the stand-in for Cloudflare keeps its resources. */
let account: string;
let model: Awaited<ReturnType<typeof serverFolder>>;
let worker: Promise<RunningServer> | undefined;
/** The address of the deployed Worker, which is `npm start` with the secrets that were deployed. */
const front = createServer(async (incoming, response) => {
  const secrets = JSON.parse(await readFile(join(account, 'secrets.json'), 'utf8'));
  // Requests that come meanwhile wait for the same server.
  worker ??= runServer(model.path, { args: ['--auth'], env: secrets });
  const { url } = await worker;
  const { method, headers } = incoming;
  // `fetch` would decompress the body and keep its Content-Encoding header.
  const outgoing = request(`${url.origin}${incoming.url}`, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
  });
  outgoing.on('error', (error) => response.destroy(error));
  incoming.pipe(outgoing);
});

beforeAll(async () => {
  account = await mkdtemp(join(tmpdir(), 'sori-account-'));
  await mkdir(join(account, 'bin'));
  await chmod(STAND_IN, 0o755);
  await symlink(STAND_IN, join(account, 'bin/wrangler'));
  model = await serverFolder();
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
});
afterAll(async () => {
  front.closeAllConnections();
  front.close();
  await (await worker)?.stop();
  await model?.[Symbol.asyncDispose]();
  await rm(account, { recursive: true, force: true });
});

async function script(name: 'setup' | 'teardown', ...args: string[]) {
  const env = {
    ...process.env,
    PATH: [join(account, 'bin'), join(process.execPath, '..'), process.env.PATH].join(delimiter),
    STAND_IN_FOLDER: account,
    STAND_IN_URL: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    SORI_API_KEY: '',
  };
  const run = promisify(execFile)(process.execPath, [join(ROOT, `scripts/${name}.ts`), ...args], { env });
  return await run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}
const commands = async () => (await readFile(join(account, 'log'), 'utf8')).trimEnd().split('\n');

it('deploys from nothing, and speaks a phrase', async () => {
  const { code, stdout, stderr } = await script(
    'setup',
    '--yes',
    '--folder',
    join(model.path, 'shards/sori-2'),
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('Workers Paid');
  const phrase = /Its first phrase: +(\S+)/.exec(stdout)![1];
  const audio = await fetch(phrase);
  expect([audio.status, audio.headers.get('content-type')]).toEqual([200, 'audio/mpeg']);
  const key = /An API key for your programs: +(\S+)/.exec(stdout)![1];
  const headers = { Authorization: `Bearer ${key}` };
  expect((await fetch(new URL('/v1/voices', phrase), { headers })).status).toBe(200);
  const objects = await readdir(join(account, 'bucket/sori/objects/shards/sori-2'));
  expect(objects).toContain('manifest.json');
  // Secrets are not passed as arguments, which other users of the machine can read.
  const { ADMIN_KEY_SHA256, SIGNING_KEYS } = JSON.parse(
    await readFile(join(account, 'secrets.json'), 'utf8'),
  );
  expect(ADMIN_KEY_SHA256).toMatch(/^[0-9a-f]{64}$/);
  expect((await commands()).join('\n')).not.toContain(SIGNING_KEYS);
});

it('can be run again and keeps what exists', async () => {
  const before = await readFile(join(account, 'secrets.json'), 'utf8');
  const count = (await commands()).length;
  const { code, stdout } = await script('setup', '--yes', '--folder', join(model.path, 'shards/sori-2'));
  expect(code).toBe(0);
  expect(stdout.match(/It already exists\./g)).toHaveLength(4);
  expect(stdout).toMatch(/0 files uploaded, \d+ were already there/);
  expect(stdout).toContain("set SORI_API_KEY to the administrator's key");
  expect(await readFile(join(account, 'secrets.json'), 'utf8')).toBe(before);
  expect((await commands()).slice(count)).toContainEqual('deploy');
});

it('asks the user before any change, unless --yes is given', async () => {
  const count = (await commands()).length;
  for (const name of ['setup', 'teardown'] as const) {
    expect(await script(name)).toMatchObject({
      code: 1,
      stderr: 'There is no terminal to ask for confirmation. Use --yes to confirm.\n',
    });
  }
  expect((await commands()).length).toBe(count);
});

it('prints every command with --dry-run, and runs none', async () => {
  const count = (await commands()).length;
  const { stdout } = await script('setup', '--dry-run');
  for (const { args } of [...CREATE, MIGRATE]) expect(stdout).toContain(`npx wrangler ${args.join(' ')}\n`);
  expect(stdout).toMatch(/npx wrangler r2 object put sori\/shards\/sori-2\/manifest\.json /);
  expect(stdout).toContain('npx wrangler deploy --secrets-file secrets.json\n');
  expect((await script('teardown', '--dry-run')).stdout).toContain(
    'npx wrangler d1 delete sori --skip-confirmation',
  );
  expect((await commands()).length).toBe(count);
});

it('is undone by teardown, except for a bucket with audio in it', async () => {
  const { code, stdout } = await script('teardown', '--yes');
  expect(code).toBe(0);
  expect(stdout).toContain('The bucket stays, because it holds audio.');
  expect([await readdir(join(account, 'queue')), await readdir(join(account, 'database'))]).toEqual([[], []]);
  await rm(join(account, 'bucket/sori/objects'), { recursive: true });
  expect((await script('teardown', '--yes')).code).toBe(0);
  expect(await readdir(join(account, 'bucket'))).toEqual([]);
});

it('uses the names of wrangler.toml', async () => {
  const config = await readFile(join(ROOT, 'wrangler.toml'), 'utf8');
  expect(config).toContain(`name = "${NAMES.worker}"\n`);
  expect(config).toContain(`bucket_name = "${NAMES.bucket}"`);
  expect(config).toContain(`database_name = "${NAMES.database}"`);
  const queues = [...config.matchAll(/^queue = "([^"]+)"/gm)].map(([, name]) => name);
  expect([...new Set(queues)]).toEqual(NAMES.queues);
});

it.each([
  ...[...CREATE, MIGRATE, ...REMOVE, REMOVE_BUCKET].map(({ args }) => args.join(' ')),
  LIST.join(' '),
  'deploy --secrets-file secrets.json',
])('the real wrangler takes "%s"', (command) => checkWranglerCommand(command.split(' ')));

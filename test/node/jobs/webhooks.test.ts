import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { migrate } from '../../../src/database/migrate.ts';
import { type SqliteDatabase, sqliteDatabase } from '../../../src/database/sqlite.ts';
import {
  nodeSender,
  nodeWebhooks,
  startWebhookTimer,
  systemResolver,
} from '../../../src/features/jobs/webhooks/node.ts';
import { parseWebhookSettings } from '../../../src/features/jobs/webhooks/settings.ts';
import { newWebhookSecret } from '../../../src/features/jobs/webhooks/signature.ts';
import type { Webhooks } from '../../../src/features/jobs/webhooks/types.ts';
import { deferred } from '../../support/deferred.ts';
import { receiverPath, verifyReceived } from '../../support/servers/webhook-receiver.ts';
import { startReceiver } from '../../support/servers/webhook-receiver-process.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const SECRET = `whsec_${btoa('0123456789abcdef01234567')}`;
const SETTINGS = parseWebhookSettings({ WEBHOOK_SECRETS: SECRET, ALLOW_INSECURE_WEBHOOKS: 'on' });

let database: SqliteDatabase;
beforeEach(async () => {
  database = sqliteDatabase(':memory:');
  await migrate(database);
});
afterEach(() => database.close());

const event = (url: string, jobId = 'job_1') => ({
  jobId,
  owner: 'local',
  url,
  type: 'job.succeeded',
  data: { id: jobId },
});
const stateOf = async (webhooks: Webhooks, jobId = 'job_1') => (await webhooks.list(jobId))[0];

describe('a receiver that is killed and restarted', () => {
  it('receives missed events from a timer, signed and with the same id', async () => {
    const first = await startReceiver();
    const port = Number(first.url.port);
    await first.kill();
    const webhooks = nodeWebhooks(database, SETTINGS);
    const hook = receiverPath(first.url);
    await webhooks.check(hook.url, 'local');
    await webhooks.announce(event(hook.url));
    await expect.poll(() => stateOf(webhooks)).toMatchObject({ attempts: 1, lastFault: 'unreachable' });
    const { id } = await stateOf(webhooks);

    await using second = await startReceiver(port);
    expect(second.url.href).toBe(first.url.href);
    // Five seconds and jitter lie between the first two attempts.
    const timer = startWebhookTimer(webhooks, { intervalMs: 50 });
    onTestFinished(() => timer.stop());
    await expect
      .poll(() => stateOf(webhooks), { timeout: 30_000 })
      .toMatchObject({ state: 'delivered', attempts: 2 });
    const [entry, ...more] = await hook.received();
    expect(more).toEqual([]);
    expect(entry.headers['webhook-id']).toBe(id);
    expect(verifyReceived(entry, SECRET, Date.now())).toMatchObject({
      type: 'job.succeeded',
      data: { id: 'job_1' },
    });
  });

  it('receives the events of another process, also after that has ended', async () => {
    await using receiver = await startReceiver();
    const hook = receiverPath(receiver.url);
    const dead = nodeWebhooks(database, { ...SETTINGS, secrets: [] });
    await dead.announce(event(hook.url));
    await expect.poll(() => stateOf(dead)).toMatchObject({ attempts: 1, lastFault: 'no_secret' });
    await database.run('UPDATE webhook_deliveries SET next_at = 0');
    const webhooks = nodeWebhooks(database, SETTINGS);
    const timer = startWebhookTimer(webhooks);
    await timer.stop();
    expect(await stateOf(webhooks)).toMatchObject({ state: 'delivered' });
    expect(await hook.received()).toHaveLength(1);
  });
});

describe('the timer', () => {
  it('continues after a failure, and stops when its running work is done', async () => {
    const errors: unknown[] = [];
    const last = deferred<number>();
    const rounds = [
      () => Promise.reject(new Error('The database is away.')),
      async () => 0,
      () => last.promise,
    ];
    let calls = 0;
    const due = () => rounds[Math.min(calls++, rounds.length - 1)]();
    const timer = startWebhookTimer({ due }, { intervalMs: 1, onError: (error) => errors.push(error) });
    await expect.poll(() => calls).toBe(3);
    expect(errors).toHaveLength(1);
    let stopped = false;
    const stopping = timer.stop().then(() => {
      stopped = true;
    });
    await Promise.resolve();
    expect(stopped).toBe(false);
    last.resolve(0);
    await stopping;
    expect(calls).toBe(3);
  });
});

describe('connections', () => {
  let server: Server;
  let hosts: (string | undefined)[];
  beforeEach(async () => {
    hosts = [];
    server = createServer((request, response) => {
      hosts.push(request.headers.host);
      response.writeHead(204).end();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  afterEach(() => void server.close());

  it('use the address that was checked, without another DNS query', async () => {
    const { port } = server.address() as AddressInfo;
    // RFC 6761 reserves this name, so it never resolves.
    const url = new URL(`http://rebound.invalid:${port}/hook`);
    const message = { url, headers: {}, body: '{}', signal: AbortSignal.timeout(10_000) };
    expect(await nodeSender({ ...message, addresses: ['127.0.0.1'] })).toMatchObject({ status: 204 });
    expect(hosts).toEqual([`rebound.invalid:${port}`]);
    await expect(nodeSender({ ...message, addresses: ['127.0.0.2'] })).rejects.toThrow();
    expect(hosts).toHaveLength(1);
  });

  it('to https check the certificate for the name', async () => {
    const { port } = server.address() as AddressInfo;
    const url = new URL(`https://rebound.invalid:${port}/hook`);
    const message = { url, headers: {}, body: '{}', signal: AbortSignal.timeout(10_000) };
    await expect(nodeSender({ ...message, addresses: ['127.0.0.1'] })).rejects.toThrow();
    expect(hosts).toEqual([]);
  });

  it('to localhost and loopback addresses are refused, without a connection', async () => {
    expect(await systemResolver('localhost')).toContain('127.0.0.1');
    const strict = nodeWebhooks(database, { secrets: [SECRET], rules: {} });
    await expect(strict.check('https://localhost/', 'local')).rejects.toMatchObject({
      code: 'invalid_webhook',
    });
    await strict.announce(event(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
    await expect.poll(() => stateOf(strict)).toMatchObject({ attempts: 1, lastFault: 'forbidden_target' });
    expect(hosts).toEqual([]);
  });
});

describe('the receiver of docs/jobs.md', () => {
  it('accepts events signed with its secret, and nothing else', async () => {
    const page = await readFile(join(ROOT, 'docs/jobs.md'), 'utf8');
    const [, code] = /```js\n(import \{ createServer[\s\S]*?)```/.exec(page)!;
    const listening = code.replace(
      'listen(9000)',
      "listen(0, '127.0.0.1', function () { console.log(this.address().port) })",
    );
    const args = ['--input-type=module', '--eval', listening];
    const env = { ...process.env, WEBHOOK_SECRET: SECRET };
    const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill());
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const url = `http://127.0.0.1:${(await lines.next()).value}/`;

    const webhooks = nodeWebhooks(database, SETTINGS);
    await webhooks.announce(event(url));
    expect((await lines.next()).value).toBe('job.succeeded job_1');
    await expect.poll(() => stateOf(webhooks)).toMatchObject({ state: 'delivered' });

    const others = nodeWebhooks(database, { ...SETTINGS, secrets: [newWebhookSecret()] });
    await others.announce(event(url, 'job_2'));
    await expect.poll(() => stateOf(others, 'job_2')).toMatchObject({ attempts: 1, lastStatus: 400 });
  });
});

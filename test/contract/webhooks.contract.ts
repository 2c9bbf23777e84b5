import { expect } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { WebhookSecrets } from '../../src/features/jobs/webhooks/secrets.ts';
import type { Sender } from '../../src/features/jobs/webhooks/sender.ts';
import type { WebhookEvent } from '../../src/features/jobs/webhooks/types.ts';
import { createWebhooks, type WebhookOptions } from '../../src/features/jobs/webhooks/webhooks.ts';
import { receiverPath, verifyReceived } from '../support/servers/webhook-receiver.ts';

/** What differs between platforms. */
export interface WebhookPlatform {
  readonly database: Database;
  readonly sender: Sender;
  /** Address of a receiver in another process. */
  readonly receiver: string;
}

const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000];
const SERVER_SECRET = `whsec_${btoa('0123456789abcdef01234567')}`;
let owners = 0;

/** Webhooks of a new owner, with a clock that the test sets. */
async function setUp({ database, sender, receiver }: WebhookPlatform, options: Partial<WebhookOptions> = {}) {
  const owner = `owner-${Date.now()}-${owners++}`;
  const clock = { now: Date.now() };
  const now = () => clock.now;
  const secrets = new WebhookSecrets(database, [SERVER_SECRET], now);
  const { secret } = await secrets.rotate(owner, 0);
  const pending: Promise<unknown>[] = [];
  const webhooks = createWebhooks({
    database,
    secrets,
    sender,
    resolve: async () => [],
    rules: { allowLoopback: true },
    keepAlive: (work) => void pending.push(work),
    now,
    random: () => 0.5,
    onError: (error) => {
      throw error;
    },
    ...options,
  });
  const hook = receiverPath(receiver);
  const jobId = `job_${owner}`;
  const event: WebhookEvent = {
    jobId,
    owner,
    url: hook.url,
    type: 'job.succeeded',
    data: { id: jobId, text: 'ü🔊' },
  };
  /** Waits for the work that the calls have left running. */
  const settle = async () => void (await Promise.all(pending.splice(0)));
  const announce = async (change: Partial<WebhookEvent> = {}) => {
    await webhooks.announce({ ...event, ...change });
    await settle();
  };
  const last = async () => (await webhooks.list(jobId)).at(-1)!;
  /** Sets the clock to the next attempt and runs it. */
  const next = async () => {
    clock.now = (await last()).nextAttemptAt!;
    await webhooks.due();
    return await last();
  };
  return { owner, clock, secrets, secret, webhooks, hook, jobId, event, announce, settle, last, next };
}

/** What webhooks must do on every platform. */
export const WEBHOOKS_CONTRACT: readonly { name: string; check(platform: WebhookPlatform): Promise<void> }[] =
  [
    {
      name: 'an event arrives at once, with a signature that its receiver verifies',
      async check(platform) {
        const { announce, hook, secret, clock, jobId, last } = await setUp(platform);
        await announce();
        const [entry, ...more] = await hook.received();
        expect(more).toEqual([]);
        const { id, ...delivery } = await last();
        expect(entry).toMatchObject({
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'webhook-id': id,
            'webhook-timestamp': String(Math.floor(clock.now / 1000)),
          },
        });
        expect(verifyReceived(entry, secret, clock.now)).toEqual({
          type: 'job.succeeded',
          timestamp: new Date(clock.now).toISOString(),
          data: { id: jobId, text: 'ü🔊' },
        });
        expect(() => verifyReceived({ ...entry, body: `${entry.body} ` }, secret, clock.now)).toThrow();
        expect(() => verifyReceived(entry, SERVER_SECRET, clock.now)).toThrow();
        expect(delivery).toMatchObject({ state: 'delivered', attempts: 1, lastStatus: 204 });
      },
    },
    {
      name: 'an event announced five times is delivered once',
      async check(platform) {
        const { webhooks, announce, event, settle, hook } = await setUp(platform);
        await Promise.all(Array.from({ length: 4 }, () => webhooks.announce(event)));
        await settle();
        await announce();
        await webhooks.due();
        expect(await hook.received()).toHaveLength(1);
        expect(await webhooks.list(event.jobId)).toHaveLength(1);
      },
    },
    {
      name: 'the same type after another run of the job is another event',
      async check(platform) {
        const { webhooks, announce, jobId } = await setUp(platform);
        await announce({ type: 'job.failed' });
        await announce({ type: 'job.failed', run: 1 });
        const ids = (await webhooks.list(jobId)).map(({ id }) => id);
        expect(new Set(ids).size).toBe(2);
      },
    },
    {
      name: 'a failing receiver is called again later with the same id and body, and the time of the attempt',
      async check(platform) {
        const { announce, webhooks, hook, clock, last, next, secret } = await setUp(platform);
        await hook.script(500, 503, 200);
        await announce();
        expect(await last()).toMatchObject({
          state: 'pending',
          attempts: 1,
          lastStatus: 500,
          lastFault: 'status',
          nextAttemptAt: clock.now + 5 * SECOND,
        });
        await webhooks.due(clock.now + 4 * SECOND);
        expect(await hook.received()).toHaveLength(1);
        expect(await next()).toMatchObject({
          attempts: 2,
          lastStatus: 503,
          nextAttemptAt: clock.now + 5 * MINUTE,
        });
        const between = clock.now;
        expect(await next()).toMatchObject({ state: 'delivered', attempts: 3, lastStatus: 200 });
        const entries = await hook.received();
        expect(new Set(entries.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
        expect(new Set(entries.map(({ body }) => body)).size).toBe(1);
        verifyReceived(entries[1], secret, between);
        verifyReceived(entries[2], secret, clock.now);
        expect(Number(entries[2].headers['webhook-timestamp'])).toBe(Math.floor(clock.now / 1000));
        clock.now += 48 * HOUR;
        await webhooks.due();
        expect(await hook.received()).toHaveLength(3);
      },
    },
    {
      name: 'after a day the delivery is dead and reported so; a redelivery starts again with the same id',
      async check(platform) {
        const { announce, hook, clock, last, next, webhooks, jobId, owner, settle, secret } =
          await setUp(platform);
        const began = clock.now;
        await hook.script(...Array.from({ length: 8 }, () => 500), 204);
        await announce();
        const pauses: number[] = [];
        while ((await last()).state === 'pending') {
          const before = clock.now;
          await next();
          pauses.push((clock.now - before) / SECOND);
        }
        expect(pauses.slice(0, 6)).toEqual([5, 300, 1800, 7200, 18_000, 36_000]);
        expect(clock.now - began).toBe(24 * HOUR);
        expect(await last()).toMatchObject({ state: 'dead', attempts: 8, lastStatus: 500 });
        expect((await last()).nextAttemptAt).toBeUndefined();
        clock.now += HOUR;
        await webhooks.due();
        expect(await hook.received()).toHaveLength(8);

        expect(await webhooks.redeliver(jobId, 'somebody else')).toBeUndefined();
        expect(await webhooks.redeliver('job_none', owner)).toBeUndefined();
        expect(await webhooks.redeliver(jobId, owner)).toMatchObject({ state: 'pending', attempts: 8 });
        await settle();
        expect(await last()).toMatchObject({ state: 'delivered', attempts: 9 });
        const entries = await hook.received();
        expect(new Set(entries.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
        verifyReceived(entries[8], secret, clock.now);
      },
    },
    {
      name: 'a redirect is not followed',
      async check(platform) {
        const { announce, hook, clock, last } = await setUp(platform);
        const elsewhere = receiverPath(platform.receiver);
        for (const status of [301, 302, 303, 307, 308]) {
          await hook.script({ status, headers: { Location: elsewhere.url } });
          clock.now++;
          await announce({ type: `job.${status}` });
          expect(await last()).toMatchObject({ state: 'pending', lastStatus: status, lastFault: 'redirect' });
        }
        expect(await elsewhere.received()).toEqual([]);
      },
    },
    {
      name: '410 ends all deliveries to that address until a redelivery succeeds',
      async check(platform) {
        const { announce, hook, webhooks, jobId, owner, settle } = await setUp(platform);
        await hook.script(500, 410, 204);
        const states = async () => (await webhooks.list(jobId)).map(({ state }) => state);
        await announce({ type: 'job.one' });
        await announce({ type: 'job.two' });
        expect(await states()).toEqual(['disabled', 'disabled']);
        await announce({ type: 'job.three' });
        expect(await states()).toEqual(['disabled', 'disabled', 'disabled']);
        expect(await hook.received()).toHaveLength(2);
        await webhooks.redeliver(jobId, owner);
        await settle();
        expect((await states()).filter((state) => state === 'delivered')).toHaveLength(1);
        await announce({ type: 'job.four' });
        expect((await states()).filter((state) => state === 'delivered')).toHaveLength(2);
        expect(await hook.received()).toHaveLength(4);
      },
    },
    {
      name: 'a receiver that does not answer is given up',
      async check(platform) {
        const { announce, hook, last, next } = await setUp(platform, { timeoutMs: 300 });
        await hook.script('hang', 204);
        await announce();
        expect(await last()).toMatchObject({ state: 'pending', lastFault: 'timeout', lastStatus: undefined });
        await expect.poll(async () => (await hook.received())[0].closed).toBe(true);
        expect(await next()).toMatchObject({ state: 'delivered' });
      },
    },
    {
      name: 'an endless response body is not read to its end',
      async check(platform) {
        const { announce, hook, last } = await setUp(platform);
        await hook.script('endless');
        await announce();
        expect(await last()).toMatchObject({ state: 'delivered', lastStatus: 200 });
        await expect.poll(async () => (await hook.received())[0].closed).toBe(true);
        // What was not read fits the buffers of sockets on the way.
        expect((await hook.received())[0].answered).toBeLessThan(32 * 1024 * 1024);
      },
    },
    {
      name: 'a refused connection is reported as no answer',
      async check(platform) {
        const { announce, last } = await setUp(platform);
        await announce({ url: 'http://127.0.0.1:1/' });
        expect(await last()).toMatchObject({
          state: 'pending',
          lastFault: 'unreachable',
          lastStatus: undefined,
        });
      },
    },
    {
      name: 'a receiver may delay the next attempt, by at most an hour',
      async check(platform) {
        const { announce, hook, clock, last, next } = await setUp(platform);
        const busy = (seconds: string) => ({ status: 429, headers: { 'Retry-After': seconds } });
        await hook.script(busy('120'), busy('999999'), busy('soon'), 204);
        await announce();
        expect((await last()).nextAttemptAt).toBe(clock.now + 120 * SECOND);
        expect((await next()).nextAttemptAt).toBe(clock.now + HOUR);
        expect((await next()).nextAttemptAt).toBe(clock.now + 30 * MINUTE);
      },
    },
    {
      name: 'after a rotation both secrets sign, later only the new one',
      async check(platform) {
        const { announce, secrets, owner, hook, clock, secret: old } = await setUp(platform);
        const { secret: fresh } = await secrets.rotate(owner, HOUR);
        await announce({ type: 'job.one' });
        const [both] = await hook.received();
        expect(both.headers['webhook-signature'].split(' ')).toHaveLength(2);
        verifyReceived(both, old, clock.now);
        verifyReceived(both, fresh, clock.now);
        expect(await secrets.list(owner)).toHaveLength(2);
        clock.now += HOUR;
        await announce({ type: 'job.two' });
        const [, alone] = await hook.received();
        verifyReceived(alone, fresh, clock.now);
        expect(() => verifyReceived(alone, old, clock.now)).toThrow();
      },
    },
    {
      name: 'all secrets of the server sign for owners without a secret',
      async check(platform) {
        const { event, hook } = await setUp(platform);
        const other = `whsec_${btoa('another secret of 24 byt')}`;
        const { announce } = await setUp(platform, {
          secrets: new WebhookSecrets(platform.database, [SERVER_SECRET, other]),
        });
        await announce({ ...event, owner: `${event.owner}-without` });
        const [entry] = await hook.received();
        const now = Number(entry.headers['webhook-timestamp']) * 1000;
        verifyReceived(entry, SERVER_SECRET, now);
        verifyReceived(entry, other, now);
      },
    },
    {
      name: 'two concurrent senders make one attempt; an interrupted one is repeated after a minute',
      async check(platform) {
        const { webhooks, hook, announce, clock, last } = await setUp(platform);
        await hook.script(500, 204);
        await announce();
        clock.now = (await last()).nextAttemptAt!;
        await Promise.all([webhooks.due(), webhooks.due()]);
        expect(await hook.received()).toHaveLength(2);

        const dying: Sender = () => new Promise(() => {});
        const cut = await setUp({ ...platform, sender: dying });
        await cut.webhooks.announce(cut.event);
        await expect.poll(async () => (await cut.last()).attempts).toBe(1);
        const alive = createWebhooks({
          database: platform.database,
          secrets: cut.secrets,
          sender: platform.sender,
          resolve: async () => [],
          rules: { allowLoopback: true },
          now: () => cut.clock.now,
        });
        await alive.due();
        expect(await cut.hook.received()).toEqual([]);
        cut.clock.now += MINUTE;
        await alive.due();
        expect(await cut.hook.received()).toHaveLength(1);
        expect(await cut.last()).toMatchObject({ state: 'delivered', attempts: 2 });
      },
    },
    {
      name: 'an owner whose receivers do not answer delays no other owner',
      async check(platform) {
        let hanging = false;
        const held: (() => void)[] = [];
        const sender: Sender = async (message) => {
          if (message.url.port === new URL(platform.receiver).port) return await platform.sender(message);
          if (hanging) await new Promise<void>((done) => held.push(done));
          return { status: 500 };
        };
        const { webhooks, announce, clock, settle } = await setUp({ ...platform, sender });
        for (let index = 0; index < 10; index++) {
          await announce({ url: 'http://127.0.0.1:1/', type: `job.${index}` });
        }
        const other = await setUp(platform);
        await other.hook.script(500, 204);
        clock.now += 1;
        await announce(other.event);
        hanging = true;
        clock.now += 10 * SECOND;
        const round = webhooks.due();
        await expect.poll(async () => (await other.last()).state).toBe('delivered');
        expect(held).toHaveLength(3);
        hanging = false;
        for (const release of held) release();
        expect(await round).toBe(11);
        await settle();
      },
    },
    {
      name: 'an address is resolved and checked again before each delivery',
      async check(platform) {
        const addresses = ['93.184.215.14'];
        let sent = 0;
        const sender: Sender = async () => {
          sent++;
          return { status: 204 };
        };
        const resolve = async () => addresses;
        const { webhooks, owner, announce, last, next } = await setUp({ ...platform, sender }, { resolve });
        const url = 'https://hooks.example.com/';
        await webhooks.check(url, owner);
        addresses[0] = '10.0.0.1';
        await announce({ url });
        expect(await last()).toMatchObject({ state: 'pending', lastFault: 'forbidden_target' });
        addresses.pop();
        expect(await next()).toMatchObject({ state: 'pending', lastFault: 'unresolved' });
        expect(sent).toBe(0);
        addresses.push('93.184.215.14');
        expect(await next()).toMatchObject({ state: 'delivered' });
        expect(sent).toBe(1);
        const strict = await setUp({ ...platform, sender }, { resolve, rules: {} });
        await strict.announce();
        expect(await strict.last()).toMatchObject({ lastFault: 'forbidden_target' });
        expect(sent).toBe(1);
      },
    },
    {
      name: 'a job is refused with a forbidden or unresolvable address, or without a secret',
      async check(platform) {
        const found: Record<string, string[]> = { 'inside.example.com': ['93.184.215.14', '10.0.0.1'] };
        const resolve = async (host: string) => {
          if (host === 'away.example.com') throw new Error('The resolver is away.');
          return found[host] ?? [];
        };
        const { webhooks, owner } = await setUp(platform, { resolve, rules: {} });
        const refused = { code: 'invalid_webhook', param: 'webhook' };
        for (const url of [
          'http://example.com/',
          'https://inside.example.com/',
          'https://nobody.example.com/',
        ]) {
          await expect(webhooks.check(url, owner)).rejects.toMatchObject(refused);
        }
        await webhooks.check('https://away.example.com/', owner);
        const bare = await setUp(platform, { secrets: new WebhookSecrets(platform.database), resolve });
        await expect(bare.webhooks.check('https://8.8.8.8/', 'nobody')).rejects.toMatchObject(refused);
        await bare.announce({ owner: 'nobody' });
        expect(await bare.last()).toMatchObject({ state: 'pending', lastFault: 'no_secret' });
        expect(await bare.hook.received()).toEqual([]);
      },
    },
    {
      name: 'deleted events are not delivered, and old finished ones are removed',
      async check(platform) {
        const { webhooks, announce, hook, clock, jobId } = await setUp(platform);
        await hook.script(500);
        await announce();
        await webhooks.forget(jobId);
        clock.now += HOUR;
        await webhooks.due();
        expect(await hook.received()).toHaveLength(1);
        const old = await setUp(platform);
        await old.announce();
        old.clock.now += 29 * 24 * HOUR;
        await old.webhooks.due();
        expect(await old.webhooks.list(old.jobId)).toHaveLength(1);
        old.clock.now += 2 * 24 * HOUR;
        await old.webhooks.due();
        expect(await old.webhooks.list(old.jobId)).toEqual([]);
      },
    },
  ];

import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import type { Database } from '../../../../src/database/database.ts';
import { WebhookSecrets } from '../../../../src/features/jobs/webhooks/secrets.ts';
import type { Message } from '../../../../src/features/jobs/webhooks/sender.ts';
import { createWebhooks } from '../../../../src/features/jobs/webhooks/webhooks.ts';
import { ADMIN_KEY, accessApp, countingDatabase } from '../../../support/apps/access-app.ts';

const REDELIVER = '/v1/jobs/job_1/webhook/redeliver';
const SECRET = '/v1/webhooks/secret';

/** The app with webhooks that are sent nowhere, and two keys. */
async function setUp() {
  const { database } = await countingDatabase();
  const sent: Message[] = [];
  const answers = [204];
  const pending: Promise<unknown>[] = [];
  const webhooks = createWebhooks({
    database,
    secrets: new WebhookSecrets(database),
    sender: async (message) => {
      sent.push(message);
      return { status: answers.length > 1 ? answers.shift()! : answers[0] };
    },
    resolve: async () => ['93.184.215.14'],
    keepAlive: (work) => void pending.push(work),
  });
  const app = await accessApp({ webhooks, database: database as Database });
  const one = await app.makeKey();
  const other = await app.makeKey();
  const settle = async () => void (await Promise.all(pending.splice(0)));
  return { ...app, webhooks, sent, answers, settle, one, other };
}

describe('secrets', () => {
  it('are shown once, sign deliveries of their key, and can be rotated', async () => {
    const { send, one, webhooks, sent, settle } = await setUp();
    expect((await send('GET', SECRET, one.key)).json).toEqual({ object: 'list', data: [] });
    const made = await send('POST', SECRET, one.key, {});
    expect(made.status).toBe(201);
    expect(made.headers.get('cache-control')).toBe('no-store');
    expect(made.json).toEqual({
      object: 'webhook.secret',
      created_at: expect.any(Number),
      expires_at: null,
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    });
    const fresh = await send('POST', SECRET, one.key, { overlap_seconds: 60 });
    const { json, text } = await send('GET', SECRET, one.key);
    expect(json.data.map(({ expires_at }: { expires_at: number | null }) => expires_at)).toEqual([
      null,
      expect.any(Number),
    ]);
    expect(text).not.toContain('whsec_');

    const url = 'https://hooks.example.com/';
    await webhooks.announce({ jobId: 'job_1', owner: one.record.id, url, type: 'job.failed', data: {} });
    await settle();
    const [{ headers, body }] = sent;
    for (const { json: known } of [made, fresh]) new Webhook(known.secret).verify(body, { ...headers });
  });

  it('belong to each key alone, and at most three are active', async () => {
    const { send, one, other } = await setUp();
    for (let times = 0; times < 5; times++) await send('POST', SECRET, one.key, {});
    expect((await send('GET', SECRET, one.key)).json.data).toHaveLength(3);
    expect((await send('GET', SECRET, other.key)).json.data).toEqual([]);
    expect((await send('POST', SECRET, one.key, { overlap_seconds: 0 })).status).toBe(201);
    expect((await send('GET', SECRET, one.key)).json.data).toHaveLength(1);
  });

  it.each([
    [{ overlap_seconds: -1 }, 'invalid_value', 'overlap_seconds'],
    [{ overlap_seconds: 2_592_001 }, 'invalid_value', 'overlap_seconds'],
    [{ overlap_seconds: 'soon' }, 'invalid_type', 'overlap_seconds'],
    [{ overlap: 60 }, 'invalid_value', 'overlap'],
    [[], 'invalid_type', null],
  ])('%j is refused', async (body, code, param) => {
    const { send, one } = await setUp();
    const { status, json } = await send('POST', SECRET, one.key, body);
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ code, param });
  });
});

describe('redelivery', () => {
  it('sends the last event of a job again, for its owner only', async () => {
    const { send, one, other, webhooks, sent, answers, settle } = await setUp();
    await send('POST', SECRET, one.key, {});
    answers.unshift(500);
    const event = { jobId: 'job_1', owner: one.record.id, url: 'https://hooks.example.com/', data: {} };
    await webhooks.announce({ ...event, type: 'job.failed' });
    await settle();
    for (const key of [other.key, ADMIN_KEY]) {
      const { status, json } = await send('POST', REDELIVER, key);
      expect(status).toBe(404);
      expect(json.error).toMatchObject({ code: 'unknown_job' });
    }
    const { status, json } = await send('POST', REDELIVER, one.key);
    expect(status).toBe(202);
    expect(json).toEqual({
      id: expect.stringMatching(/^msg_/),
      type: 'job.failed',
      state: 'pending',
      attempts: 1,
      created_at: expect.any(Number),
      last_attempt_at: expect.any(Number),
      next_attempt_at: expect.any(Number),
      last_status: 500,
      last_fault: 'status',
    });
    await settle();
    expect(sent.map(({ headers }) => headers['webhook-id'])).toEqual([json.id, json.id]);
    expect(await webhooks.list('job_1')).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  });

  it('of an unknown job is 404; secrets and redelivery need the scope speech', async () => {
    const { send, one, makeKey } = await setUp();
    expect((await send('POST', REDELIVER, one.key)).status).toBe(404);
    const reader = await makeKey({ scopes: ['usage:read'] });
    for (const [method, path] of [
      ['POST', REDELIVER],
      ['GET', SECRET],
      ['POST', SECRET],
    ]) {
      expect((await send(method, path, reader.key, method === 'POST' ? {} : undefined)).status).toBe(403);
      expect((await send(method, path, undefined, method === 'POST' ? {} : undefined)).status).toBe(401);
    }
  });

  it('is not_configured where webhooks are off', async () => {
    const bare = await accessApp({ database: undefined, webhooks: undefined });
    const { key } = await bare.makeKey();
    for (const path of [REDELIVER, SECRET]) {
      const { status, json } = await bare.send('POST', path, key, {});
      expect(status).toBe(501);
      expect(json.error).toMatchObject({ code: 'not_configured' });
    }
  });
});

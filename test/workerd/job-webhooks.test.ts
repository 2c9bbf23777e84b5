import { createMessageBatch, createScheduledController, SELF } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, expect, inject, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { JobMessage } from '../../src/features/jobs/runner/job-object.ts';
import worker, { type Env } from '../../src/worker.ts';
import { receiverPath, verifyReceived } from '../support/servers/webhook-receiver.ts';
import { migratedDatabase } from './migrated-database.ts';
import { bucketOf, seedModel } from './seed.ts';

const bindings = env as unknown as Env;
let database: Database;
let secret: string;
beforeAll(async () => {
  database = await migratedDatabase();
  await seedModel(bucketOf());
  secret = (await send('POST', '/v1/webhooks/secret', {})).secret as string;
});

async function send(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const response = await SELF.fetch(`http://localhost${path}`, {
    method,
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: response.status, ...((await response.json()) as object) };
}

const speech = (url: string) => ({
  kind: 'speech',
  request: { model: 'sori-2', voice: 'hazel', input: 'Hi.', response_format: 'wav' },
  webhook: { url },
});
interface Delivery {
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
}
const deliveriesOf = async (id: string) => {
  const { webhook } = await send('GET', `/v1/jobs/${id}`);
  return (webhook as { deliveries: Delivery[] }).deliveries;
};
const tick = () => worker.scheduled(createScheduledController({ cron: '* * * * *' }), bindings);

it('a job calls its webhook; a receiver that was down is called again by the cron trigger, with the same id', async () => {
  const hook = receiverPath(inject('webhookReceiver'));
  await hook.script(503, 204);
  const { status, id } = (await send('POST', '/v1/jobs', speech(hook.url))) as { status: number; id: string };
  expect(status).toBe(202);
  await expect
    .poll(() => deliveriesOf(id), { timeout: 60_000 })
    .toMatchObject([{ state: 'pending', attempts: 1 }]);

  // A queue delivers at least once.
  for (let times = 0; times < 4; times++) {
    const messages = [{ id: `again-${times}`, timestamp: new Date(), attempts: 1, body: { job: id } }];
    const batch = createMessageBatch<JobMessage>('sori-jobs', messages);
    await worker.queue(batch, bindings);
  }
  expect(await hook.received()).toHaveLength(1);
  expect(await deliveriesOf(id)).toHaveLength(1);

  await database.run('UPDATE webhook_deliveries SET next_at = 0 WHERE job_id = ?', id);
  await tick();
  expect(await deliveriesOf(id)).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  await tick();
  const entries = await hook.received();
  expect(entries).toHaveLength(2);
  expect(new Set(entries.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  const now = Number(entries[1].headers['webhook-timestamp']) * 1000;
  expect(verifyReceived(entries[1], secret, now)).toMatchObject({
    type: 'job.succeeded',
    data: { object: 'job', id, state: 'succeeded', result: { url: expect.stringMatching(/^\/audio\//) } },
  });

  expect(await send('POST', `/v1/jobs/${id}/webhook/redeliver`)).toMatchObject({ status: 202, attempts: 2 });
  await expect.poll(() => deliveriesOf(id)).toMatchObject([{ state: 'delivered', attempts: 3 }]);
  expect((await hook.received())[2].headers['webhook-id']).toBe(entries[0].headers['webhook-id']);
});

it.each([
  'http://169.254.169.254/latest/meta-data/',
  'https://[::ffff:10.0.0.1]/',
  'https://10.0.0.1/',
  'file:///etc/passwd',
])('a job with the webhook %s is refused', async (url) => {
  const { status, error } = await send('POST', '/v1/jobs', speech(url));
  expect(status).toBe(400);
  expect(error).toMatchObject({ code: 'invalid_webhook', param: 'webhook' });
});

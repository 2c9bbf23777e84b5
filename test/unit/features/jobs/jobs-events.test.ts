import { afterEach, expect, it } from 'vitest';
import { jobsApp, REQUEST } from '../../../support/apps/jobs-app.ts';
import { deferred } from '../../../support/deferred.ts';

let running: Awaited<ReturnType<typeof jobsApp>>[] = [];
afterEach(async () => {
  await Promise.all(running.map(({ jobs }) => jobs.stop()));
  running = [];
});

async function setUp(options: Parameters<typeof jobsApp>[0] = {}) {
  const app = await jobsApp(options);
  running.push(app);
  const { key } = await app.makeKey();
  const { json } = await app.send('POST', '/v1/jobs', key, {
    kind: 'speech',
    request: { ...REQUEST, input: 'Hello.' },
  });
  const events = `/v1/jobs/${json.id}/events`;
  return { ...app, key, id: json.id as string, events };
}

it.each([0, 5000])(
  'of a job that has ended nothing is left to tell %i behind its last event: 204, so that browsers don’t come again',
  async (beyond) => {
    const { id, key, follow, send, events } = await setUp();
    const last = (await follow(id, key)).events.at(-1)!.id;
    const { status, text } = await send('GET', events, key, undefined, { 'Last-Event-ID': last + beyond });
    expect([status, text]).toEqual([204, '']);
  },
);

it('treats a Last-Event-ID that does not exist yet as that of the last event', async () => {
  const block = deferred();
  const { app, key, events } = await setUp({ tone: { before: () => block.promise } });
  const headers = { Authorization: `Bearer ${key}`, 'Last-Event-ID': '5000' };
  const response = await app.request(events, { headers });
  block.resolve();
  expect(await response.text()).toContain('event: succeeded');
});

it('closes the event streams of a job when the server stops', async () => {
  const block = deferred();
  const { id, key, follow } = await setUp({ tone: { before: () => block.promise }, draining: () => true });
  const { events, job } = await follow(id, key);
  expect(events[0].type).toBe('queued');
  expect(job.state).toBe('running');
  block.resolve();
});

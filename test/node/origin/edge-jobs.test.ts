import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningOrigin, runOrigin } from '../../support/servers/running-origin.ts';
import { type RunningServer, runServer, serverFolder } from '../../support/servers/running-server.ts';

const ORIGIN_SECRETS = 'k1:a-secret-that-edge-and-origin-share';
/** More than the edge does by itself while there is an origin. */
const HEAVY = { model: 'sori-2', voice: 'clara', refine_steps: 32, response_format: 'wav' };
const JSON_BODY = { 'Content-Type': 'application/json' };

let folder: Awaited<ReturnType<typeof serverFolder>>;
let origin: RunningOrigin;
let edge: RunningServer;

beforeAll(async () => {
  folder = await serverFolder();
  origin = await runOrigin(folder.path, { ORIGIN_SECRETS });
  edge = await runServer(folder.path, { env: { ORIGINS: origin.url.origin, ORIGIN_SECRETS } });
});
afterAll(async () => {
  await edge?.[Symbol.asyncDispose]();
  await origin?.[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function post(input: string): Promise<string> {
  const body = JSON.stringify({ kind: 'speech', request: { ...HEAVY, input } });
  const response = await fetch(new URL('/v1/jobs', edge.url), { method: 'POST', headers: JSON_BODY, body });
  expect(response.status).toBe(202);
  return ((await response.json()) as { id: string }).id;
}

async function jobOf(id: string) {
  return (await (await fetch(new URL(`/v1/jobs/${id}`, edge.url))).json()) as {
    state: string;
    error: { code: string } | null;
    result: { url: string; seconds: number } | null;
  };
}

/** Reads a job's events to their end. */
const follow = async (id: string) => await (await fetch(new URL(`/v1/jobs/${id}/events`, edge.url))).text();
/** Speech that the origin has answered with. */
const spoken = () => origin.output().match(/"route":"\/v1\/audio\/speech","status":200/g)?.length ?? 0;

it('a job goes from the edge through its queue to the origin, and its audio is stored at the edge', async () => {
  const id = await post('Your table is ready, and so is the window. '.repeat(8));
  expect(await follow(id)).toContain('event: succeeded');
  const { result } = await jobOf(id);
  expect(spoken()).toBe(1);
  const audio = await fetch(new URL(result!.url, edge.url));
  expect([audio.status, audio.headers.get('content-type')]).toEqual([200, 'audio/wav']);
  expect(((await audio.bytes()).length - 44) / 48_000).toBeCloseTo(result!.seconds, 3);
});

it('while the origin is down a job waits and reports why; it is done once the origin is back', async () => {
  const { port } = origin.url;
  await origin.stop('SIGKILL');
  const id = await post('Nobody is at the window now. '.repeat(70));
  await expect
    .poll(async () => (await jobOf(id)).error?.code, { timeout: 60_000 })
    .toBe('origin_unavailable');
  expect((await jobOf(id)).state).not.toBe('failed');
  origin = await runOrigin(folder.path, { ORIGIN_SECRETS, PORT: port });
  expect(await follow(id)).toContain('event: succeeded');
  expect(spoken()).toBe(1);
  expect((await jobOf(id)).error).toBeNull();
});

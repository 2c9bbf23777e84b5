import { expect, it } from 'vitest';
import { followJob } from '../../../../src/features/jobs/events.ts';
import type { JobStore } from '../../../../src/features/jobs/stores/store.ts';

/** A store whose call fails after the client has disconnected, as that of a Durable Object does. */
const store = {
  events: (_id: string, _after: number, signal?: AbortSignal) =>
    new Promise((_, reject) =>
      signal?.addEventListener('abort', () => reject(new Error('Connection lost.'))),
    ),
} as unknown as JobStore;

it('a client that leaves an event stream is not logged as a failure', async () => {
  const client = new AbortController();
  const reader = followJob(store, 'job', 0, { signal: client.signal }).getReader();
  const next = reader.read();
  client.abort();
  expect(await next).toEqual({ done: true, value: undefined });
});

it('nor is a client that cancels it', async () => {
  const reader = followJob(store, 'job', 0, { signal: new AbortController().signal }).getReader();
  const next = reader.read();
  await reader.cancel();
  expect(await next).toEqual({ done: true, value: undefined });
});

it('a store that fails is logged as a failure', async () => {
  const failing = { events: () => Promise.reject(new Error('broken')) } as unknown as JobStore;
  const reader = followJob(failing, 'job', 0, { signal: new AbortController().signal }).getReader();
  await expect(reader.read()).rejects.toThrow('broken');
});

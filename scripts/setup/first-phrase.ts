import { setTimeout as sleep } from 'node:timers/promises';
import { SoriClient } from '../sori/client.ts';
import { SetupError } from './wrangler.ts';

const PHRASE = { model: 'sori-2', voice: 'hazel', input: 'Your table is ready.' };
/** A new address of workers.dev takes a while until it answers. */
const ATTEMPTS = 60;
const WAIT_MS = 2000;

/** Waits until the Worker has loaded its model. @throws {SetupError} with its last answer. */
export async function waitUntilReady(url: URL): Promise<void> {
  let last = 'no answer';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const signal = AbortSignal.timeout(30_000);
    const response = await fetch(new URL('/readyz', url), { signal }).catch((error: Error) => error);
    if (response instanceof Error) last = response.message;
    else if (response.ok) return;
    else last = `${response.status} ${(await response.text()).slice(0, 300)}`;
    await sleep(WAIT_MS);
  }
  throw new SetupError(`${url.origin}/readyz is not ready: ${last}`);
}

/** Makes an API key for speech. */
export async function firstKey(url: URL, adminKey: string): Promise<string> {
  const client = new SoriClient({ url, apiKey: adminKey });
  const body = { name: 'first', scopes: ['speech', 'prompts:read', 'prompts:write', 'usage:read'] };
  return (await client.json<{ key: string }>('POST', '/v1/keys', { body })).key;
}

/** Speaks a phrase. @returns the address of its audio. */
export async function firstPhrase(url: URL, apiKey: string): Promise<URL> {
  const client = new SoriClient({ url, apiKey });
  const response = await client.request('POST', '/v1/audio/speech', { body: PHRASE });
  await response.arrayBuffer();
  const location = response.headers.get('content-location');
  if (location === null) throw new SetupError('The first phrase was spoken, but not stored.');
  return new URL(location, url);
}

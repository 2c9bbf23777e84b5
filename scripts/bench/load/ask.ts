/** Requests of the load parts. */
import { setTimeout as sleep } from 'node:timers/promises';

const SENTENCE = 'Please hold while we connect you to the next agent; your call, number #, matters to us. ';

/**
 * Numbers that make each text unique, so that none is answered from storage. Phrases have their own, because a long text takes 45 numbers, and
 * a phrase with a number of four digits takes 3.8 s and one with two digits 2.4 s.
 */
const asked = { phrases: 0, long: 0 };

/** A short phrase that no run has asked for. */
export const newPhrase = (): string => `Your table number ${++asked.phrases} is ready.`;

/** About 4,000 characters that no run has asked for. */
export const newLongText = (characters = 4000): string =>
  SENTENCE.repeat(Math.floor(characters / SENTENCE.length)).replaceAll('#', () => String(++asked.long));

/** Asks for speech, or for what another path answers to the same body. */
export function ask(
  url: string,
  fields: Readonly<Record<string, unknown>>,
  init: RequestInit = {},
  path = '/v1/audio/speech',
): Promise<Response> {
  return fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sori-2', voice: 'hazel', ...fields }),
    ...init,
  });
}

/**
 * Sends a request, and repeats it after `Retry-After` when a busy server refuses it.
 * @throws when the answer is an error of another kind.
 */
export async function insist(request: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const answer = await request();
    if (answer.ok) return answer;
    const text = await answer.text();
    if (![429, 503].includes(answer.status)) throw new Error(`${answer.status} ${text}`);
    await sleep(1000 * Number(answer.headers.get('retry-after') ?? 1));
  }
}

/** Milliseconds until the first byte of a body, with the time until a busy server accepts the request. The rest is not read. */
export async function firstByte(request: (init: RequestInit) => Promise<Response>): Promise<number> {
  const client = new AbortController();
  const started = performance.now();
  const answer = await insist(() => request({ signal: client.signal }));
  await answer.body?.getReader().read();
  const ms = performance.now() - started;
  client.abort();
  return ms;
}

/** Makes the first requests, for which models and codecs are loaded. */
export async function warmUp(url: string): Promise<void> {
  for (let run = 0; run < 3; run++)
    await (await insist(() => ask(url, { input: newPhrase() }))).arrayBuffer();
}

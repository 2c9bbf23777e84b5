import { lookup } from 'node:dns/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIPv6, type LookupFunction } from 'node:net';
import { type IntervalTask, startIntervalTask } from '../../../base/interval-task.ts';
import type { Database } from '../../../database/database.ts';
import { WebhookSecrets } from './secrets.ts';
import { MAX_ANSWER_BYTES, type Message, type Receipt, type Sender } from './sender.ts';
import type { WebhookSettings } from './settings.ts';
import type { Resolver } from './target.ts';
import type { Webhooks } from './types.ts';
import { createWebhooks } from './webhooks.ts';

/**
 * {@link Webhooks} of a Node server; {@link startWebhookTimer} delivers pending events.
 *
 * @example
 * ```ts
 * const webhooks = nodeWebhooks(database, parseWebhookSettings(process.env));
 * const timer = startWebhookTimer(webhooks);
 * process.once('SIGTERM', () => timer.stop());
 * ```
 * @param keepAlive called with deliveries that start with an announcement.
 */
export function nodeWebhooks(
  database: Database,
  { secrets, rules }: WebhookSettings,
  keepAlive?: (work: Promise<unknown>) => void,
): Webhooks {
  return createWebhooks({
    database,
    secrets: new WebhookSecrets(database, secrets),
    sender: nodeSender,
    resolve: systemResolver,
    rules,
    keepAlive,
    onError: (error) => console.error('A webhook could not be recorded:', error),
  });
}

/** A {@link Resolver} by this machine's name service including `/etc/hosts`, as a connection would use it. */
export const systemResolver: Resolver = async (host) => {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTFOUND') return [];
    throw error;
  }
};

/**
 * A {@link Sender} for Node that connects only to the checked addresses, even if the name resolves differently by then. The
 * certificate must be that of the name. It uses no proxy and no keep-alive.
 */
export const nodeSender: Sender = (message) =>
  new Promise<Receipt>((done, fail) => {
    const { url, headers, body, signal } = message;
    const bytes = Buffer.from(body);
    const request = url.protocol === 'https:' ? requestHttps : requestHttp;
    const outgoing = request(url.href, {
      method: 'POST',
      headers: { ...headers, 'Content-Length': bytes.length, Connection: 'close' },
      agent: false,
      lookup: pinned(message),
      signal,
    });
    let receipt: Receipt | undefined;
    // Only the status matters; an answer that breaks off later is ignored.
    const end = (error?: unknown) => (receipt === undefined ? fail(error) : done(receipt));
    outgoing.on('error', end);
    outgoing.on('response', (response) => {
      receipt = { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] };
      let left = MAX_ANSWER_BYTES;
      response.on('data', (piece: Buffer) => {
        left -= piece.length;
        if (left <= 0) outgoing.destroy();
      });
      response.on('error', end);
      response.on('close', end);
    });
    outgoing.end(bytes);
  });

function pinned({ addresses }: Message): LookupFunction {
  const known = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_host, { all }, answer) => {
    if (all) answer(null, known);
    else answer(null, known[0].address, known[0].family);
  };
}

/**
 * Delivers due events now and every few seconds.
 * @param onError called with errors of the store; the next run tries again.
 */
export function startWebhookTimer(
  webhooks: Pick<Webhooks, 'due'>,
  { intervalMs = 5000, onError = () => {} }: { intervalMs?: number; onError?: (error: unknown) => void } = {},
): IntervalTask {
  return startIntervalTask((signal) => webhooks.due(undefined, signal).catch(onError), intervalMs);
}

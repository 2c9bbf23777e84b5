import { SoriError } from '../../../base/errors.ts';
import type { Database } from '../../../database/database.ts';
import { attemptDelivery, type DeliveryTransport } from './deliver.ts';
import { nextAttempt } from './schedule.ts';
import type { WebhookSecrets } from './secrets.ts';
import type { Sender } from './sender.ts';
import { webhookId } from './signature.ts';
import { type Claim, DeliveryStore } from './store.ts';
import { addressesOf, parseTarget, type Resolver, type TargetRules } from './target.ts';
import type { Webhooks } from './types.ts';

/** Options of {@link createWebhooks}. */
export interface WebhookOptions {
  readonly database: Database;
  readonly secrets: Pick<WebhookSecrets, 'signers'>;
  readonly sender: Sender;
  readonly resolve: Resolver;
  readonly rules?: TargetRules;
  /** Keeps work running after its request. */
  readonly keepAlive?: (work: Promise<unknown>) => void;
  /** ms since the epoch. */
  readonly now?: () => number;
  /** A random number from 0 to 1, which spreads retries. */
  readonly random?: () => number;
  /** ms that an attempt may take; default 15,000. */
  readonly timeoutMs?: number;
  /** Called when an attempt could not be recorded; it is repeated later. */
  readonly onError?: (error: unknown) => void;
}

/** Status by which a receiver cancels further webhooks, by the specification. */
const GONE = 410;
const DEFAULT_TIMEOUT_MS = 15_000;
/** Concurrent attempts in a call of `due`: workerd allows six connections. */
const LANES = 6;
/** ms after which a call of `due` starts no more attempts; the next call continues. */
const ROUND_MS = 40_000;
/** ms that settled deliveries are kept. */
const KEPT_MS = 30 * 24 * 3_600_000;

/**
 * {@link Webhooks} in a database.
 *
 * @example
 * ```ts
 * const secrets = new WebhookSecrets(database, parseWebhookSecrets(env.WEBHOOK_SECRETS));
 * const webhooks = createWebhooks({ database, secrets, sender: nodeSender, resolve: systemResolver });
 * await webhooks.announce({ jobId, owner, url, type: 'job.completed', data: { id: jobId } });
 * ```
 */
export function createWebhooks(options: WebhookOptions): Webhooks {
  const { database, secrets, sender, resolve, rules = {}, now = Date.now } = options;
  const { keepAlive = () => {}, random = Math.random, onError = () => {} } = options;
  const store = new DeliveryStore(database);
  const transport: DeliveryTransport = {
    sender,
    resolve,
    rules,
    signers: (owner) => secrets.signers(owner),
    now,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  };

  const attempt = async (claim: Claim): Promise<void> => {
    const { fault, status, retryAfterMs } = await attemptDelivery(claim, transport);
    const at = now();
    if (fault === undefined) return await store.finish(claim, { now: at, state: 'delivered', status });
    if (status === GONE) return await store.finish(claim, { now: at, state: 'disabled', status, fault });
    const { startedAt, retries } = claim;
    const nextAt = nextAttempt({ now: at, startedAt, retries, retryAfterMs }, random);
    const state = nextAt === undefined ? 'dead' : 'pending';
    await store.finish(claim, { now: at, state, nextAt, status, fault });
  };

  /** Starts the delivery of an event in the background. */
  const begin = (id: string) => {
    const work = async () => {
      const claim = await store.claim(now(), id);
      if (claim !== undefined) await attempt(claim);
    };
    keepAlive(work().catch(onError));
  };

  return {
    async check(text, owner) {
      const url = parseTarget(text, rules);
      const refuse = (message: string) => new SoriError('invalid_webhook', message, { param: 'webhook' });
      if ((await secrets.signers(owner)).length === 0) {
        throw refuse('There is no secret to sign webhooks with. Create one: POST /v1/webhooks/secret.');
      }
      // Ignore a failing resolver: the name is checked again before each delivery.
      const addresses = await addressesOf(url, resolve, rules).catch(() => []);
      if (addresses === 'unresolved') throw refuse('The webhook’s host has no address.');
      if (addresses === 'forbidden_target') throw refuse('The webhook’s host is not a public address.');
    },

    async announce({ jobId, owner, url, type, data, run = 0 }) {
      const id = await webhookId(jobId, type, run);
      const at = now();
      const body = JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });
      if (await store.add({ id, jobId, owner, url, type, body, now: at })) begin(id);
    },

    async due(at = now(), signal) {
      const began = now();
      let made = 0;
      const lane = async () => {
        while (!signal?.aborted && now() - began < ROUND_MS) {
          const claim = await store.claim(at);
          if (claim === undefined) return;
          made++;
          await attempt(claim);
        }
      };
      const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane));
      const failed = lanes.find((end) => end.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      await store.prune(at - KEPT_MS);
      return made;
    },

    async redeliver(jobId, owner) {
      const delivery = await store.restart(jobId, owner, now());
      if (delivery !== undefined) begin(delivery.id);
      return delivery;
    },
    list: (jobId) => store.list(jobId),
    forget: (jobId) => store.forget(jobId),
  };
}

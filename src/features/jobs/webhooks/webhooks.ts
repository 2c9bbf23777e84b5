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

/** What {@link createWebhooks} is made of. */
export interface WebhookOptions {
  readonly database: Database;
  readonly secrets: Pick<WebhookSecrets, 'signers'>;
  readonly sender: Sender;
  readonly resolve: Resolver;
  readonly rules?: TargetRules;
  /** Lets work go on after the request that began it. */
  readonly keepAlive?: (work: Promise<unknown>) => void;
  /** ms since the epoch. */
  readonly now?: () => number;
  /** From 0 to 1: spreads retries. */
  readonly random?: () => number;
  /** ms that an attempt may take; default 15,000. */
  readonly timeoutMs?: number;
  /** Is told when an attempt could not even be recorded; it is made again later. */
  readonly onError?: (error: unknown) => void;
}

/** The receiver wants no more of these, by the specification. */
const GONE = 410;
const DEFAULT_TIMEOUT_MS = 15_000;
/** Attempts at once in a call of `due`: workerd opens six connections for one. */
const LANES = 6;
/** No attempt begins later than this in a call of `due`, ms: the next call goes on. */
const ROUND_MS = 40_000;
/** How long settled deliveries may be looked at, ms. */
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

  /** Delivers one event, or what is due; nothing that goes wrong with it is thrown to whoever announced. */
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
        throw refuse('There is no secret to sign webhooks with: POST /v1/webhooks/secret makes one.');
      }
      // A resolver that is away says nothing about the name, which is looked at again before each delivery.
      const addresses = await addressesOf(url, resolve, rules).catch(() => []);
      if (addresses === 'unresolved') throw refuse('The webhook’s host has no address.');
      if (addresses === 'forbidden_target')
        throw refuse('The webhook’s host is none of the public internet.');
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

import { z } from '@hono/zod-openapi';
import type { SecretRecord } from './secrets.ts';
import type { WebhookDelivery } from './types.ts';

const seconds = z.number().int().nullable();

/** A delivery as answered. */
export const deliverySchema = z
  .object({
    id: z.string().openapi({ description: 'The `webhook-id`, which is the same for every attempt.' }),
    type: z.string().openapi({ example: 'job.succeeded' }),
    state: z.enum(['pending', 'delivered', 'dead', 'disabled']).openapi({
      description: '`dead`: all attempts of 24 hours failed. `disabled`: the receiver answered 410.',
    }),
    attempts: z.number().int(),
    created_at: z.number().int().openapi({ description: 'Seconds since the epoch.' }),
    last_attempt_at: seconds,
    next_attempt_at: seconds,
    last_status: z.number().int().nullable().openapi({ description: 'HTTP status of the last attempt.' }),
    last_fault: z
      .enum(['status', 'redirect', 'timeout', 'unreachable', 'unresolved', 'forbidden_target', 'no_secret'])
      .nullable(),
  })
  .openapi('WebhookDelivery');

/** Converts a delivery to its JSON. */
export function describeDelivery(delivery: WebhookDelivery): z.infer<typeof deliverySchema> {
  const { id, type, state, attempts, createdAt, lastAttemptAt, nextAttemptAt, lastStatus, lastFault } =
    delivery;
  return {
    id,
    type,
    state,
    attempts,
    created_at: Math.floor(createdAt / 1000),
    last_attempt_at: inSeconds(lastAttemptAt),
    next_attempt_at: inSeconds(nextAttemptAt),
    last_status: lastStatus ?? null,
    last_fault: lastFault ?? null,
  };
}

/** A secret without its value. */
export const webhookSecretSchema = z
  .object({
    object: z.literal('webhook.secret'),
    created_at: z.number().int().openapi({ description: 'Seconds since the epoch.' }),
    expires_at: seconds.openapi({ description: 'When it stops signing.' }),
  })
  .openapi('WebhookSecret');

/** A new secret with its value. */
export const madeWebhookSecretSchema = webhookSecretSchema
  .extend({ secret: z.string().openapi({ description: '`whsec_…`. Shown only once.' }) })
  .openapi('MadeWebhookSecret');

/** Converts a secret to its JSON. */
export function describeSecret({ createdAt, expiresAt }: SecretRecord): z.infer<typeof webhookSecretSchema> {
  return {
    object: 'webhook.secret',
    created_at: Math.floor(createdAt / 1000),
    expires_at: inSeconds(expiresAt),
  };
}

const inSeconds = (ms: number | undefined) => (ms === undefined ? null : Math.floor(ms / 1000));

/** Longest and default overlap of two secrets in seconds. */
const MAX_OVERLAP = 30 * 86_400;
const DEFAULT_OVERLAP = 86_400;

/** Body of `POST /v1/webhooks/secret`. */
export const newSecretSchema = z
  .strictObject({
    overlap_seconds: z.number().int().min(0).max(MAX_OVERLAP).default(DEFAULT_OVERLAP).openapi({
      description: 'Seconds for which the previous secret also signs.',
    }),
  })
  .openapi('NewWebhookSecret', { example: { overlap_seconds: DEFAULT_OVERLAP } });

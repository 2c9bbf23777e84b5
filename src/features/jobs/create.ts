import { type CanonicalValue, canonicalJson } from '../../base/canonical-json.ts';
import { SoriError } from '../../base/errors.ts';
import { sha256Hex } from '../../base/sha256.ts';
import type { JobDependencies } from './dependencies.ts';

/**
 * Checks the webhook of a new job.
 * @throws {SoriError} `not_configured` where webhooks are not; `invalid_webhook`.
 */
export async function checkWebhook(
  { webhooks }: JobDependencies,
  url: string | undefined,
  owner: string,
): Promise<void> {
  if (url === undefined) return;
  if (webhooks !== undefined) return await webhooks.check(url, owner);
  const message = 'This server sends no webhooks: its operator has not configured them.';
  throw new SoriError('not_configured', message, { param: 'webhook' });
}

/** Hash of a request, to compare requests with the same idempotency key. */
export async function digestOf(said: unknown): Promise<string> {
  const plain = JSON.parse(JSON.stringify(said)) as CanonicalValue;
  return await sha256Hex(new TextEncoder().encode(canonicalJson(plain)));
}

/** Whether a job may have been stored although its creation failed: then it is sent later and still needs its recordings. */
export const mayBeStored = (error: unknown): boolean =>
  error instanceof SoriError && error.code === 'storage_unavailable';

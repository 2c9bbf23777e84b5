import { Webhook } from 'standardwebhooks';
import { SoriError } from '../../../base/errors.ts';

/** Prefix of secrets, by the specification. */
const PREFIX = 'whsec_';
/** Length of a secret in bytes, by the specification: 192 to 512 bits. */
const LEAST_BYTES = 24;
const MOST_BYTES = 64;
const NEW_BYTES = 32;

/** Makes a random secret: `whsec_` and 32 bytes in base64. */
export function newWebhookSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(NEW_BYTES));
  return PREFIX + btoa(String.fromCharCode(...bytes));
}

/**
 * Reads secrets as `WEBHOOK_SECRETS` has them: `whsec_new,whsec_old`. All of them sign.
 * @throws {SoriError} `not_configured` on a malformed text, without any secret in its message.
 */
export function parseWebhookSecrets(text: string | undefined): readonly string[] {
  const secrets = (text ?? '')
    .split(',')
    .map((secret) => secret.trim())
    .filter((secret) => secret !== '');
  for (const [at, secret] of secrets.entries()) {
    if (isWebhookSecret(secret)) continue;
    const message = `WEBHOOK_SECRETS, secret ${at + 1}: expected ${PREFIX} and ${LEAST_BYTES} to ${MOST_BYTES} bytes in base64.`;
    throw new SoriError('not_configured', message);
  }
  return secrets;
}

function isWebhookSecret(secret: string): boolean {
  if (!secret.startsWith(PREFIX)) return false;
  try {
    const { length } = atob(secret.slice(PREFIX.length));
    // The signer accepts only padded base64.
    return length >= LEAST_BYTES && length <= MOST_BYTES && secret.slice(PREFIX.length).length % 4 === 0;
  } catch {
    return false;
  }
}

/** The signed content. */
export interface Signable {
  readonly id: string;
  /** Time of this attempt, ms since the epoch. */
  readonly now: number;
  readonly body: string;
}

/** Headers of an attempt, with a signature by each secret, so that any of them can verify it. */
export function webhookHeaders(
  { id, now, body }: Signable,
  secrets: readonly string[],
): Record<string, string> {
  const time = new Date(now);
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, time, body));
  return {
    'Content-Type': 'application/json',
    'User-Agent': 'Sori-Webhooks/1',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now / 1000)),
    'webhook-signature': signatures.join(' '),
  };
}

/** The `webhook-id` of an event: the same however often the event is announced. */
export async function webhookId(jobId: string, type: string, run: number): Promise<string> {
  const text = new TextEncoder().encode(`sori-webhook-1\n${jobId}\n${type}\n${run}`);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
  const base64 = btoa(String.fromCharCode(...digest.subarray(0, 18)));
  return `msg_${base64.replaceAll('+', '-').replaceAll('/', '_')}`;
}

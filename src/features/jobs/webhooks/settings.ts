import { SoriError } from '../../../base/errors.ts';
import { parseWebhookSecrets } from './signature.ts';
import { type TargetRules, WEBHOOK_PORTS } from './target.ts';

/** Variables of webhooks. */
export interface WebhookVariables {
  /** Secrets for API keys without their own: `whsec_new,whsec_old`. */
  readonly WEBHOOK_SECRETS?: string;
  /** Allowed ports of receivers: `443,8443`. */
  readonly WEBHOOK_PORTS?: string;
  /** `on` also allows this machine, by http and on any port, for development. */
  readonly ALLOW_INSECURE_WEBHOOKS?: string;
}

/** The parsed settings. */
export interface WebhookSettings {
  readonly secrets: readonly string[];
  readonly rules: TargetRules;
}

/** @throws {SoriError} `not_configured` on a malformed variable, without any secret in its message. */
export function parseWebhookSettings(variables: WebhookVariables): WebhookSettings {
  return {
    secrets: parseWebhookSecrets(variables.WEBHOOK_SECRETS),
    rules: {
      ports: parsePorts(variables.WEBHOOK_PORTS),
      allowLoopback: variables.ALLOW_INSECURE_WEBHOOKS === 'on',
    },
  };
}

function parsePorts(text: string | undefined): readonly number[] {
  if (!text?.trim()) return WEBHOOK_PORTS;
  const ports = text.split(',').map((port) => port.trim());
  if (ports.every((port) => /^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535)) return ports.map(Number);
  throw new SoriError('not_configured', 'WEBHOOK_PORTS: expected ports, separated by commas.');
}

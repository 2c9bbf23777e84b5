import type { JobMessage, JobObject } from '../features/jobs/runner/job-object.ts';
import type { JobVariables } from '../features/jobs/settings.ts';
import type { WebhookVariables } from '../features/jobs/webhooks/settings.ts';
import type { RateLimitBinding } from '../features/keys/rate-limiters/bindings.ts';
import type { RetentionVariables } from '../features/prompts/retention.ts';

/** Bindings and variables of wrangler.toml. */
export interface Env extends WebhookVariables, RetentionVariables, JobVariables {
  /** Holds `shards/<model>/…` and `audio/…`. */
  readonly BUCKET: R2Bucket;
  /** Holds the prompt catalogue, API keys and usage. */
  readonly DB: D1Database;
  /** Jobs: a Durable Object each, and the queue that delivers them. */
  readonly JOB_OBJECTS: DurableObjectNamespace<JobObject>;
  readonly JOBS: Queue<JobMessage>;
  /** Sessions of WebSockets: a Durable Object each. */
  readonly SESSION_OBJECTS?: DurableObjectNamespace;
  /** Rate limits: requests per minute of a key, and of an address on routes without a key. */
  readonly RATE_10: RateLimitBinding;
  readonly RATE_60: RateLimitBinding;
  readonly RATE_300: RateLimitBinding;
  readonly RATE_1000: RateLimitBinding;
  readonly RATE_5000: RateLimitBinding;
  readonly RATE_PUBLIC: RateLimitBinding;
  /** Names of the models served, separated by commas; the first is the default. */
  readonly MODELS: string;
  /** `off` requires an API key only on the routes of keys; works on loopback host names only. */
  readonly AUTH?: string;
  /** Token that the proxy of `npm start` sends with every request; see `http/local-guard.ts`. */
  readonly LOCAL_TOKEN?: string;
  /** Hex SHA-256 of the administrator's API key. */
  readonly ADMIN_KEY_SHA256?: string;
  /** Secrets of signed URLs: `id:secret`, separated by commas; the first signs. */
  readonly SIGNING_KEYS?: string;
  /** Origins, which do heavy work, with their weights: `https://a.example 2,https://b.example 1`. */
  readonly ORIGINS?: string;
  /** Secrets shared with the origins: `id:secret`, separated by commas; the first signs. */
  readonly ORIGIN_SECRETS?: string;
  /** A binding of `mtls_certificates`: the client certificate of the Worker for origins. */
  readonly ORIGIN_CERTIFICATE?: Fetcher;
  /** Milliseconds until a request is also sent to a second origin; default: never. */
  readonly ORIGIN_HEDGE_MS?: string;
  /** Origins whose pages may call the API, separated by commas; `*` = all. */
  readonly CORS_ORIGINS?: string;
  /** `1` writes the spoken text into the log. */
  readonly LOG_TEXT?: string;
  /** `on` allows styles made from recordings. */
  readonly REFERENCE_STYLES?: string;
  /** How speakers consent to having their voices cloned: `recording` (default), `statement` or `both`. */
  readonly VOICE_CONSENT?: string;
}

/** Splits a variable with a list of names, separated by commas. */
export const namesIn = (list: string): string[] =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

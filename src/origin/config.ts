import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { jobSettings } from '../features/jobs/settings.ts';
import type { JobStoreOptions } from '../features/jobs/stores/sqlite.ts';
import {
  parseWebhookSettings,
  type WebhookSettings,
  type WebhookVariables,
} from '../features/jobs/webhooks/settings.ts';
import { LEAST_AUDIO_DAYS, type Retention } from '../features/prompts/retention.ts';
import { VOICE_CONSENTS, type VoiceConsent } from '../features/voices/consents.ts';
import { authOffAllowed } from '../http/loopback.ts';
import { parseSigningKeys, type SigningKeys } from '../http/signed-url.ts';
import { DEFAULT_PROVIDERS, PROVIDERS, type Provider } from '../inference/providers.ts';
import { type ClientAddress, clientAddressBehind } from './client-address.ts';

/** A bucket of a storage that speaks S3. */
export interface BucketConfig {
  readonly bucket: string;
  readonly endpoint?: string;
  readonly region: string;
  /** As AWS's tools find them when not given. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Paths of PEM files. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** With it, clients must show a certificate that comes from one in it. */
  readonly clientCa?: string;
}

/** How an origin is to run. */
export interface OriginConfig {
  readonly port: number;
  readonly host: string;
  readonly auth: boolean;
  readonly adminKeyHash?: string;
  readonly signingKeys?: SigningKeys;
  readonly originKeys?: SigningKeys;
  readonly tls?: TlsFiles;
  /** Whether it answers only its edges. */
  readonly guarded: boolean;
  /** Whether metrics need no signature. */
  readonly openMetrics: boolean;
  readonly corsOrigins: readonly string[];
  readonly clientAddress: ClientAddress;
  readonly webhooks: WebhookSettings;
  readonly logText: boolean;
  readonly referenceStyles: boolean;
  readonly speakerProfiles: boolean;
  readonly voiceConsent: VoiceConsent;
  readonly models: readonly string[];
  /** A folder, an address, or `bucket`. */
  readonly shards: string;
  readonly providers: readonly Provider[];
  readonly threads: number;
  /** Most utterances that run together; the provider decides when not given. */
  readonly batch?: number;
  readonly batchDelayMs: number;
  /** Directory of other makers' models. */
  readonly hostedModels: string;
  /** Bytes that they take together while they are loaded. */
  readonly hostedMemory: number;
  readonly stateDir: string;
  readonly bucket?: BucketConfig;
  readonly retention: Retention;
  /** Waiting time and retention of jobs. */
  readonly jobs: JobStoreOptions;
  readonly maxRequests: number;
  readonly requestTimeoutMs: number;
  readonly drainTimeoutMs: number;
}

/** A mistake in the environment that the operator can correct. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const ROOT = resolve(import.meta.dirname, '../..');

const number = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(least, `must be ${least} or more`).max(most, `must be ${most} or less`));

const whole = (preset: number, least: number, most: number) => number(least, most).default(preset);

const flag = (on: string, off: string, preset: boolean) =>
  z
    .enum([on, off], `must be "${on}" or "${off}"`)
    .transform((value) => value === on)
    .default(preset);

const list = (preset: readonly string[]) =>
  z
    .string()
    .transform((text) => text.split(',').map((name) => name.trim()))
    .transform((names) => names.filter((name) => name !== ''))
    .default([...preset]);

const environment = z.object({
  PORT: whole(8788, 0, 65_535),
  HOST: z.string().default('127.0.0.1'),
  AUTH: flag('on', 'off', true),
  ADMIN_KEY_SHA256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be 64 hex digits: npm run sori -- keys admin prints them')
    .optional(),
  SIGNING_KEYS: z.string().optional(),
  ORIGIN_SECRETS: z.string().optional(),
  ORIGIN_TLS_CERT: z.string().optional(),
  ORIGIN_TLS_KEY: z.string().optional(),
  ORIGIN_TLS_CLIENT_CA: z.string().optional(),
  OPEN_METRICS: flag('on', 'off', false),
  CORS_ORIGINS: list(['*']),
  TRUST_PROXY: list([]),
  WEBHOOK_SECRETS: z.string().optional(),
  WEBHOOK_PORTS: z.string().optional(),
  ALLOW_INSECURE_WEBHOOKS: z.enum(['on', 'off'], 'must be "on" or "off"').optional(),
  LOG_TEXT: flag('1', '0', false),
  REFERENCE_STYLES: flag('on', 'off', false),
  SPEAKER_PROFILES: flag('on', 'off', false),
  VOICE_CONSENT: z.enum(VOICE_CONSENTS, `must be of: ${VOICE_CONSENTS.join(', ')}`).default('recording'),
  MODELS: list(['sori-2']).refine((names) => names.length > 0, 'must name a model'),
  SHARDS: z.string().default(resolve(ROOT, 'shards')),
  SORI_EP: list(DEFAULT_PROVIDERS).pipe(
    z.array(z.enum(PROVIDERS, `must be of: ${PROVIDERS.join(', ')}`)).min(1, 'must name a provider'),
  ),
  SORI_THREADS: whole(availableParallelism(), 1, 256),
  SORI_BATCH: number(1, 256).optional(),
  SORI_BATCH_DELAY: whole(4, 0, 1000),
  SORI_MODELS: z.string().optional(),
  SORI_MODELS_MEMORY: whole(4096, 1, 1_048_576),
  STATE_DIR: z.string().default(resolve(ROOT, '.sori')),
  S3_BUCKET: z.string().optional(),
  S3_ENDPOINT: z.url({ protocol: /^https?$/, error: 'must be an http(s) address' }).optional(),
  S3_REGION: z.string().default('auto'),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  KEEP_VERSIONS: number(1, 999_999).optional(),
  KEEP_JOBS_DAYS: number(1, 999_999).optional(),
  JOB_WAIT_HOURS: number(0, 999_999).optional(),
  KEEP_AUDIO_DAYS: number(LEAST_AUDIO_DAYS, 999_999).optional(),
  MAX_REQUESTS: whole(64, 1, 100_000),
  REQUEST_TIMEOUT: whole(300, 1, 86_400),
  DRAIN_TIMEOUT: whole(60, 0, 86_400),
});

/**
 * Parses the environment; empty variables count as not set.
 * @throws {ConfigError} which names every variable at fault.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): OriginConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const { data, error } = environment.safeParse(given);
  if (error) throw new ConfigError(faultsOf(error));
  const { HOST: host, S3_BUCKET: bucket, S3_ACCESS_KEY_ID: accessKeyId } = data;
  const originKeys = keysOf('ORIGIN_SECRETS', data.ORIGIN_SECRETS);
  const tls = tlsOf(data);
  const guarded = originKeys !== undefined || tls?.clientCa !== undefined;
  if (!data.AUTH && !guarded && !authOffAllowed(host)) {
    throw new ConfigError(
      `AUTH is "off" and HOST is ${host}: without keys an origin listens on a loopback address only.`,
    );
  }
  if ((accessKeyId === undefined) !== (data.S3_SECRET_ACCESS_KEY === undefined)) {
    throw new ConfigError('Set both S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or neither.');
  }
  if (data.SHARDS === 'bucket' && bucket === undefined) {
    throw new ConfigError('SHARDS is "bucket", and S3_BUCKET names none.');
  }
  if (data.KEEP_AUDIO_DAYS !== undefined && originKeys && bucket !== undefined) {
    throw new ConfigError(
      'KEEP_AUDIO_DAYS cannot be set on an origin with ORIGIN_SECRETS and S3_BUCKET: the prompts that use the audio are in the database of the edge. Set it there.',
    );
  }
  return {
    port: data.PORT,
    host,
    auth: data.AUTH,
    adminKeyHash: data.ADMIN_KEY_SHA256,
    signingKeys: keysOf('SIGNING_KEYS', data.SIGNING_KEYS),
    originKeys,
    tls,
    guarded,
    openMetrics: data.OPEN_METRICS,
    corsOrigins: data.CORS_ORIGINS,
    clientAddress: addressesOf(data.TRUST_PROXY),
    webhooks: webhooksOf(data),
    logText: data.LOG_TEXT,
    referenceStyles: data.REFERENCE_STYLES,
    speakerProfiles: data.SPEAKER_PROFILES,
    voiceConsent: data.VOICE_CONSENT,
    models: data.MODELS,
    shards: data.SHARDS,
    providers: data.SORI_EP,
    threads: data.SORI_THREADS,
    batch: data.SORI_BATCH,
    batchDelayMs: data.SORI_BATCH_DELAY,
    hostedModels: resolve(data.SORI_MODELS ?? join(data.STATE_DIR, 'models')),
    hostedMemory: data.SORI_MODELS_MEMORY * 1024 * 1024,
    stateDir: resolve(data.STATE_DIR),
    bucket: bucket === undefined ? undefined : bucketOf(bucket, data),
    retention: { versions: data.KEEP_VERSIONS, audioDays: data.KEEP_AUDIO_DAYS },
    jobs: jobSettings({ keepDays: data.KEEP_JOBS_DAYS, waitHours: data.JOB_WAIT_HOURS }),
    maxRequests: data.MAX_REQUESTS,
    requestTimeoutMs: data.REQUEST_TIMEOUT * 1000,
    drainTimeoutMs: data.DRAIN_TIMEOUT * 1000,
  };
}

function tlsOf(data: z.infer<typeof environment>): TlsFiles | undefined {
  const { ORIGIN_TLS_CERT: cert, ORIGIN_TLS_KEY: key, ORIGIN_TLS_CLIENT_CA: clientCa } = data;
  if (cert !== undefined && key !== undefined) return { cert, key, clientCa };
  if (cert === undefined && key === undefined && clientCa === undefined) return undefined;
  throw new ConfigError(
    'ORIGIN_TLS_CERT and ORIGIN_TLS_KEY come together or not at all; ORIGIN_TLS_CLIENT_CA needs both.',
  );
}

function bucketOf(bucket: string, data: z.infer<typeof environment>): BucketConfig {
  const { S3_ENDPOINT: endpoint, S3_REGION: region } = data;
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = data;
  const credentials = accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined;
  return { bucket, endpoint, region, credentials };
}

function keysOf(name: string, text: string | undefined): SigningKeys | undefined {
  try {
    return parseSigningKeys(text, name);
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
}

function addressesOf(trusted: readonly string[]): ClientAddress {
  try {
    return clientAddressBehind(trusted);
  } catch (error) {
    throw new ConfigError(`TRUST_PROXY: ${(error as Error).message}`);
  }
}

function webhooksOf(variables: WebhookVariables): WebhookSettings {
  try {
    return parseWebhookSettings(variables);
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
}

function faultsOf({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${String(path[0])} ${message}.`).join('\n');
}

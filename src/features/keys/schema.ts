import { z } from '@hono/zod-openapi';
import { type ErrorCode, SoriError } from '../../base/errors.ts';
import { SCOPES, type Scope } from '../../http/access.ts';
import { lenient } from '../../http/bodies/lenient.ts';
import type { KeyRecord } from './key-store.ts';
import { RATE_TIERS } from './rate-limiter.ts';

/** Rates in requests and answers. */
export const RATES = RATE_TIERS.map((tier) => `${tier}/m`);
/** Default rate of a key. */
export const DEFAULT_RATE = '300/m';
const UNLIMITED = 'unlimited';

/** Longest life of a key and longest overlap of a rotation, in seconds. */
const MAX_SECONDS = { expires_in: 10 * 365 * 86_400, overlap_seconds: 30 * 86_400 } as const;
/** Default seconds that old secrets stay valid after a rotation. */
const DEFAULT_OVERLAP = 3600;

/** Body of `POST /v1/keys`. */
export const newKeySchema = z
  .strictObject({
    name: z.string().min(1).max(128).openapi({ description: 'A name for people.', example: 'ci' }),
    scopes: z
      .array(z.enum(SCOPES))
      .min(1)
      .openapi({ description: 'What the key may do. A key cannot grant scopes that it does not have.' }),
    rate: z
      .enum([...RATES, UNLIMITED])
      .default(DEFAULT_RATE)
      .openapi({ description: 'Requests a minute, per data centre in Workers.' }),
    monthly_characters: z.number().int().min(1).max(1e12).optional().openapi({
      description: 'Characters that may be synthesized in a calendar month (UTC). Default: no limit.',
    }),
    expires_in: z.number().int().min(1).max(MAX_SECONDS.expires_in).optional().openapi({
      description: 'Lifetime in seconds. Default: until it is revoked.',
    }),
  })
  .openapi('NewKey', {
    example: {
      name: 'ci',
      scopes: ['speech', 'prompts:write'],
      rate: '60/m',
      monthly_characters: 1_000_000,
    },
  });

/** Body of `POST /v1/keys/{id}/rotate`. */
export const rotationSchema = z
  .strictObject({
    overlap_seconds: z
      .number()
      .int()
      .min(0)
      .max(MAX_SECONDS.overlap_seconds)
      .default(DEFAULT_OVERLAP)
      .openapi({
        description: 'Seconds that old secrets stay valid.',
      }),
  })
  .openapi('KeyRotation', { example: { overlap_seconds: DEFAULT_OVERLAP } });

const seconds = z.number().int().nullable();

/** A key as answered. */
export const keySchema = z
  .object({
    object: z.literal('key'),
    id: z.string().openapi({ description: 'The middle part of the key: `sori_<id>_…`.' }),
    name: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    rate: z.string().nullable().openapi({ description: 'Requests a minute; null if there is no limit.' }),
    monthly_characters: z.number().int().nullable(),
    created_at: z.number().int().openapi({ description: 'Seconds since the epoch.' }),
    expires_at: seconds,
    revoked_at: seconds,
    last_used_at: seconds.openapi({ description: 'To the minute.' }),
  })
  .openapi('Key', {
    example: {
      object: 'key',
      id: '4f9K2mQx7PzL',
      name: 'ci',
      scopes: ['speech', 'prompts:write'],
      rate: '60/m',
      monthly_characters: 1_000_000,
      created_at: 1_795_262_400,
      expires_at: null,
      revoked_at: null,
      last_used_at: null,
    },
  });

/** A new key with its value. */
export const madeKeySchema = keySchema
  .extend({ key: z.string().openapi({ description: 'The key itself, shown only once.' }) })
  .openapi('MadeKey');

/** Converts a key to its JSON. */
export function describeKey(record: KeyRecord): z.infer<typeof keySchema> {
  const { id, name, scopes, requestsPerMinute, monthlyCharacters } = record;
  return {
    object: 'key',
    id,
    name,
    scopes: [...scopes],
    rate: requestsPerMinute === undefined ? null : `${requestsPerMinute}/m`,
    monthly_characters: monthlyCharacters ?? null,
    created_at: Math.floor(record.createdAt / 1000),
    expires_at: inSeconds(record.expiresAt),
    revoked_at: inSeconds(record.revokedAt),
    last_used_at: inSeconds(record.lastUsedAt),
  };
}

const inSeconds = (ms: number | undefined) => (ms === undefined ? null : Math.floor(ms / 1000));

/** The parsed body of a new key. */
export interface KeyRequest {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly requestsPerMinute?: number;
  readonly monthlyCharacters?: number;
  readonly expiresInSeconds?: number;
}

/** @throws {SoriError} with the first fault's code and field. */
export function parseNewKey(body: unknown): KeyRequest {
  const { name, scopes, rate, monthly_characters, expires_in } = parse(newKeySchema, body);
  return {
    name,
    scopes: [...new Set(scopes)],
    requestsPerMinute: rate === UNLIMITED ? undefined : Number.parseInt(rate, 10),
    monthlyCharacters: monthly_characters,
    expiresInSeconds: expires_in,
  };
}

/**
 * @returns seconds of overlap.
 * @throws {SoriError} with the first fault's code and field.
 */
export function parseRotation(body: unknown): number {
  return parse(rotationSchema, body).overlap_seconds;
}

/** Requirement of each field and its `typeof` types. */
const FIELDS: Readonly<Record<string, readonly [type: string, must: string]>> = {
  name: ['string', 'a string of 1 to 128 characters'],
  scopes: ['object', `a list of at least one of ${SCOPES.join(', ')}`],
  rate: ['string', `one of ${RATES.join(', ')}, or ${UNLIMITED}`],
  monthly_characters: ['number', 'a whole number from 1 to 1000000000000'],
  expires_in: ['number', `a whole number of seconds from 1 to ${MAX_SECONDS.expires_in} (ten years)`],
  overlap_seconds: ['number', `a whole number of seconds from 0 to ${MAX_SECONDS.overlap_seconds} (30 days)`],
};

function parse<T>(schema: z.ZodType<T>, given: unknown): T {
  const body = lenient(schema, given);
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  // Reject unknown fields, so that a misspelt limit does not create a key without a limit.
  if (issue.code === 'unrecognized_keys') {
    const [param] = issue.keys;
    const message = `There is no field ${JSON.stringify(param)}; there are ${Object.keys((schema as unknown as z.ZodObject).shape).join(', ')}.`;
    throw new SoriError('invalid_value', message, { param });
  }
  if (issue.path.length === 0) throw new SoriError('invalid_type', 'The body must be a JSON object.');
  const param = String(issue.path[0]);
  const [type, must] = FIELDS[param];
  const value = (body as Record<string, unknown>)[param];
  if (value === undefined) {
    throw new SoriError('missing_required_parameter', `${param} is required: ${must}.`, { param });
  }
  const code: ErrorCode = value !== null && typeof value === type ? 'invalid_value' : 'invalid_type';
  throw new SoriError(code, `${param} must be ${must}.`, { param });
}

import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AudioFormatId } from '../../../audio/format.ts';
import { SoriError } from '../../../base/errors.ts';
import { readJsonBody } from '../../../http/bodies/json-body.ts';
import { lenient } from '../../../http/bodies/lenient.ts';
import type { AppEnv } from '../../../http/context.ts';
import { MAX_LIFETIME_SECONDS, type SigningKeys, verifyQuery } from '../../../http/signed-url.ts';
import { PLACED_HEADER, placedHeaders } from '../../../placement/placed-header.ts';
import { answerAudio } from '../../delivery/index.ts';
import { PAYER, payerOf } from '../../keys/index.ts';
import { type AddressedSpeech, addressSpeech } from '../bake.ts';
import type { SpeechDependencies } from '../dependencies.ts';
import { streamOnMiss } from '../on-miss.ts';
import { bakeFor } from '../placement/bake-placed.ts';
import { onBehalf } from '../voices/cloned-voices.ts';
import { DEFAULT_EXPIRES_IN, signDocs, signedSpeechDocs } from './docs.ts';
import { fromUrlParameters, parseUrlSpeech, SIGNED_PATH, signSpeechUrl } from './request.ts';

/** Longest cache lifetime of an answer in seconds, so that a revoked key soon stops working. */
const LONGEST_MAX_AGE = 86_400;
/** The same for audio with reduced steps, which is replaced when an origin is available again. */
const DEGRADED_MAX_AGE = 60;

/** Adds `GET|HEAD /v1/audio/speech` and `POST /v1/audio/speech/sign`. */
export function signedSpeechRoutes(app: OpenAPIHono<AppEnv>, deps: SpeechDependencies): void {
  app.openAPIRegistry.registerPath(signedSpeechDocs);
  app.get(signedSpeechDocs.path, async (c) => {
    const signed = await openSigned(c, deps, SIGNED_PATH);
    const body = fromUrlParameters(signed.parameters, deps.engine.names[0]);
    const speech = await addressSpeech(onBehalf(c, deps), body, c.req.raw.signal);
    return await answerSigned(c, deps, speech, { ...signed, format: body.response_format });
  });

  app.openAPIRegistry.registerPath(signDocs);
  app.post(signDocs.path, async (c) => {
    const keys = signingKeysOf(deps);
    const given = (await readJsonBody(c.req.raw)) as Record<string, unknown>;
    const body = parseUrlSpeech(withoutLifetime(given));
    const expires = Math.floor(Date.now() / 1000) + expiresIn(given);
    // Rejects unknown voices and models.
    await addressSpeech(onBehalf(c, deps), body, c.req.raw.signal);
    const url = await signSpeechUrl(keys, new URL(c.req.url).origin + SIGNED_PATH, given, {
      expires,
      payer: deps.access === 'off' ? undefined : c.get('caller').id,
    });
    c.header('Cache-Control', 'no-store');
    return c.json({ url, expires_at: new Date(expires * 1000).toISOString() });
  });
}

/** The body of the speech alone. What is no object is left for its reader to refuse. */
function withoutLifetime(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  const { expires_in: _, ...fields } = given as Readonly<Record<string, unknown>>;
  return fields;
}

/** A signed URL that was verified. */
export interface SignedUrl {
  readonly parameters: ReadonlyMap<string, string>;
  /** Unix time in seconds at which it expires. */
  readonly expires: number;
}

/**
 * Verifies the URL of a request, and charges the API key that signed it.
 * @throws {SoriError} `not_configured`, `invalid_signature`, `expired_signature`, and what the key's own state throws.
 */
export async function openSigned(
  c: Context<AppEnv>,
  deps: SpeechDependencies,
  path: string,
): Promise<SignedUrl> {
  const now = Date.now();
  const { parameters, expires } = await verifyQuery(
    signingKeysOf(deps),
    path,
    new URL(c.req.url).search,
    now,
  );
  const payer = parameters.get(PAYER);
  if (deps.access !== 'off' && payer !== undefined) {
    c.set('caller', await payerOf(deps.access, payer, now));
  }
  return { parameters, expires };
}

/**
 * Answers a signed URL with its audio: streams it while it is made, or sends the stored file.
 * @throws {SoriError} as `streamOnMiss` and `bakeFor` do.
 */
export async function answerSigned(
  c: Context<AppEnv>,
  deps: SpeechDependencies,
  speech: AddressedSpeech,
  { format, expires }: { readonly format: AudioFormatId; readonly expires: number },
): Promise<Response> {
  const left = Math.floor(expires - Date.now() / 1000);
  const cacheControl = (longest: number) => `public, max-age=${Math.min(left, longest)}`;
  const streamed = await streamOnMiss(c, deps, speech, {
    format,
    cacheControl: cacheControl(LONGEST_MAX_AGE),
    fileName: fileNameOf(speech.key),
  });
  if (streamed) return streamed;
  const { key, cache } = await bakeFor(c, deps, speech, [format], c.req.raw.signal);
  const placed = placedHeaders(c);
  return await answerAudio(c, deps, {
    key,
    format,
    cacheControl: cacheControl(isDegraded(placed) ? DEGRADED_MAX_AGE : LONGEST_MAX_AGE),
    tags: [],
    fileName: fileNameOf(key),
    extraHeaders: { 'X-Cache': cache, ...placed },
  });
}

function fileNameOf(key: string): string {
  return `sori-${key.slice(0, 12)}`;
}

function isDegraded(placed: Readonly<Record<string, string>>): boolean {
  return placed[PLACED_HEADER]?.includes('reason=degraded') ?? false;
}

/** @throws {SoriError} `not_configured` on a server that signs no URLs. */
export function signingKeysOf({ signingKeys }: SpeechDependencies): SigningKeys {
  if (signingKeys && signingKeys.size > 0) return signingKeys;
  const message = 'This server signs no URLs: its operator has not set SIGNING_KEYS.';
  throw new SoriError('not_configured', message);
}

/**
 * The lifetime that a request to sign asks for, in seconds.
 * @throws {SoriError} `invalid_value`, `invalid_type`.
 */
export function expiresIn({ expires_in: given }: Readonly<Record<string, unknown>>): number {
  if (given === undefined || given === null) return DEFAULT_EXPIRES_IN;
  const expires_in = lenient(z.number(), given);
  const whole = Number.isInteger(expires_in) ? (expires_in as number) : 0;
  if (whole >= 1 && whole <= MAX_LIFETIME_SECONDS) return whole;
  const code = typeof expires_in === 'number' ? 'invalid_value' : 'invalid_type';
  const message = `expires_in must be a whole number of seconds from 1 to ${MAX_LIFETIME_SECONDS} (ten years).`;
  throw new SoriError(code, message, { param: 'expires_in' });
}

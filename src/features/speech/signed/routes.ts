import type { OpenAPIHono } from '@hono/zod-openapi';
import { SoriError } from '../../../base/errors.ts';
import { readJsonBody } from '../../../http/bodies/json-body.ts';
import type { AppEnv } from '../../../http/context.ts';
import { MAX_LIFETIME_SECONDS, type SigningKeys, verifyQuery } from '../../../http/signed-url.ts';
import { PLACED_HEADER, placedHeaders } from '../../../placement/placed-header.ts';
import { answerAudio } from '../../delivery/index.ts';
import { PAYER, payerOf } from '../../keys/index.ts';
import { addressSpeech } from '../bake.ts';
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
    const now = Date.now();
    const { search } = new URL(c.req.url);
    const { parameters, expires } = await verifyQuery(signingKeysOf(deps), SIGNED_PATH, search, now);
    const payer = parameters.get(PAYER);
    if (deps.access !== 'off' && payer !== undefined) {
      c.set('caller', await payerOf(deps.access, payer, now));
    }
    const body = fromUrlParameters(parameters, deps.engine.names[0]);
    const { signal } = c.req.raw;
    const speech = await addressSpeech(onBehalf(c, deps), body, signal);
    const format = body.response_format;
    const cacheControl = (longest: number) =>
      `public, max-age=${Math.min(Math.floor(expires - now / 1000), longest)}`;
    const streamed = await streamOnMiss(c, deps, speech, {
      format,
      cacheControl: cacheControl(LONGEST_MAX_AGE),
      fileName: fileNameOf(speech.key),
    });
    if (streamed) return streamed;
    const { key, cache } = await bakeFor(c, deps, speech, [format], signal);
    const placed = placedHeaders(c);
    return await answerAudio(c, deps, {
      key,
      format,
      cacheControl: cacheControl(isDegraded(placed) ? DEGRADED_MAX_AGE : LONGEST_MAX_AGE),
      tags: [],
      fileName: fileNameOf(key),
      extraHeaders: { 'X-Cache': cache, ...placed },
    });
  });

  app.openAPIRegistry.registerPath(signDocs);
  app.post(signDocs.path, async (c) => {
    const keys = signingKeysOf(deps);
    const given = (await readJsonBody(c.req.raw)) as Record<string, unknown>;
    const body = parseUrlSpeech(given);
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

function fileNameOf(key: string): string {
  return `sori-${key.slice(0, 12)}`;
}

function isDegraded(placed: Readonly<Record<string, string>>): boolean {
  return placed[PLACED_HEADER]?.includes('reason=degraded') ?? false;
}

function signingKeysOf({ signingKeys }: SpeechDependencies): SigningKeys {
  if (signingKeys && signingKeys.size > 0) return signingKeys;
  const message = 'This server signs no URLs: its operator has not set SIGNING_KEYS.';
  throw new SoriError('not_configured', message);
}

function expiresIn({ expires_in }: Readonly<Record<string, unknown>>): number {
  if (expires_in === undefined) return DEFAULT_EXPIRES_IN;
  const whole = Number.isInteger(expires_in) ? (expires_in as number) : 0;
  if (whole >= 1 && whole <= MAX_LIFETIME_SECONDS) return whole;
  const code = typeof expires_in === 'number' ? 'invalid_value' : 'invalid_type';
  const message = `expires_in must be a whole number of seconds from 1 to ${MAX_LIFETIME_SECONDS} (ten years).`;
  throw new SoriError(code, message, { param: 'expires_in' });
}

import type { Context, MiddlewareHandler } from 'hono';
import { SoriError } from '../../base/errors.ts';
import {
  type AccessControl,
  type Caller,
  type CharacterQuota,
  LOCAL_CALLER,
  PUBLIC_CALLER,
  type QuotaState,
  type RateState,
} from '../../http/access.ts';
import { requirementOf } from '../../http/access-table.ts';
import { apiKeyOf } from '../../http/api-key-header.ts';
import type { AppEnv, HttpDependencies } from '../../http/context.ts';
import { logFailure, respondError, toSoriError } from '../../http/errors.ts';
import { keepAlive } from '../../http/keep-alive.ts';
import { writableHeaders } from '../../http/security.ts';
import { QuotaExceeded } from './quota.ts';

/**
 * Middleware that checks the API key, the scope that the
 * route requires, and the rate limit.
 */
export function requireAccess({
  access,
  management,
  clientAddress = cloudflareAddress,
}: HttpDependencies): MiddlewareHandler<AppEnv> {
  const addressOf = (c: Context<AppEnv>) => clientAddress(c.req.raw.headers, c.env);
  return async (c, next) => {
    const { route } = c.get('account');
    // Unknown paths need no access check: 404 or 405.
    const requirement = route === undefined ? 'public' : requirementOf(c.req.method, route);
    if (access === 'off') {
      if (requirement === 'keys:write' && management !== undefined) {
        const caller = await identify(c, management, addressOf(c));
        if (!caller.scopes.has(requirement)) throw missingScope(requirement);
        c.set('caller', caller);
      }
      return await next();
    }
    if (requirement !== 'public') {
      const caller = await identify(c, access, addressOf(c));
      c.set('caller', caller);
      if (requirement === undefined) throw missingScope('there is no entry for this route');
      if (requirement !== 'any' && !caller.scopes.has(requirement)) throw missingScope(requirement);
    }
    const counted = c.get('caller');
    const rate = await access.countRequest(counted, addressOf(c));
    if (rate?.allowed === false) return tooMany(c, rate);
    await next();
    const { quota } = c.get('account');
    if ((rate === undefined && quota === undefined) || isShared(c.res.headers)) return;
    const headers = writableHeaders(c);
    if (rate !== undefined) setRateHeaders(headers, counted, rate);
    if (quota !== undefined) setQuotaHeaders(headers, quota);
  };
}

/** Whether caches may share the answer. Then it must not contain the caller's limits. */
const isShared = (headers: Headers): boolean => headers.get('cache-control')?.startsWith('public') ?? false;

/** @throws {SoriError} `invalid_api_key`; `rate_limit_exceeded` for an address with too many wrong keys. */
async function identify(c: Context<AppEnv>, access: AccessControl, address: string): Promise<Caller> {
  try {
    return await access.authenticate(apiKeyOf(c.req.raw.headers));
  } catch (error) {
    if (!(error instanceof SoriError) || error.code !== 'invalid_api_key') throw error;
    const rate = await access.countRequest(PUBLIC_CALLER, address);
    throw rate?.allowed === false ? limitExceeded(rate) : error;
  }
}

/** The client's address from Cloudflare's header; without it all clients share one bucket. */
function cloudflareAddress(headers: Headers): string {
  return headers.get('cf-connecting-ip') ?? 'unknown';
}

function missingScope(scope: string): SoriError {
  const message = `You have insufficient permissions for this operation. Missing scopes: ${scope}.`;
  return new SoriError('insufficient_scope', message);
}

function limitExceeded({ limit, resetSeconds }: RateState): SoriError {
  const message = `Rate limit reached: ${limit} requests a minute. Try again in ${resetSeconds} s.`;
  return new SoriError('rate_limit_exceeded', message);
}

function tooMany(c: Context<AppEnv>, rate: RateState): Response {
  const response = respondError(limitExceeded(rate), c);
  response.headers.set('Retry-After', String(rate.resetSeconds));
  setRateHeaders(response.headers, c.get('caller'), rate);
  return response;
}

/** Structured fields of draft-ietf-httpapi-ratelimit-headers. */
function setRateHeaders(headers: Headers, { id }: Caller, rate: RateState): void {
  const policy = id === 'public' ? '"address"' : '"key"';
  headers.set('RateLimit-Policy', `${policy};q=${rate.limit};w=${rate.windowSeconds}`);
  headers.set('RateLimit', `${policy};r=${rate.remaining};t=${rate.resetSeconds}`);
}

function setQuotaHeaders(headers: Headers, { used, limit }: QuotaState): void {
  headers.set('X-Characters-Used', String(used));
  headers.set('X-Characters-Limit', String(limit));
}

/**
 * Reserves characters of the caller's monthly quota before the synthesis, and records them in the request's account.
 * @throws {SoriError} `insufficient_quota`; then nothing may be synthesized.
 */
export async function reserveCharacters(
  c: Context<AppEnv>,
  { access }: HttpDependencies,
  characters: number,
): Promise<void> {
  const account = c.get('account');
  if (access !== 'off') {
    try {
      account.quota = (await access.reserve(c.get('caller'), characters)) ?? account.quota;
    } catch (error) {
      if (error instanceof QuotaExceeded) account.quota = error.quota;
      throw error;
    }
  }
  account.characters = (account.characters ?? 0) + characters;
}

/** Refunds characters of {@link reserveCharacters} that were not synthesized, in the background. */
export function refundCharacters(
  c: Context<AppEnv>,
  { access }: HttpDependencies,
  characters = c.get('account').characters ?? 0,
): void {
  const account = c.get('account');
  account.characters = Math.max(0, (account.characters ?? 0) - characters);
  const { quota } = account;
  if (access === 'off' || quota === undefined) return;
  account.quota = { ...quota, used: Math.max(0, quota.used - characters) };
  const refund = access.refund(c.get('caller'), characters, quota.month);
  keepAlive(
    c,
    refund.catch((error) => logFailure(c.get('requestId'), toSoriError(error))),
  );
}

/** The caller's monthly quota, as speech synthesis uses it. */
export function quotaOf(c: Context<AppEnv>, deps: HttpDependencies): CharacterQuota {
  const { id } = c.get('caller');
  const isKey = id !== PUBLIC_CALLER.id && id !== LOCAL_CALLER.id;
  return {
    client: isKey ? id : (deps.clientAddress ?? cloudflareAddress)(c.req.raw.headers, c.env),
    reserve: (characters) => reserveCharacters(c, deps, characters),
    refund: (characters) => refundCharacters(c, deps, characters),
  };
}

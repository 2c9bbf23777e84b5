import { equalInConstantTime } from '../../base/constant-time.ts';
import { SoriError } from '../../base/errors.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import type { SigningKeys } from '../../http/signed-url.ts';
import type { Nonces } from './nonces.ts';

/** Header with the signature: `v1;kid=k1;t=1795608000;n=…;sha256=…;sig=…`. */
export const SIGNATURE_HEADER = 'x-sori-signature';
/** Header with the id of the API key that the edge has authenticated, percent-encoded. */
export const CALLER_HEADER = 'x-sori-caller';
/** Seconds that the clocks of edge and origin may differ, the way between them included. */
export const CLOCK_TOLERANCE_SECONDS = 60;
/** Seconds that a body may take to come: Node gives a request so long. Whether a request was there before is known only behind it. */
const SLOWEST_BODY_SECONDS = 300;
/** Keeps what is signed here apart from anything else that the same secret may sign. */
const PURPOSE = 'sori-origin-1';

const FORM =
  /^v1;kid=([\w.-]{1,32});t=([1-9]\d{0,10});n=([0-9a-f]{32});sha256=([0-9a-f]{64});sig=([0-9a-f]{64})$/;

/** The parts of a request that its signature covers. */
export interface SignedParts {
  readonly method: string;
  /** Path and query, as in the URL. */
  readonly target: string;
  /** Id of the caller that the edge has let in. */
  readonly caller: string;
}

/** Input of {@link signRequest}. */
export interface RequestToSign extends SignedParts {
  readonly body: Uint8Array;
  /** ms since the epoch. */
  readonly now: number;
}

/**
 * Signs a request to an origin: HMAC-SHA256 over method, path, query, caller, time, nonce and the body's hash.
 * @param keys the first signs.
 * @returns headers to send with it.
 * @throws {RangeError} without a key.
 */
export async function signRequest(
  keys: SigningKeys,
  { body, now, ...parts }: RequestToSign,
): Promise<Record<string, string>> {
  const [keyId, secret] = keys.entries().next().value ?? [];
  if (keyId === undefined || secret === undefined) throw new RangeError('There is no secret to sign with.');
  const seconds = String(Math.floor(now / 1000));
  const nonce = toHex(crypto.getRandomValues(new Uint8Array(16)));
  const hash = await sha256(body);
  const text = signedText(parts, { keyId, seconds, nonce, hash });
  const signature = toHex(await hmac(secret, text));
  return {
    [SIGNATURE_HEADER]: `v1;kid=${keyId};t=${seconds};n=${nonce};sha256=${hash};sig=${signature}`,
    ...nameCaller(parts.caller),
  };
}

/** Options of {@link verifyRequest}. */
export interface RequestToVerify {
  readonly method: string;
  /** Path and query, as in the URL. */
  readonly target: string;
  readonly headers: Headers;
  /** Reads the body; not called for a request whose signature is wrong. */
  readonly readBody: () => Promise<Uint8Array<ArrayBuffer>>;
  /** ms since the epoch. */
  readonly now: number;
}

/**
 * Checks a request that {@link signRequest} signed.
 * @returns its caller and its body.
 * @throws {SoriError} `invalid_signature` (none, wrong, another body, used before); `expired_signature` when the clocks differ too much;
 *   `overloaded` and `storage_unavailable` when the memory of used nonces is full or not available; what `readBody` throws.
 */
export async function verifyRequest(
  keys: SigningKeys,
  { method, target, headers, readBody, now }: RequestToVerify,
  nonces: Nonces,
): Promise<{ caller: string; body: Uint8Array<ArrayBuffer> }> {
  const [, keyId, seconds, nonce, hash, signature] = FORM.exec(headers.get(SIGNATURE_HEADER) ?? '') ?? [];
  const secret = keys.get(keyId);
  const caller = callerOf(headers);
  if (secret === undefined || caller === undefined) throw mismatch();
  const text = signedText({ method, target, caller }, { keyId, seconds, nonce, hash });
  if (!equalInConstantTime(await hmac(secret, text), fromHex(signature))) throw mismatch();
  const apart = Math.abs(now / 1000 - Number(seconds));
  if (apart > CLOCK_TOLERANCE_SECONDS) {
    const message = `This request was signed ${Math.round(apart)} s away from this server's clock; ${CLOCK_TOLERANCE_SECONDS} s are allowed.`;
    throw new SoriError('expired_signature', message);
  }
  const body = await readBody();
  if ((await sha256(body)) !== hash) throw mismatch();
  // Of two that come at once, one is the first here.
  const expires = (Number(seconds) + CLOCK_TOLERANCE_SECONDS + SLOWEST_BODY_SECONDS + 1) * 1000;
  const memory = await nonces.remember(`${keyId}.${nonce}`, expires, now);
  if (memory === 'full') throw new SoriError('overloaded', 'Too many requests in too short a time.');
  if (memory === 'seen') {
    throw new SoriError('invalid_signature', 'This signature was used before. Sign each request separately.');
  }
  return { caller, body };
}

interface Seal {
  readonly keyId: string;
  readonly seconds: string;
  readonly nonce: string;
  readonly hash: string;
}

function signedText({ method, target, caller }: SignedParts, { keyId, seconds, nonce, hash }: Seal): string {
  // No part but the last can hold a line break: the others have forms of their own, and addresses encode theirs.
  const name = encodeURIComponent(caller);
  return [PURPOSE, keyId, seconds, nonce, hash, name, method.toUpperCase(), target].join('\n');
}

/** Headers that identify the caller to an origin, where a client certificate authenticates the edge. */
export function nameCaller(caller: string): Record<string, string> {
  return { [CALLER_HEADER]: encodeURIComponent(caller) };
}

/** Whom {@link nameCaller} has named. */
export function callerOf(headers: Headers): string | undefined {
  try {
    return decodeURIComponent(headers.get(CALLER_HEADER) ?? '') || undefined;
  } catch {
    return undefined;
  }
}

async function hmac(secret: string, text: string): Promise<Uint8Array> {
  const encoder = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)));
}

async function sha256(bytes: Uint8Array): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)));
}

/** One message for every mismatch: details would only help a forger. */
function mismatch(): SoriError {
  return new SoriError('invalid_signature', 'This server accepts only requests that are signed by its edge.');
}

import { SoriError } from '../base/errors.ts';

/** Secrets by their id; the first signs, all verify, so that they can be rotated. */
export type SigningKeys = ReadonlyMap<string, string>;

/** Longest lifetime of a signed URL in seconds. The limit catches an `exp` in milliseconds. */
export const MAX_LIFETIME_SECONDS = 10 * 365 * 86_400;
/** Shortest secret, in characters: the length of an HMAC-SHA256 key of full strength (RFC 2104, section 3). */
const LEAST_SECRET_CHARACTERS = 32;
const KEY_ID = /^[\w.-]{1,32}$/;
/** 32 bytes in base64url; the last character holds 4 bits, and other spellings of the same bytes are not this signature. */
const SIGNATURE = /^[\w-]{42}[AEIMQUYcgkosw048]$/;
/** Unix seconds up to the year 5138. */
const SECONDS = /^[1-9]\d{0,10}$/;
/** Query parameters that this module adds. */
const OWN_PARAMETERS = ['exp', 'kid', 'sig'] as const;
/** Prefix of the signed text, so that no signature made for another purpose is valid here. */
const PURPOSE = 'sori-signed-url-1';

/** Purpose of a signed URL. */
export interface UrlGrant {
  /** Path of the URL, such as `/v1/audio/speech`. */
  readonly path: string;
  /** The query's parameters, decoded; not `exp`, `kid` or `sig`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Unix time in seconds at which the URL expires. */
  readonly expires: number;
  /** Signs with this key instead of the first. */
  readonly keyId?: string;
}

/**
 * Reads signing keys as `SIGNING_KEYS` has them: `k2:secret,k1:secret`.
 * @param name name of the variable, for error messages.
 * @returns `undefined` for an empty or missing text.
 * @throws {Error} on a malformed text, without any secret in its message.
 */
export function parseSigningKeys(text: string | undefined, name = 'SIGNING_KEYS'): SigningKeys | undefined {
  if (!text?.trim()) return undefined;
  const keys = new Map<string, string>();
  for (const [at, entry] of text.split(',').entries()) {
    const [, id, secret] = entry.trim().match(/^([^:]*):(.*)$/s) ?? [];
    const which = `${name}, key ${at + 1}`;
    if (id === undefined || !KEY_ID.test(id)) {
      throw new Error(
        `${which}: expected id:secret, with an id of 1 to 32 letters, digits, "_", "." or "-".`,
      );
    }
    if (secret.length < LEAST_SECRET_CHARACTERS) {
      throw new Error(`${which}: a secret has at least ${LEAST_SECRET_CHARACTERS} characters.`);
    }
    if (keys.has(id)) throw new Error(`${which}: the id ${id} is there twice.`);
    keys.set(id, secret);
  }
  return keys;
}

/**
 * Signs a query: HMAC-SHA256 over path, parameters, expiry and key id. Methods don't count, so that HEAD works where GET does.
 * @returns the query without its `?`, parameters in canonical order, `sig` last.
 * @throws {RangeError} on an `expires` that is no whole number of seconds, an unknown key id, or a parameter with a name
 *   that this function adds itself.
 */
export async function signQuery(keys: SigningKeys, grant: UrlGrant): Promise<string> {
  const { path, parameters, expires, keyId = keys.keys().next().value } = grant;
  const secret = keyId === undefined ? undefined : keys.get(keyId);
  if (keyId === undefined || secret === undefined) throw new RangeError(`There is no signing key ${keyId}.`);
  if (!SECONDS.test(String(expires))) throw new RangeError('expires must be Unix time in whole seconds.');
  for (const name of OWN_PARAMETERS) {
    if (Object.hasOwn(parameters, name)) throw new RangeError(`A parameter can't be named ${name}.`);
  }
  const all = new Map([...Object.entries(parameters), ['exp', String(expires)], ['kid', keyId]]);
  const query = canonicalQuery(all);
  const signature = await crypto.subtle.sign('HMAC', await hmacKey(secret, 'sign'), signedText(path, query));
  return `${query}&sig=${base64Url(new Uint8Array(signature))}`;
}

/**
 * Verifies a query of {@link signQuery}. The order and the percent-encoding of the parameters do not matter.
 * Use only the returned parameters.
 * @param search the query, with or without its `?`.
 * @param now ms since the epoch.
 * @returns the parameters, decoded, without `exp`, `kid` and `sig`, and when the URL expires, in Unix seconds.
 * @throws {SoriError} `invalid_signature`; `expired_signature` only if everything else is valid.
 */
export async function verifyQuery(
  keys: SigningKeys,
  path: string,
  search: string,
  now: number,
): Promise<{ parameters: ReadonlyMap<string, string>; expires: number }> {
  const all = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(search)) {
    if (all.has(name)) throw refusal(`${name} is there twice; a signed URL has each parameter once.`, name);
    all.set(name, value);
  }
  const { sig, exp, kid } = Object.fromEntries(OWN_PARAMETERS.map((name) => [name, all.get(name)]));
  if (!sig || !exp || !kid) {
    const missing = OWN_PARAMETERS.filter((name) => !all.get(name));
    throw refusal(
      `This URL needs a signature (${missing.join(', ')} missing); POST /v1/audio/speech/sign makes one.`,
      missing[0],
    );
  }
  all.delete('sig');
  const secret = keys.get(kid);
  if (secret === undefined || !SIGNATURE.test(sig)) throw mismatch();
  // WebCrypto compares in constant time.
  const valid = await crypto.subtle.verify(
    'HMAC',
    await hmacKey(secret, 'verify'),
    bytesOfBase64Url(sig),
    signedText(path, canonicalQuery(all)),
  );
  if (!valid) throw mismatch();
  const expires = Number(exp);
  if (!SECONDS.test(exp) || expires > now / 1000 + MAX_LIFETIME_SECONDS) {
    throw refusal('exp must be Unix time in seconds, at most ten years ahead.', 'exp');
  }
  if (expires <= now / 1000) {
    const message = `This URL expired at ${new Date(expires * 1000).toISOString()}; sign a new one.`;
    throw new SoriError('expired_signature', message, { param: 'exp' });
  }
  all.delete('exp');
  all.delete('kid');
  return { parameters: all, expires };
}

/** Parameters by name, in one spelling: everything but RFC 3986's unreserved characters is percent-encoded. */
function canonicalQuery(parameters: ReadonlyMap<string, string>): string {
  return [...parameters]
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .sort()
    .join('&');
}

function percentEncode(text: string): string {
  const characters = Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte);
    return /[\w.~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return characters.join('');
}

function signedText(path: string, query: string): Uint8Array {
  return new TextEncoder().encode(`${PURPOSE}\n${path}\n${query}`);
}

async function hmacKey(secret: string, use: 'sign' | 'verify'): Promise<CryptoKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), algorithm, false, [use]);
}

/** Bytes in base64url, without padding. */
export function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

/** Of a text that {@link SIGNATURE} matches. */
function bytesOfBase64Url(text: string): Uint8Array {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function refusal(message: string, param: string): SoriError {
  return new SoriError('invalid_signature', message, { param });
}

/** One message for all mismatches: details would only help a forger. */
function mismatch(): SoriError {
  return refusal('The signature does not match this URL: sign it again, unchanged.', 'sig');
}

import { crc32 } from '../../base/crc.ts';

/** Characters of ids, secrets and checksums: no sign that ends a word, so that a double click takes the whole key. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 12;
/** 34 digits of base 62 hold 202 bits. */
const SECRET_LENGTH = 34;
/** 6 digits of base 62 hold a CRC-32. */
const CHECKSUM_LENGTH = 6;

/** Pattern of an API key, `sori_<id>_<secret><checksum>`, also for secret scanners. */
export const API_KEY = new RegExp(
  `^sori_([0-9A-Za-z]{${ID_LENGTH}})_[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}$`,
);

/** Draws the id of a new key. */
export const newKeyId = (): string => randomDigits(ID_LENGTH);

/**
 * Draws a new key of an id.
 * @returns `sori_<id>_<secret><checksum>`: shown once and not stored.
 */
export function newApiKey(id: string): string {
  const body = `sori_${id}_${randomDigits(SECRET_LENGTH)}`;
  return body + checksumOf(body);
}

/**
 * Reads a key's id.
 * @returns `undefined` for a text that is not a key, or one that was mistyped or cut off: its checksum shows that without a database query.
 */
export function idOfApiKey(key: string): string | undefined {
  const id = API_KEY.exec(key)?.[1];
  return id !== undefined && key.endsWith(checksumOf(key.slice(0, -CHECKSUM_LENGTH))) ? id : undefined;
}

/** SHA-256 of a whole key, which is stored. A secret of 202 random bits needs no salt and no slow hash. */
export async function hashApiKey(key: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key)));
}

/** A key as errors and people may see it: enough to find it by, far too little to use it. */
export function maskApiKey(key: string): string {
  const printable = key.replaceAll(/[^\x21-\x7e]/g, '');
  return printable.length < 16 ? '…' : `${printable.slice(0, 7)}…${printable.slice(-2)}`;
}

function checksumOf(body: string): string {
  let rest = crc32(new TextEncoder().encode(body));
  let digits = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    digits = DIGITS[rest % DIGITS.length] + digits;
    rest = Math.floor(rest / DIGITS.length);
  }
  return digits;
}

function randomDigits(length: number): string {
  // The greatest multiple of 62 in a byte: larger values would make the first digits more likely.
  const fair = 256 - (256 % DIGITS.length);
  let digits = '';
  while (digits.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(2 * length))) {
      if (byte < fair && digits.length < length) digits += DIGITS[byte % DIGITS.length];
    }
  }
  return digits;
}

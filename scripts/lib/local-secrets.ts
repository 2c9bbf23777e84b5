import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Signing keys of this machine, in the form of `SIGNING_KEYS`. Made once, so that signed URLs outlive a restart.
 * @param persistTo folder of wrangler's local state.
 */
export function localSigningKeys(persistTo: string): string {
  const file = join(persistTo, 'signing-keys');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const keys = `local:${randomBytes(32).toString('base64url')}`;
  mkdirSync(persistTo, { recursive: true });
  writeFileSync(file, `${keys}\n`, { mode: 0o600 });
  return keys;
}

import { SoriError } from '../../base/errors.ts';
import { type Caller, SCOPES } from '../../http/access.ts';
import { ADMIN_ID, type KeyAccessControl } from './access-control.ts';

/** Query parameter with the id of the API key that pays. */
export const PAYER = 'by';

/**
 * The caller that a signed URL names: the API key that made it, whose quota and usage its speech counts for.
 * @throws {SoriError} `invalid_api_key` when the key is gone, revoked or expired: that ends the URLs that it made.
 */
export async function payerOf(access: KeyAccessControl, id: string, now: number): Promise<Caller> {
  if (id === ADMIN_ID) return { id, scopes: new Set(SCOPES) };
  const known = await access.keys?.find(id);
  if (known === undefined) throw refusal('is not there any more');
  const { record } = known;
  if (record.revokedAt !== undefined) throw refusal('was revoked');
  if (record.expiresAt !== undefined && record.expiresAt <= now) throw refusal('has expired');
  const { scopes, monthlyCharacters, requestsPerMinute } = record;
  return { id, scopes: new Set(scopes), monthlyCharacters, requestsPerMinute };
}

function refusal(state: string): SoriError {
  return new SoriError('invalid_api_key', `The API key that signed this URL ${state}.`, { param: PAYER });
}

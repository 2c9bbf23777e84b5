import { SoriError } from '../../base/errors.ts';
import { type Caller, SCOPES } from '../../http/access.ts';
import { ADMIN_ID, callerOf, type KeyAccessControl } from './access-control.ts';

/** Query parameter with the id of the API key that is charged. */
export const PAYER = 'by';

/**
 * The caller of a signed URL: the API key that signed it, whose quota and usage it counts for.
 * @throws {SoriError} `invalid_api_key` when the key was deleted, revoked or has expired, which also invalidates its URLs.
 */
export async function payerOf(access: KeyAccessControl, id: string, now: number): Promise<Caller> {
  if (id === ADMIN_ID) return { id, scopes: new Set(SCOPES) };
  const { keys } = access;
  const known = await keys?.find(id);
  if (keys === undefined || known === undefined) throw refusal('is not there any more');
  const { record } = known;
  if (record.revokedAt !== undefined) throw refusal('was revoked');
  if (record.expiresAt !== undefined && record.expiresAt <= now) throw refusal('has expired');
  return await callerOf(keys, record);
}

function refusal(state: string): SoriError {
  return new SoriError('invalid_api_key', `The API key that signed this URL ${state}.`, { param: PAYER });
}

import { equalInConstantTime } from '../../base/constant-time.ts';
import { SoriError } from '../../base/errors.ts';
import { fromHex } from '../../base/hex.ts';
import type { Database } from '../../database/database.ts';
import { type AccessControl, type Caller, type RateState, SCOPES } from '../../http/access.ts';
import { hashApiKey, idOfApiKey, maskApiKey } from './api-key.ts';
import { ApiKeys, type KeyRecord, type KnownKey } from './key-store.ts';
import { type QuotaHolder, Quotas } from './quota.ts';
import { PUBLIC_RATE, type RateLimiter } from './rate-limiter.ts';
import { UsageLog } from './usage-log.ts';

/** Options of {@link createAccessControl}. */
export interface AccessControlOptions {
  /** Stores keys, quotas and usage. Without it only the administrator's key is valid. */
  readonly database?: Database;
  /** Hex SHA-256 of the administrator's key, which may do everything and creates the first keys. */
  readonly adminKeyHash?: string;
  readonly limiter: RateLimiter;
  /** ms since the epoch; default: the clock. */
  readonly now?: () => number;
}

/** Access control with the stores behind it. */
export interface KeyAccessControl extends AccessControl {
  /** The stored keys; `undefined` without a database. */
  readonly keys?: ApiKeys;
  /** The recorded usage; `undefined` without a database. */
  readonly usage?: UsageLog;
}

/** The administrator's caller id. */
export const ADMIN_ID = 'admin';

/** ms between database reads for wrong secrets, which limits the cost of guessing. */
const RECENT_MS = 2_000;

const ADMINISTRATOR: Caller = { id: ADMIN_ID, scopes: new Set(SCOPES) };

/**
 * API keys, rate limits, quotas and usage over a database.
 *
 * @example
 * ```ts
 * const access = createAccessControl({ database, adminKeyHash: env.ADMIN_KEY_SHA256, limiter: memoryRateLimiter() });
 * const app = createApp({ access, engine, createEncoder });
 * ```
 */
export function createAccessControl(options: AccessControlOptions): KeyAccessControl {
  const { database, limiter, now = Date.now } = options;
  const adminHash = options.adminKeyHash?.trim().toLowerCase() ?? '';
  const keys = database && new ApiKeys(database, now);
  const quotas = database && new Quotas(database, now);
  const usage = database && new UsageLog(database, now);

  const isAdmin = (hash: Uint8Array): boolean => {
    if (adminHash === '') return false;
    if (!/^[0-9a-f]{64}$/.test(adminHash)) {
      const message =
        'ADMIN_KEY_SHA256 must be the 64 hex digits of a SHA-256: npm run sori -- keys admin makes one.';
      throw new SoriError('not_configured', message);
    }
    return equalInConstantTime(hash, fromHex(adminHash));
  };

  return {
    keys,
    usage,
    async authenticate(apiKey) {
      if (apiKey === undefined || apiKey === '') throw missingKey();
      const hash = await hashApiKey(apiKey);
      if (isAdmin(hash)) return ADMINISTRATOR;
      const id = idOfApiKey(apiKey);
      if (keys === undefined || id === undefined) throw incorrectKey(apiKey);
      let known = await keys.find(id);
      // Another isolate may have rotated it since.
      if (known !== undefined && !isProven(known, hash, now())) known = await keys.find(id, RECENT_MS);
      if (known === undefined || !isProven(known, hash, now()) || !isLive(known, now())) {
        throw incorrectKey(apiKey);
      }
      return await callerOf(keys, known.record);
    },
    async countRequest(caller, address) {
      if (caller.id === 'public') {
        return await limiter.count({ kind: 'address', id: networkOf(address), limit: PUBLIC_RATE });
      }
      let own: RateState | undefined;
      for (const { id, requestsPerMinute } of [caller, ...(caller.parents ?? [])]) {
        if (requestsPerMinute === undefined) continue;
        const state = await limiter.count({ kind: 'key', id, limit: requestsPerMinute });
        if (!state.allowed) return state;
        own ??= state;
      }
      return own;
    },
    async reserve(caller, characters) {
      const holders = holdersOf(caller);
      if (holders.length === 0 || quotas === undefined) return undefined;
      return await quotas.reserve(holders, characters);
    },
    async refund(caller, characters, month) {
      const holders = holdersOf(caller).map(({ id }) => id);
      if (holders.length === 0 || characters === 0) return;
      await quotas?.refund(holders, characters, month);
    },
    async record({ id }, account) {
      await usage?.record(id, account);
    },
  };
}

/** The caller of a stored key, with the limits of the keys above it. */
export async function callerOf(keys: ApiKeys, record: KeyRecord): Promise<Caller> {
  const { id, scopes, requestsPerMinute, monthlyCharacters } = record;
  const parents = record.parentId === undefined ? undefined : await keys.parents(record);
  return { id, scopes: new Set(scopes), requestsPerMinute, monthlyCharacters, ...(parents && { parents }) };
}

/** The key of a caller and those above it, as far as their months are limited. */
function holdersOf(caller: Caller): QuotaHolder[] {
  return [caller, ...(caller.parents ?? [])].flatMap(({ id, monthlyCharacters: limit }) =>
    limit === undefined ? [] : [{ id, limit }],
  );
}

function isProven({ proofs }: KnownKey, hash: Uint8Array, now: number): boolean {
  // All of them are compared, so that the time does not reveal which one matched.
  const proven = proofs.map(
    (proof) => equalInConstantTime(proof.hash, hash) && !isOver(proof.expiresAt, now),
  );
  return proven.includes(true);
}

function isLive({ record }: KnownKey, now: number): boolean {
  return record.revokedAt === undefined && !isOver(record.expiresAt, now);
}

const isOver = (at: number | undefined, now: number): boolean => at !== undefined && at <= now;

/**
 * The part of an address that requests are counted by: IPv6 gives each household 2⁶⁴ addresses or more, so their first half counts.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head, tail] = address.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const rest = tail === '' ? [] : tail.split(':');
    while (groups.length + rest.length < 8) groups.push('0');
    groups.push(...rest);
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

function missingKey(): SoriError {
  const message =
    'You didn’t provide an API key. Send it in an Authorization header: Authorization: Bearer YOUR_KEY.';
  return new SoriError('invalid_api_key', message);
}

function incorrectKey(apiKey: string): SoriError {
  const typo = apiKey.startsWith('sori_') && idOfApiKey(apiKey) === undefined;
  const hint = typo ? ' It was mistyped or cut off: its checksum is wrong.' : '';
  return new SoriError('invalid_api_key', `Incorrect API key provided: ${maskApiKey(apiKey)}.${hint}`);
}

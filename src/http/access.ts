/** Permissions of an API key. */
export const SCOPES = ['speech', 'prompts:read', 'prompts:write', 'usage:read', 'keys:write'] as const;

/** One of {@link SCOPES}. */
export type Scope = (typeof SCOPES)[number];

/** The caller of a request. */
export interface Caller {
  /** The API key's id; `local` where access control is off; `public` for routes that need no key. */
  readonly id: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Characters that may be synthesized in a calendar month (UTC); `undefined` = any number. */
  readonly monthlyCharacters?: number;
  /** Requests a minute; `undefined` = any number. */
  readonly requestsPerMinute?: number;
  /** The keys above it, starting with the one that created it. Its usage counts against their limits too. */
  readonly parents?: readonly KeyLimits[];
}

/** The limits of a key. */
export interface KeyLimits {
  readonly id: string;
  readonly monthlyCharacters?: number;
  readonly requestsPerMinute?: number;
}

/** The caller of every request where access control is off; may do everything. */
export const LOCAL_CALLER: Caller = { id: 'local', scopes: new Set(SCOPES) };

/** The caller of a request that needs no key. */
export const PUBLIC_CALLER: Caller = { id: 'public', scopes: new Set() };

/** Facts about a request for usage, logs and metrics. Routes fill them in as they become known. */
export interface RequestAccount {
  /** Pattern of the path, such as `/v1/models/{id}`; `undefined` for unknown paths. Set before the route runs. */
  route?: string;
  /** Characters synthesized for this request; 0 for a cache hit. */
  characters?: number;
  /** Milliseconds of audio in the answer. */
  audioMs?: number;
  cache?: 'hit' | 'miss' | 'coalesced' | 'bypass';
  /** Where the answer was made: the value of `X-Sori-Placed`. */
  placed?: string;
  /** The spoken text, for logs that include it. */
  text?: string;
  /** The key's quota after characters were reserved. */
  quota?: QuotaState;
  /** Code of the error that was answered. */
  error?: string;
  /** Resolves when the body of the answer has ended, for routes that stream it. */
  ended?: Promise<unknown>;
}

/** The state of a key's monthly quota. */
export interface QuotaState {
  /** Characters used this month, including those just reserved. */
  readonly used: number;
  readonly limit: number;
  /** The month they count for, as `2026-11`. */
  readonly month: string;
}

/** Reserves characters of a monthly quota before speech is synthesized. */
export interface CharacterQuota {
  /** The API key or address that is charged, which also determines its share of the engine. */
  readonly client?: string;
  /** Whether no client waits for the first audio: interactive speech has priority. */
  readonly background?: boolean;
  /**
   * Reserves the characters that a text costs.
   * @throws {SoriError} `insufficient_quota`; then nothing is synthesized.
   */
  reserve(characters: number): Promise<void>;
  /** Returns reserved characters that were not synthesized. */
  refund(characters: number): void;
}

/** The state of a rate limit. */
export interface RateState {
  readonly allowed: boolean;
  /** Allowed requests per window. */
  readonly limit: number;
  /** Upper bound of the requests left in this window. */
  readonly remaining: number;
  /** Length of a window in seconds. */
  readonly windowSeconds: number;
  /** Seconds until the next window. */
  readonly resetSeconds: number;
}

/** Keys, rate limits, quotas and usage behind the routes. */
export interface AccessControl {
  /**
   * Finds the caller of an API key.
   * @throws {SoriError} `invalid_api_key` for a missing, unknown, revoked or expired key.
   */
  authenticate(apiKey: string | undefined): Promise<Caller>;
  /** Counts a request of a key, or of an address on routes that need no key; `undefined` without a limit. */
  countRequest(caller: Caller, address: string): Promise<RateState | undefined>;
  /**
   * Reserves characters of a key's monthly quota before they are synthesized.
   * @returns the state of the quota; `undefined` without a quota.
   * @throws {SoriError} `insufficient_quota`.
   */
  reserve(caller: Caller, characters: number): Promise<QuotaState | undefined>;
  /**
   * Returns reserved characters that were not synthesized.
   * @param month the month of {@link QuotaState}.
   */
  refund(caller: Caller, characters: number, month: string): Promise<void>;
  /** Adds a request to the usage of its key and day. */
  record(caller: Caller, account: RequestAccount): Promise<void>;
}

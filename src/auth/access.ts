/** What an API key may do. */
export const SCOPES = ['speech', 'prompts:read', 'prompts:write', 'usage:read', 'keys:write'] as const;

/** One of {@link SCOPES}. */
export type Scope = (typeof SCOPES)[number];

/** Who makes a request. */
export interface Caller {
  /** The API key's id; `local` where keys are off; `public` for routes that need none. */
  readonly id: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Characters that may be synthesized in a calendar month (UTC); `undefined` = any number. */
  readonly monthlyCharacters?: number;
  /** Requests a minute; `undefined` = any number. */
  readonly requestsPerMinute?: number;
}

/** What a request was about, for usage, logs and metrics. Routes fill it in as they learn it. */
export interface RequestAccount {
  /** Characters that were synthesized for this request; a hit synthesizes none. */
  characters?: number;
  /** Milliseconds of audio in the answer. */
  audioMs?: number;
  cache?: 'hit' | 'miss' | 'coalesced' | 'bypass';
  /** What was spoken: for logs that are told to have it. */
  text?: string;
}

/** What is left of a key's month. */
export interface QuotaState {
  /** Characters synthesized for the key this month, those just reserved included. */
  readonly used: number;
  readonly limit: number;
}

/** How a rate limit stands. */
export interface RateState {
  readonly allowed: boolean;
  /** Requests in a window. */
  readonly limit: number;
  /** At most so many are left in this window. */
  readonly remaining: number;
  /** Seconds of a window. */
  readonly windowSeconds: number;
}

/** Keys, rate limits, quotas and usage behind the routes. */
export interface AccessControl {
  /**
   * Whose API key it is.
   * @throws {SoriError} `invalid_api_key` for none, unknown, revoked and expired alike.
   */
  authenticate(apiKey: string | undefined): Promise<Caller>;
  /** Counts a request of a key, or of an address on routes that need no key; `undefined` where nothing limits it. */
  countRequest(caller: Caller, address: string): Promise<RateState | undefined>;
  /**
   * Takes characters out of a key's month before they are synthesized.
   * @returns how the month stands; `undefined` without a quota.
   * @throws {SoriError} `insufficient_quota`.
   */
  reserve(caller: Caller, characters: number): Promise<QuotaState | undefined>;
  /** Gives characters back that were not synthesized after all. */
  refund(caller: Caller, characters: number): Promise<void>;
  /** Adds a request to the usage of its key and day. */
  record(caller: Caller, account: RequestAccount): Promise<void>;
}

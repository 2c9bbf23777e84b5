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

/** Whoever makes a request where keys are off: may do everything. */
export const LOCAL_CALLER: Caller = { id: 'local', scopes: new Set(SCOPES) };

/** Whoever makes a request that needs no key. */
export const PUBLIC_CALLER: Caller = { id: 'public', scopes: new Set() };

/** What a request was about, for usage, logs and metrics. Routes fill it in as they learn it. */
export interface RequestAccount {
  /** Pattern of its path, `/v1/models/{id}`; none for paths that there are not. Set before the route runs. */
  route?: string;
  /** Characters that were synthesized for this request; a hit synthesizes none. */
  characters?: number;
  /** Milliseconds of audio in the answer. */
  audioMs?: number;
  cache?: 'hit' | 'miss' | 'coalesced' | 'bypass';
  /** Where it was made, as `X-Sori-Placed` tells it. */
  placed?: string;
  /** What was spoken: for logs that are told to have it. */
  text?: string;
  /** How the key's month stands, once characters were reserved. */
  quota?: QuotaState;
  /** Code of the error that was answered. */
  error?: string;
  /** Settles when the answer's body is done, for routes that go on working on it after they have answered. */
  ended?: Promise<unknown>;
}

/** What is left of a key's month. */
export interface QuotaState {
  /** Characters synthesized for the key this month, those just reserved included. */
  readonly used: number;
  readonly limit: number;
  /** The month that they were taken from: `2026-11`. */
  readonly month: string;
}

/** Reserves characters of a monthly quota before speech is synthesized. */
export interface CharacterQuota {
  /**
   * Reserves the characters that a text costs.
   * @throws {SoriError} `insufficient_quota`; then nothing is synthesized.
   */
  reserve(characters: number): Promise<void>;
  /** Returns reserved characters that were not synthesized. */
  refund(characters: number): void;
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
  /** Seconds until the next window. */
  readonly resetSeconds: number;
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
  /**
   * Gives characters back that were not synthesized after all.
   * @param month as {@link QuotaState} tells it.
   */
  refund(caller: Caller, characters: number, month: string): Promise<void>;
  /** Adds a request to the usage of its key and day. */
  record(caller: Caller, account: RequestAccount): Promise<void>;
}

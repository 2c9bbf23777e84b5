/** HTTP as every `sori` command speaks it: one place for keys, retries, time limits and messages that a person can act on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectionError, describeRefusal, type RequestError } from './failures.ts';

/** How to reach a server. */
export interface ClientOptions {
  /** Where the server is; a path in it is kept, for servers below one. */
  readonly url: URL;
  readonly apiKey?: string;
  /** Ends all requests and waits, as Ctrl-C does. */
  readonly signal?: AbortSignal;
  /** Milliseconds that one attempt may take, its body included; default 120,000: synthesis of a long text takes a while. */
  readonly timeoutMs?: number;
  /** Attempts after the first; default 5. */
  readonly retries?: number;
  /** Told before each wait. */
  readonly onRetry?: (reason: string, waitMs: number) => void;
  /** Waits; tests don't. */
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** A request. */
export interface RequestOptions {
  /** Parameters; those that are `undefined` are left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses other than 2xx that are answers and not failures. */
  readonly accept?: readonly number[];
  /** Aborts this request, like {@link ClientOptions.signal}. */
  readonly signal?: AbortSignal;
}

/** HTTP methods of the API. */
export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';

const DEFAULT_TIMEOUT_MS = 120_000;
const DEFAULT_RETRIES = 5;
const FIRST_WAIT_MS = 500;
const LONGEST_BACKOFF_MS = 8_000;
/** Longest wait; a longer `Retry-After` is reported to the user. */
const LONGEST_WAIT_MS = 120_000;

/** A client of one server. Requests may run at the same time. */
export class SoriClient {
  readonly #options: ClientOptions;
  #reached = false;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Where the server is. */
  get url(): URL {
    return this.#options.url;
  }

  /** The address of a path such as `/v1/prompts`, which may bring a query of its own. */
  address(path: string, query: RequestOptions['query'] = {}): URL {
    const base = this.#options.url.href.replace(/\/$/, '');
    const address = new URL(base + path);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) address.searchParams.set(name, String(value));
    }
    return address;
  }

  /**
   * Sends a request. Repeats it after a while if the server is busy (429, 503), or, if a repetition is safe, when the connection to a
   * server that has answered before fails.
   * @throws {RequestError} the server refuses.
   * @throws {ConnectionError} there is no server, or it took too long.
   */
  async request(method: Method, path: string, options: RequestOptions = {}): Promise<Response> {
    return await this.#attempt(method, path, options, async (response) => response);
  }

  /** {@link request}, of which the answer is JSON. The type is the caller's word: the server checks what it sends. */
  async json<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
    return await this.#attempt(method, path, options, async (response) => (await response.json()) as T);
  }

  /** {@link request}, of which the answer is a file. */
  async bytes(method: Method, path: string, options: RequestOptions = {}): Promise<Uint8Array> {
    return await this.#attempt(
      method,
      path,
      options,
      async (response) => new Uint8Array(await response.arrayBuffer()),
    );
  }

  async #attempt<T>(
    method: Method,
    path: string,
    options: RequestOptions,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const { retries = DEFAULT_RETRIES, onRetry, wait = pause } = this.#options;
    const address = this.address(path, options.query);
    const ended = signalOf([this.#options.signal, options.signal]);
    let progress: string | undefined;
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#once(method, address, options, ended, read);
      if ('value' in outcome) return outcome.value;
      // A server that makes progress is retried: baking a large prompt takes many requests.
      if (outcome.progress !== undefined && outcome.progress !== progress) {
        attempt = 0;
        progress = outcome.progress;
      }
      const waitMs = Math.max(outcome.retryAfterMs ?? 0, backOff(attempt));
      if (!outcome.retry || attempt >= retries || waitMs > LONGEST_WAIT_MS) throw outcome.error;
      onRetry?.(outcome.error.message, waitMs);
      await wait(waitMs, ended);
    }
  }

  async #once<T>(
    method: Method,
    address: URL,
    { body, headers, accept = [] }: RequestOptions,
    ended: AbortSignal | undefined,
    read: (response: Response) => Promise<T>,
  ): Promise<Outcome<T>> {
    const { apiKey, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    ended?.throwIfAborted();
    try {
      const response = await fetch(address, {
        method,
        headers: {
          ...(apiKey === undefined ? {} : { Authorization: `Bearer ${apiKey}` }),
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: signalOf([ended, AbortSignal.timeout(timeoutMs)]),
      });
      this.#reached = true;
      if (response.ok || accept.includes(response.status)) return { value: await read(response) };
      const error = await describeRefusal(response, `${method} ${address.pathname}`);
      return {
        error,
        retry: mayRetry(response),
        retryAfterMs: retryAfterMs(response.headers),
        progress: progressOf(response.headers),
      };
    } catch (cause) {
      ended?.throwIfAborted();
      const error = new ConnectionError(address, timeoutMs, cause);
      // A server that never answered is more likely a wrong address than one that is about to.
      return { error, retry: this.#reached && method !== 'POST' && !error.timedOut };
    }
  }
}

type Outcome<T> =
  | { readonly value: T }
  | {
      readonly error: RequestError | ConnectionError;
      readonly retry: boolean;
      readonly retryAfterMs?: number;
      readonly progress?: string;
    };

/** How far the server is with what it can't do in one request. */
const progressOf = (headers: Headers) => headers.get('X-Sori-Baked') ?? undefined;

/** OpenAI's servers use `x-should-retry` where the status is ambiguous: a used-up quota is a 429 too. */
function mayRetry({ status, headers }: Response): boolean {
  return headers.get('x-should-retry') !== 'false' && (status === 429 || status === 503);
}

/** RFC 9110, section 10.2.3: seconds or a date. */
function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get('Retry-After');
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** Twice as long each time, and up to a quarter longer, so that clients refused together don't return together. */
function backOff(attempt: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_BACKOFF_MS) * (1 + Math.random() / 4);
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, { signal });
}

function signalOf(signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}

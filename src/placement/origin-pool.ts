import { type BreakerState, CircuitBreaker } from './circuit-breaker.ts';
import { hedged } from './hedge.ts';
import { garbage, type JudgedAnswer, judgeAnswer, unavailable } from './origin-answer.ts';
import { type Origin, OriginHealth } from './origin-health.ts';
import type { ForwardOptions, OriginPoolOptions } from './origin-options.ts';
import { headersToAsk, headersToPass } from './pass-headers.ts';
import { watchedBody } from './watched-body.ts';

/** Result of a request to one origin. */
interface Answer {
  readonly kind: JudgedAnswer['kind'];
  readonly response: Response;
  readonly origin: Origin;
  /** The headers of the origin's answer, before filtering. */
  readonly original: Headers;
}

/** An origin and how it is. */
export interface OriginReport {
  readonly url: string;
  readonly weight: number;
  /** Whether its `GET /readyz` answers 200 now. */
  readonly ready: boolean;
  readonly state: BreakerState;
  /** Models that it has named so far. */
  readonly models: readonly string[];
}

/** A request that can be sent any number of times. */
interface Asked {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly requestId: string;
}

const SAFE_TO_REPEAT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE']);
const MOST_ATTEMPTS = 2;

/**
 * The origins that do heavy work. Chooses by weight among those that work, tries the next one when one fails before it has answered,
 * and passes answers on as they come.
 *
 * @example
 * ```ts
 * const pool = new OriginPool({ origins: [{ url: 'https://gpu.example', weight: 1 }], sign });
 * const response = await pool.forward(request, { signal: request.signal, caller: 'key_1' });
 * ```
 */
export class OriginPool {
  readonly #options: OriginPoolOptions;
  readonly #origins: readonly Origin[];
  readonly #now: () => number;
  readonly #fetch: NonNullable<OriginPoolOptions['fetch']>;
  readonly #health: OriginHealth;

  constructor(options: OriginPoolOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    // The platform's `fetch` must not be called as a method.
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init));
    this.#health = new OriginHealth({ ...options, fetch: this.#fetch, now: this.#now });
    this.#origins = options.origins.map((origin) => {
      const breaker = new CircuitBreaker(options.breaker);
      const silentAt = Number.NEGATIVE_INFINITY;
      return { ...origin, breaker, checkedAt: this.#now(), editions: new Map(), silentAt };
    });
  }

  /** Whether any origin accepts requests now. */
  get up(): boolean {
    return this.#origins.some(({ breaker }) => breaker.allows(this.#now()));
  }

  /** The state of each origin. */
  states(): readonly { url: string; state: BreakerState }[] {
    return this.#origins.map(({ url, breaker }) => ({ url, state: breaker.state(this.#now()) }));
  }

  /** Asks every origin whether it is ready, also those that are left alone for a while. Never throws. */
  async check(): Promise<readonly OriginReport[]> {
    return await Promise.all(
      this.#origins.map(async (origin) => {
        const ready = await this.#health.isReady(origin);
        const { url, weight, breaker, editions } = origin;
        return { url, weight, ready, state: breaker.state(this.#now()), models: [...editions.keys()] };
      }),
    );
  }

  /**
   * The distinct editions under which the origins store speech of a model. Requests those that are not known yet, but
   * not while their breakers are open, and not all the time.
   * @param needed also requests those that have just failed to answer.
   */
  async editions(model: string, needed = false): Promise<readonly string[]> {
    await Promise.all(this.#origins.map((origin) => this.#health.learn(origin, needed)));
    return [...new Set(this.#origins.flatMap(({ editions }) => editions.get(model) ?? []))];
  }

  /**
   * Forwards a request. Its body is read whole, because its hash is signed; the answer's body is streamed.
   * @returns the origin's answer, which may be an error with a code.
   * @throws {SoriError} `origin_unavailable`, `origin_failed`; the signal's reason.
   */
  async forward(request: Request, options: ForwardOptions): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const requestId = request.headers.get('x-request-id') ?? crypto.randomUUID();
    const headers = headersToAsk(request.headers);
    headers.set('x-request-id', requestId);
    const body = new Uint8Array(await request.arrayBuffer());
    const asked = { method: request.method, target: pathname + search, headers, body, requestId };
    for (const origin of this.#origins) {
      const check = this.#health.recheck(origin);
      if (check) options.keepAlive?.(check);
    }
    const attempts = (options.repeatable ?? SAFE_TO_REPEAT.has(request.method)) ? MOST_ATTEMPTS : 1;
    const tried = new Set<Origin>();
    let failure: unknown = unavailable('None is up.');
    let busy: Response | undefined;
    for (const origin of this.#origins) {
      if (options.only !== undefined && origin.url !== options.only) tried.add(origin);
    }
    const most = tried.size + attempts;
    const next = (signal: AbortSignal) => {
      const origin = tried.size < most ? this.#choose(tried) : undefined;
      if (origin === undefined) return undefined;
      tried.add(origin);
      return this.#attempt(origin, asked, { ...options, signal });
    };
    // When two origins are asked, a busy answer of one must not win over the audio of the other.
    const unlessBusy = async (answer: Promise<Answer>) => {
      const { kind, response } = await answer;
      if (kind === 'good') return await answer;
      busy = response;
      throw unavailable('It is busy.');
    };
    const { hedgeMs } = this.#options;
    while (tried.size < most && this.#choose(tried) !== undefined) {
      try {
        const answer = await (hedgeMs === undefined
          ? next(options.signal)
          : hedged((abort) => {
              const answer = next(AbortSignal.any([options.signal, abort]));
              return answer && unlessBusy(answer);
            }, hedgeMs));
        if (answer?.kind === 'good') {
          options.onAnswer?.(answer.origin.url, answer.original);
          return answer.response;
        }
        busy = answer?.response;
      } catch (error) {
        options.signal.throwIfAborted();
        failure = error;
      }
    }
    if (busy !== undefined) return busy;
    throw failure;
  }

  async #attempt(origin: Origin, asked: Asked, options: ForwardOptions): Promise<Answer> {
    const { breaker } = origin;
    const { signal, answerMs = 15_000 } = options;
    const connection = new AbortController();
    const onAbort = () => connection.abort(signal.reason);
    const trial = breaker.state(this.#now()) === 'half-open';
    breaker.began(this.#now());
    const late = new DOMException('The origin took too long.', 'TimeoutError');
    const timer = setTimeout(() => connection.abort(late), answerMs);
    const release = () => signal.removeEventListener('abort', onAbort);
    try {
      signal.throwIfAborted();
      signal.addEventListener('abort', onAbort);
      if (trial && !(await this.#health.isReady(origin))) throw unavailable('It is not ready.');
      const response = await this.#ask(origin, asked, options.caller ?? 'local', connection.signal);
      const bare = asked.method === 'HEAD';
      const judged = await judgeAnswer(response, asked.requestId, options.accepts, bare);
      const { kind } = judged;
      const original = response.headers;
      const headers = headersToPass(original);
      const { status } = response;
      if (judged.body !== undefined || response.body === null) {
        release();
        breaker.succeeded();
        options.onEnd?.('whole');
        const whole = judged.body && Uint8Array.from(judged.body);
        return { kind, response: new Response(whole ?? null, { status, headers }), origin, original };
      }
      const reader = response.body.getReader();
      // Until the first piece has arrived, another origin can replace this one.
      const first = await reader.read();
      if (first.done && !bare) throw garbage('It answered nothing.');
      // The whole body decides whether the origin works; other requests do not wait for that.
      if (trial) breaker.succeeded();
      const body = watchedBody(reader, {
        first,
        length: bare ? undefined : lengthOf(headers),
        idleMs: options.idleMs ?? 30_000,
        onPiece: options.onPiece,
        abort: (reason) => connection.abort(reason),
        onEnd: (outcome, cause) => {
          release();
          if (outcome === 'whole') breaker.succeeded();
          if (outcome === 'broken' && !signal.aborted) this.#fault(origin, garbage('It broke off.', cause));
          options.onEnd?.(outcome);
        },
      });
      return { kind, response: new Response(body, { status, headers }), origin, original };
    } catch (cause) {
      release();
      if (signal.aborted) {
        breaker.abandoned();
        throw signal.reason;
      }
      connection.abort();
      const known = cause instanceof Error && 'code' in cause && String(cause.code).startsWith('origin_');
      const fault = known ? cause : unavailable('It could not be reached.', cause);
      this.#fault(origin, fault);
      throw fault;
    } finally {
      clearTimeout(timer);
    }
  }

  async #ask(origin: Origin, asked: Asked, caller: string, signal: AbortSignal): Promise<Response> {
    const { method, target, body } = asked;
    const headers = new Headers(asked.headers);
    const proof = await this.#options.sign({ method, target, body, caller, now: this.#now() });
    for (const [name, value] of Object.entries(proof)) headers.set(name, value);
    const bare = method === 'GET' || method === 'HEAD';
    return await this.#fetch(origin.url + target, {
      method,
      headers,
      body: bare ? undefined : body,
      signal,
      // A redirect does not come from our app, and its target must not receive a signed request.
      redirect: 'manual',
    });
  }

  #fault(origin: Origin, error: unknown): void {
    origin.breaker.failed(this.#now());
    this.#options.onFault?.(origin.url, error);
  }

  /** Chooses an origin by weight. */
  #choose(tried: ReadonlySet<Origin>): Origin | undefined {
    const open = this.#origins.filter((one) => !tried.has(one) && one.breaker.allows(this.#now()));
    // Origins on trial are used only when no other one works.
    const closed = open.filter(({ breaker }) => breaker.state(this.#now()) === 'closed');
    const candidates = closed.length > 0 ? closed : open;
    const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
    let left = (this.#options.random ?? Math.random)() * total;
    for (const candidate of candidates) {
      left -= candidate.weight;
      if (left < 0) return candidate;
    }
    return candidates.at(-1);
  }
}

function lengthOf(headers: Headers): number | undefined {
  const length = headers.get('content-length');
  return length === null ? undefined : Number(length);
}

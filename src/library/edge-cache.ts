import { SoriError } from '../base/errors.ts';

/** The cache between clients and the routes. Drivers: the Workers Cache and the Cache API. {@link chooseEdgeCache} selects one. */
export interface EdgeCache {
  /** Whether the platform caches answers by itself. Then `match` finds nothing and `put` does nothing. */
  readonly automatic: boolean;
  /** Returns the stored answer to a GET of `url`; `undefined` on a miss or where the platform answers hits itself. */
  match(url: string): Promise<Response | undefined>;
  /** Stores an answer (status 200, with Cache-Control, Cache-Tag and Content-Length) for later GETs of `url`. */
  put(url: string, response: Response): Promise<void>;
  /**
   * Removes answers with one of `tags` in Cache-Tag. `urls` are the known URLs of these answers.
   * @throws {SoriError} `overloaded` when the platform accepts no more purges for now.
   */
  purge(tags: readonly string[], urls: readonly string[]): Promise<void>;
}

/** The purge interface of the Workers Cache. */
export type Purging = Pick<CacheContext, 'purge'>;

/** Most tags in one purge call; the platform allows few calls a minute. */
const TAGS_AT_ONCE = 100;

/**
 * The Workers Cache (`[cache] enabled` in wrangler.toml). It is in front of the Worker and obeys Cache-Control: a hit does
 * not run the Worker. It requests whole answers, without Range and with GET for HEAD, and serves ranges itself.
 */
export function workersCache(cache: Purging): EdgeCache {
  return {
    automatic: true,
    match: async () => undefined,
    put: async () => {},
    async purge(tags) {
      for (let at = 0; at < tags.length; at += TAGS_AT_ONCE) {
        const { success, errors } = await cache.purge({ tags: tags.slice(at, at + TAGS_AT_ONCE) });
        if (success) continue;
        const message =
          'The cache in front of this server accepts no more purge requests at the moment. Try again in a minute.';
        throw new SoriError('overloaded', message, { cause: errors });
      }
    },
  };
}

/** The Cache API of this data centre. It has no tags: a purge removes only the given URLs, and only in this data centre. */
export function cacheApi(cache: Pick<Cache, 'match' | 'put' | 'delete'>): EdgeCache {
  return {
    automatic: false,
    match: (url) => cache.match(url),
    put: (url, response) => cache.put(url, response),
    async purge(_tags, urls) {
      await Promise.all(urls.map((url) => cache.delete(url)));
    },
  };
}

/** The cache objects of the platform. */
export interface CachePlaces {
  /** `cache` of `cloudflare:workers`. Without the Workers Cache the object exists but has no methods. */
  readonly workers?: Partial<Purging>;
  /** The global `caches`, which workerd has locally as well. In other runtimes it has no `default`. */
  readonly storage?: { readonly default?: Cache };
}

/**
 * Selects the cache in front of the audio: the Workers Cache if it is on, else the Cache API, else none.
 * Call it within a request.
 */
export function chooseEdgeCache({ workers, storage }: CachePlaces): EdgeCache | undefined {
  // Keep the object, not the method: the platform looks up the request when the method is called.
  if (typeof workers?.purge === 'function') return workersCache(workers as Purging);
  if (storage?.default) return cacheApi(storage.default);
  return undefined;
}

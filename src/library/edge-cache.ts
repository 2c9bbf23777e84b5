import { SoriError } from '../base/errors.ts';

/** The cache between clients and the routes. Drivers: the platform's own, and the Cache API. {@link chooseEdgeCache} decides which. */
export interface EdgeCache {
  /** Whether the platform keeps answers by itself: then `match` finds nothing and `put` does nothing. */
  readonly automatic: boolean;
  /** A stored answer to a GET of `url`, whole; `undefined` where there is none or the platform would have answered itself. */
  match(url: string): Promise<Response | undefined>;
  /** Keeps an answer (status 200, with its Cache-Control, Cache-Tag and Content-Length) for later GETs of `url`. */
  put(url: string, response: Response): Promise<void>;
  /**
   * Forgets answers that carry one of `tags` in Cache-Tag. `urls` are theirs as far as the caller knows them.
   * @throws {SoriError} `overloaded` when the platform takes no more purges for now.
   */
  purge(tags: readonly string[], urls: readonly string[]): Promise<void>;
}

/** What purges the Workers Cache. */
export type Purging = Pick<CacheContext, 'purge'>;

/** The platform takes at most so many tags in one call, and few calls a minute. */
const TAGS_AT_ONCE = 100;

/**
 * The Workers Cache (`[cache] enabled` in wrangler.toml). It stands before the Worker and keeps what Cache-Control lets it: a hit does
 * not run the Worker at all. It asks the Worker for the whole, without Range and with GET for HEAD, and cuts ranges itself.
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
          'The cache in front of this server takes no more purges for now; try again in a minute.';
        throw new SoriError('overloaded', message, { cause: errors });
      }
    },
  };
}

/** The Cache API: what this data centre keeps. It knows no tags, so that a purge reaches the URLs given, and those in this data centre only. */
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

/** Where caches may be found. */
export interface CachePlaces {
  /** `cache` of `cloudflare:workers`. Where the Workers Cache is off it is there all the same, without methods. */
  readonly workers?: Partial<Purging>;
  /** The global `caches`: in workerd, locally too. Those of other runtimes have no `default`. */
  readonly storage?: { readonly default?: Cache };
}

/**
 * The one place that decides which cache stands before the audio: the Workers Cache where it is on, else the Cache API, else none.
 * To be called within a request.
 */
export function chooseEdgeCache({ workers, storage }: CachePlaces): EdgeCache | undefined {
  // The module's object, not the method: which request a purge belongs to is looked up when it is called.
  if (typeof workers?.purge === 'function') return workersCache(workers as Purging);
  if (storage?.default) return cacheApi(storage.default);
  return undefined;
}

/** The cache between clients and the routes. Drivers: the platform's own, and the Cache API. One place decides which. */
export interface EdgeCache {
  /** A stored answer to a GET of `url`, whole; `undefined` where there is none or the platform would have answered itself. */
  match(url: string): Promise<Response | undefined>;
  /** Keeps an answer (status 200, with its Cache-Control, Cache-Tag and Content-Length) for later GETs of `url`. */
  put(url: string, response: Response): Promise<void>;
  /** Forgets answers that carry one of `tags` in Cache-Tag. `urls` are theirs as far as the caller knows them. */
  purge(tags: readonly string[], urls: readonly string[]): Promise<void>;
}

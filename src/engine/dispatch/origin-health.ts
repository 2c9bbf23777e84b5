/** What an origin says of itself. */
export interface OriginHealth {
  readonly ready: boolean;
  /**
   * By model, what besides a request decides the cache key of its speech there (`edition` of `GET /readyz`). Empty where it has not
   * been said.
   */
  readonly editions: ReadonlyMap<string, string>;
}

/** Bytes of an answer that are read. */
const MOST_BYTES = 256 * 1024;
const EDITION = /^[\w.:+-]{1,256}$/;

/** Reads an answer of `GET /readyz`. Never throws: what can't be read says nothing of editions. */
export async function readHealth(response: Response): Promise<OriginHealth> {
  const ready = response.status === 200;
  const editions = new Map<string, string>();
  const length = Number(response.headers.get('content-length') ?? 0);
  const json = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  if (!ready || !json || length > MOST_BYTES) {
    await response.body?.cancel().catch(() => {});
    return { ready, editions };
  }
  try {
    const { models } = (await response.json()) as { models?: unknown };
    for (const one of Array.isArray(models) ? models : []) {
      const { model, edition } = (one ?? {}) as { model?: unknown; edition?: unknown };
      if (typeof model !== 'string' || typeof edition !== 'string' || !EDITION.test(edition)) continue;
      editions.set(model, edition);
    }
  } catch {
    // An origin of another kind, or an older one.
  }
  return { ready, editions };
}

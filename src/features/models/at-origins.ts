import type { Context } from 'hono';
import type { AppEnv } from '../../http/context.ts';
import { keepAlive } from '../../http/keep-alive.ts';
import type { OriginPool } from '../../placement/origin-pool.ts';
import { type ModelBody, modelListSchema } from './schema.ts';

/** Milliseconds that an origin's word of its models counts, and that it has to give it. */
const FRESH_MS = 30_000;
const ANSWER_MS = 3_000;

/** Lists the models that origins host in addition to those of this edge. */
export class OriginModels {
  readonly #pool: OriginPool;
  #known: readonly ModelBody[] = [];
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(pool: OriginPool) {
    this.#pool = pool;
  }

  /** Requests the list from an origin, unless it was requested shortly before. If none answers, the previous list is used. Never throws. */
  async list(c: Context<AppEnv>): Promise<readonly ModelBody[]> {
    const now = Date.now();
    if (now - this.#askedAt < FRESH_MS) return this.#known;
    this.#askedAt = now;
    try {
      const response = await this.#pool.forward(new Request('http://origin/v1/models'), {
        signal: c.req.raw.signal,
        caller: c.get('caller').id,
        answerMs: ANSWER_MS,
        accepts: (type) => type.startsWith('application/json'),
        keepAlive: (work) => keepAlive(c, work),
      });
      const { data } = modelListSchema.safeParse(await response.json());
      if (data) this.#known = data.data.filter((model) => model.served_by === 'origin' && model.hosted);
    } catch {
      // The pool has reported it; the next request asks again.
      this.#askedAt = Number.NEGATIVE_INFINITY;
    }
    return this.#known;
  }
}

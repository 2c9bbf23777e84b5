import { z } from 'zod';
import { faultOf } from './origin-error.ts';
import type { OriginPool } from './origin-pool.ts';

/** Milliseconds for which an origin's list is used, and that it has to send it. */
const FRESH_MS = 30_000;
const ANSWER_MS = 3_000;
/** Milliseconds after which the list is requested again for a model that it lacks: the model may be new. */
const MISSED_MS = 5_000;

const listSchema = z.object({ data: z.array(z.looseObject({ id: z.string() })) });

/** A model as an origin lists it. */
export type ListedModel = z.infer<typeof listSchema>['data'][number];

/** The request on whose behalf models are listed. */
export interface ListContext {
  readonly signal: AbortSignal;
  /** Id of the API key. */
  readonly caller?: string;
  readonly keepAlive?: (work: Promise<unknown>) => void;
}

/** The models that origins list. An edge asks one of its origins and uses the answer for 30 s. */
export class OriginModels {
  readonly #pool: OriginPool;
  readonly #now: () => number;
  #known: readonly ListedModel[] = [];
  #askedAt = Number.NEGATIVE_INFINITY;

  /** @param now ms since the epoch; default: the clock. */
  constructor(pool: OriginPool, now: () => number = Date.now) {
    this.#pool = pool;
    this.#now = now;
  }

  /** Lists the models. If no origin answers, the previous list is returned. Never throws. */
  async list(context: ListContext): Promise<readonly ListedModel[]> {
    await this.#refresh(FRESH_MS, context).catch(() => {});
    return this.#known;
  }

  /**
   * Finds a model.
   * @throws {SoriError} `origin_unavailable`, `origin_failed` when the model was not known before and no origin answers; the signal's reason.
   */
  async find(id: string, context: ListContext): Promise<ListedModel | undefined> {
    const named = () => this.#known.find((model) => model.id === id);
    try {
      await this.#refresh(named() ? FRESH_MS : MISSED_MS, context);
    } catch (error) {
      context.signal.throwIfAborted();
      if (!named()) throw error;
    }
    return named();
  }

  async #refresh(freshMs: number, { signal, caller, keepAlive }: ListContext): Promise<void> {
    const now = this.#now();
    if (now - this.#askedAt < freshMs) return;
    this.#askedAt = now;
    try {
      const response = await this.#pool.forward(new Request('http://origin/v1/models'), {
        signal,
        caller,
        answerMs: ANSWER_MS,
        accepts: (type) => type.startsWith('application/json'),
        keepAlive,
      });
      if (!response.ok) throw await faultOf(response);
      this.#known = listSchema.parse(await response.json()).data;
    } catch (error) {
      // The next request asks again.
      this.#askedAt = Number.NEGATIVE_INFINITY;
      throw error;
    }
  }
}

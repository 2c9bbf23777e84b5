import { SoriError } from '../../base/errors.ts';

/** Tells how far a prompt is: `12/400`. */
export const BAKED_HEADER = 'X-Sori-Baked';

/** What {@link BakeBudget} is made of. */
export interface BakeBudgetOptions {
  /** Recordings of the prompt. */
  readonly total: number;
  /** Milliseconds after which no more are made; default: any. One is made in any case. */
  readonly limitMs?: number;
  /** When it began. */
  readonly started: number;
  /** Told of the progress when the budget is spent. */
  readonly tell: (progress: string) => void;
}

/**
 * Bounds what one request bakes: a Worker's CPU time is, too. Recordings that are found count for nothing, so that the same request
 * again gets further.
 */
export class BakeBudget {
  readonly #options: BakeBudgetOptions;
  #done = 0;
  #made = 0;

  constructor(options: BakeBudgetOptions) {
    this.#options = options;
  }

  /**
   * To be asked before each recording.
   * @throws {SoriError} `more_to_bake`.
   */
  check(): void {
    const { total, limitMs, started, tell } = this.#options;
    if (limitMs === undefined || this.#made === 0 || performance.now() - started < limitMs) return;
    tell(`${this.#done}/${total}`);
    const message = `${this.#done} of ${total} recordings are baked, which is as much as fits into one request. Send it again: it goes on from there.`;
    throw new SoriError('more_to_bake', message);
  }

  /** To be told after each recording. */
  count(cache: 'hit' | 'miss' | 'coalesced'): void {
    this.#done++;
    if (cache !== 'hit') this.#made++;
  }
}

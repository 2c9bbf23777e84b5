import { SoriError } from '../../base/errors.ts';

/** Header with the progress of baking, as `12/400`. */
export const BAKED_HEADER = 'X-Sori-Baked';

/** Options of {@link BakeBudget}. */
export interface BakeBudgetOptions {
  /** Number of recordings of the prompt. */
  readonly total: number;
  /** Milliseconds after which no more are made; default: no limit. At least one is made. */
  readonly limitMs?: number;
  /** Start time. */
  readonly started: number;
  /** Called with the progress when the budget is used up. */
  readonly onUsedUp: (progress: string) => void;
}

/**
 * Limits the baking of one request, because a Worker's CPU time is limited. Stored recordings do not count, so that a repeated request
 * continues.
 */
export class BakeBudget {
  readonly #options: BakeBudgetOptions;
  #done = 0;
  #made = 0;

  constructor(options: BakeBudgetOptions) {
    this.#options = options;
  }

  /**
   * Call it before each recording.
   * @throws {SoriError} `more_to_bake`.
   */
  check(): void {
    const { total, limitMs, started, onUsedUp } = this.#options;
    if (limitMs === undefined || this.#made === 0 || performance.now() - started < limitMs) return;
    onUsedUp(`${this.#done}/${total}`);
    const message = `${this.#done} of ${total} recordings are baked, which is the limit of one request. Send it again to continue.`;
    throw new SoriError('more_to_bake', message);
  }

  /** Call it after each recording. */
  count(cache: 'hit' | 'miss' | 'coalesced'): void {
    this.#done++;
    if (cache !== 'hit') this.#made++;
  }
}

import { SoriError } from '../base/errors.ts';

/** Gives a slot back; a second call does nothing. */
export type Release = () => void;

/** Counts requests under way in this process and refuses those that would only wait. */
export class Slots {
  readonly #limit: number;
  readonly #what: string;
  #taken = 0;

  /**
   * @param limit requests at once.
   * @param what they are, for the refusal.
   */
  constructor(limit: number, what = 'speech requests') {
    this.#limit = limit;
    this.#what = what;
  }

  /** Requests under way. */
  get taken(): number {
    return this.#taken;
  }

  /** @throws {SoriError} `overloaded` when all slots are taken. */
  take(): Release {
    if (this.#taken >= this.#limit) {
      throw new SoriError('overloaded', `${this.#limit} ${this.#what} are waiting here already; try again.`);
    }
    this.#taken++;
    let held = true;
    return () => {
      if (held) this.#taken--;
      held = false;
    };
  }

  /**
   * Holds a slot while some work is done.
   * @throws {SoriError} `overloaded`; what the work throws.
   */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const release = this.take();
    try {
      return await work();
    } finally {
      release();
    }
  }
}

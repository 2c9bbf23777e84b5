import { SoriError } from '../base/errors.ts';

/** Releases a slot; a second call does nothing. */
export type Release = () => void;

/** Limits the number of requests under way in this process and refuses more. */
export class Slots {
  readonly #limit: number;
  readonly #what: string;
  #taken = 0;

  /**
   * @param limit requests at once.
   * @param what name of the requests in the error message.
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

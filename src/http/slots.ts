import { SoriError } from '../base/errors.ts';

/** Releases a slot; a second call does nothing. */
export type Release = () => void;

/** Limits the number of speech requests under way in this process and refuses more. */
export class Slots {
  readonly #limit: number;
  #taken = 0;

  /** @param limit requests at once. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Requests under way. */
  get taken(): number {
    return this.#taken;
  }

  /** Whether all slots are taken. */
  get full(): boolean {
    return this.#taken >= this.#limit;
  }

  /** @throws {SoriError} `overloaded` when all slots are taken. */
  take(): Release {
    if (this.full) {
      throw new SoriError(
        'overloaded',
        `${this.#limit} speech requests are waiting here already; try again.`,
      );
    }
    this.#taken++;
    let held = true;
    return () => {
      if (held) this.#taken--;
      held = false;
    };
  }
}

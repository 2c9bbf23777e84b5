import type { Turn } from './work.ts';

/** Interactive steps in a row after which longer work gets one. */
const INTERACTIVE_IN_A_ROW = 8;

/**
 * Chooses the next turn. Interactive work goes first. Within a class it is the client with the least time so far, and of its work the one
 * with the least, so that clients get equal shares. One in nine steps belongs to long work, so it is never starved.
 */
export class TurnOrder {
  #inARow = 0;

  /** @param waiting at least one turn. */
  next(waiting: readonly Turn[]): Turn {
    const interactive = waiting.filter(({ entry }) => entry.interactive);
    const long = waiting.filter(({ entry }) => !entry.interactive);
    const longFirst = interactive.length === 0 || (long.length > 0 && this.#inARow >= INTERACTIVE_IN_A_ROW);
    return (longFirst ? long : interactive).reduce((best, turn) => (precedes(turn, best) ? turn : best));
  }

  /** Number of waiting turns of the same class (interactive or long) that go before this one. */
  before(turn: Turn, waiting: readonly Turn[]): number {
    const { interactive } = turn.entry;
    return waiting.filter((other) => other.entry.interactive === interactive && precedes(other, turn)).length;
  }

  /** Counts a turn that begins, with the others that wait. */
  begin(turn: Turn, others: readonly Turn[]): void {
    const passed = turn.entry.interactive && others.some(({ entry }) => !entry.interactive);
    this.#inARow = passed ? this.#inARow + 1 : 0;
  }
}

function precedes(one: Turn, other: Turn): boolean {
  const byClient = one.entry.client.served - other.entry.client.served;
  if (byClient !== 0) return byClient < 0;
  const byWork = one.entry.served - other.entry.served;
  return byWork !== 0 ? byWork < 0 : one.arrived < other.arrived;
}

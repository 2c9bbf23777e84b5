import type { Entry } from './work.ts';

/** Characters of a sentence, after which long work has its first audio. */
const SENTENCE_CHARACTERS = 120;
/** Milliseconds per character before any work was measured. */
const FIRST_MS_PER_CHARACTER = 15;
/** Weight of the last piece of work in the average of milliseconds per character. */
const LEARNING = 0.1;
/** Milliseconds after which work that requests no turn, because its reader is slow, no longer delays others. */
const IDLE_MS = 10_000;

/** Estimates how long new work waits, from the average time of a character. */
export class WaitingTime {
  #msPerCharacter = FIRST_MS_PER_CHARACTER;

  /**
   * Estimates the time until the first audio of new work.
   * @param entries the work in the queue.
   * @param interactive whether the new work is interactive.
   * @param now in milliseconds.
   * @returns milliseconds of processing, all steps one after the other.
   */
  estimateMs(entries: Iterable<Entry>, interactive: boolean, now: number): number {
    let characters = 0;
    for (const { interactive: first, left, seen } of entries) {
      if (seen < now - IDLE_MS) continue;
      if (first) characters += left;
      else if (!interactive) characters += Math.min(left, SENTENCE_CHARACTERS);
    }
    return characters * this.#msPerCharacter;
  }

  /** Updates the average by the time that a piece of work took, without its waiting time. */
  learn({ request: { characters }, left, served }: Entry): void {
    const made = characters - left;
    if (made <= 0 || served <= 0) return;
    this.#msPerCharacter += LEARNING * (served / made - this.#msPerCharacter);
  }
}

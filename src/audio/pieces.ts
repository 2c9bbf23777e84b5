import { nextTurn } from '../base/turns.ts';

/** Samples that are worked on at a stretch: 2.7 s at 24 kHz, at most a few hundredths of a second of work. */
export const PIECE = 2 ** 16;

/** Goes through `length` values piece by piece, each in a turn of the event loop of its own, so that others get theirs. */
export async function* pieces(length: number, size = PIECE): AsyncGenerator<{ from: number; to: number }> {
  for (let from = 0; from < length; from += size) {
    if (from > 0) await nextTurn();
    yield { from, to: Math.min(from + size, length) };
  }
}

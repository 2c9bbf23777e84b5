import { nextTurn } from '../base/turns.ts';

/** Samples processed in one turn of the event loop: 2.7 s at 24 kHz, at most some 10 ms of work. */
export const PIECE = 2 ** 16;

/** Iterates over `length` values piece by piece and yields to the event loop after each piece. */
export async function* pieces(length: number, size = PIECE): AsyncGenerator<{ from: number; to: number }> {
  for (let from = 0; from < length; from += size) {
    if (from > 0) await nextTurn();
    yield { from, to: Math.min(from + size, length) };
  }
}

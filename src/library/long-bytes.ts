import { createHash } from 'node:crypto';
import type { LongBytes } from './store.ts';

/** What is written is not what was measured before. */
export const changedBytes = () => new Error('These bytes are not those that they were said to be.');

/**
 * Goes through bytes once, to learn how many they are and what their hash is.
 * @param read reads them from the start; each time the same.
 */
export async function longBytes(read: () => AsyncIterable<Uint8Array>): Promise<LongBytes> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of read()) {
    hash.update(piece);
    size += piece.length;
  }
  return { size, sha256: hash.digest('hex'), open: () => streamFrom(read()) };
}

/** Reads bytes, and throws before the last of them if they are not those that they were said to be. */
export async function* checkedBytes({ size, sha256, open }: LongBytes): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let left = size;
  // Held back: whoever has been given all of it may take it for whole.
  let last: Uint8Array | undefined;
  for await (const piece of piecesOf(open())) {
    if (piece.length === 0) continue;
    hash.update(piece);
    left -= piece.length;
    if (left < 0) break;
    if (last) yield last;
    last = piece;
  }
  if (left !== 0 || hash.digest('hex') !== sha256) throw changedBytes();
  if (last) yield last;
}

/** A stream of pieces, each read when it is asked for. */
export function streamFrom(pieces: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** The pieces of a stream. What is left of one that is not read to its end is given up. */
export async function* piecesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      ended = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel();
  }
}

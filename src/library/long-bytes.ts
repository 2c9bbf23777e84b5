import { createHash } from 'node:crypto';
import type { LongBytes } from './store.ts';

/** Thrown when the written bytes differ from the measured ones. */
export const changedBytes = () => new Error('The bytes do not match their hash.');

/**
 * Reads bytes once to find their length and hash.
 * @param read reads the same bytes from the start each time.
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

/** Passes bytes through and throws before the last piece if their length or hash is wrong. */
export async function* checkedBytes({ size, sha256, open }: LongBytes): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let left = size;
  // Hold back the last piece: a reader that has all bytes would accept them.
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

/** Makes a stream that reads a piece on demand. */
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

/** Iterates over the pieces of a stream and cancels it when the loop is left early. */
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

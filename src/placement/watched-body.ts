/** How a body is passed on. */
export interface WatchOptions {
  /** What was read of it already. */
  readonly first: ReadableStreamReadResult<Uint8Array>;
  /** Bytes that there must be; `undefined` where nobody has said. */
  readonly length: number | undefined;
  /** Milliseconds that the sender may leave a reader waiting. */
  readonly idleMs: number;
  /** Told of each piece as it is passed on; not to keep it. */
  readonly onPiece?: (piece: Uint8Array) => void;
  /** Ends the connection to the sender. */
  readonly abort: (reason: unknown) => void;
  /** Told once how it ended: whole, by the sender's fault, or because nobody reads any more. */
  readonly onEnd: (outcome: 'whole' | 'broken' | 'left', cause?: unknown) => void;
}

/**
 * Passes a body on as fast as it is read, one piece at a time, and holds it against what was promised: a body that ends early, goes on
 * for too long or stands still is an error, never a shorter file.
 */
export function watchedBody(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { first, length, idleMs, onPiece, abort, onEnd }: WatchOptions,
): ReadableStream<Uint8Array> {
  let waiting: ReadableStreamReadResult<Uint8Array> | undefined = first;
  let taken = 0;
  const fail = (cause: unknown): never => {
    onEnd('broken', cause);
    abort(cause);
    throw cause;
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let next: ReadableStreamReadResult<Uint8Array>;
        try {
          next = waiting ?? (await within(idleMs, reader.read()));
          taken += next.value?.length ?? 0;
          // Who knows the length may hang up with the last byte: that it was the last is to be known by then.
          waiting = taken === length && !next.done ? await within(idleMs, reader.read()) : undefined;
        } catch (cause) {
          return fail(cause);
        }
        if (length !== undefined && (taken > length || (next.done && taken < length))) {
          return fail(new Error(`The origin sent ${taken} of ${length} bytes.`));
        }
        const last = next.done || waiting?.done;
        if (!next.done) onPiece?.(next.value);
        if (last) onEnd('whole');
        if (!next.done) controller.enqueue(next.value);
        if (last) controller.close();
      },
      async cancel(reason) {
        onEnd('left');
        abort(reason);
        await reader.cancel(reason).catch(() => {});
      },
    },
    { highWaterMark: 0 },
  );
}

/** @throws {DOMException} `TimeoutError`. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new DOMException('The origin stood still.', 'TimeoutError');
    timer = setTimeout(() => reject(error), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

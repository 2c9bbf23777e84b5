/** How a body is passed on and checked. */
export interface WatchOptions {
  /** Pieces that were already read. */
  readonly first: ReadableStreamReadResult<Uint8Array>;
  /** The expected length in bytes; `undefined` if not known. */
  readonly length: number | undefined;
  /** Milliseconds that the sender may pause while the reader waits. */
  readonly idleMs: number;
  /** Called with each piece as it is passed on; must not keep it. */
  readonly onPiece?: (piece: Uint8Array) => void;
  /** Closes the connection to the sender. */
  readonly abort: (reason: unknown) => void;
  /** Called once when the body ends: `whole`, `broken` by the sender, or `left` by the reader. */
  readonly onEnd: (outcome: 'whole' | 'broken' | 'left', cause?: unknown) => void;
}

/**
 * Passes a body on at the reader's speed, one piece at a time, and checks its length: a body that ends early, is too long or stalls is an
 * error, so that no incomplete file is accepted.
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
          // A reader with a known length may close at the last byte, so the end is reported with that byte.
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
    const error = new DOMException('The origin sent no data for too long.', 'TimeoutError');
    timer = setTimeout(() => reject(error), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

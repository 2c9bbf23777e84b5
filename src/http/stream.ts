/** What {@link pullStream} needs to know of the work behind it. */
export interface StreamOptions {
  /** What the source gave when it was asked once, to see whether it gives anything. */
  readonly first: IteratorResult<Uint8Array, void>;
  /** Aborting it ends the stream; the stream aborts it when its reader goes away or stalls. */
  readonly work: AbortController;
  /** Bytes that there will be, where that is known. */
  readonly length?: number;
  /** Milliseconds that a reader may leave a piece untaken. */
  readonly stallMs: number;
  /** Told why the source failed. */
  readonly onFailure: (error: unknown) => void;
  /** Called once, when the reader needs nothing more: all read, failed, cancelled or aborted. */
  readonly onEnd: () => void;
  /** Called once, when the source has come to rest too. */
  readonly onRest: () => void;
}

/**
 * A byte stream that makes a piece only when the last one has been taken: a slow reader slows the synthesis.
 * A reader that stalls is taken for gone, since not every proxy passes a disconnect on (`wrangler dev` does not).
 */
export function pullStream(
  source: AsyncGenerator<Uint8Array, void>,
  { first, work, length, stallMs, onFailure, onEnd, onRest }: StreamOptions,
): ReadableStream<Uint8Array> {
  const { signal } = work;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting: IteratorResult<Uint8Array, void> | undefined = first;
  let given = 0;
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    onEnd();
    // A generator that waits at a yield learns only so that nobody will read on.
    source.return().then(onRest, onRest);
  };
  let fail = (_reason: unknown) => {};
  const stop = () => {
    end();
    fail(signal.reason);
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        fail = (reason) => controller.error(reason);
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop);
      },
      async pull(controller) {
        clearTimeout(timer);
        try {
          const next = waiting ?? (await source.next());
          waiting = undefined;
          if (ended) return;
          if (next.done) {
            end();
            return controller.close();
          }
          given += next.value.length;
          // Who knows the length may hang up with the last byte; the source is to have come to its end by then.
          if (given === length) {
            const after = await source.next();
            if (ended) return;
            if (after.done) {
              end();
              controller.enqueue(next.value);
              return controller.close();
            }
            waiting = after;
          }
          controller.enqueue(next.value);
          timer = setTimeout(
            () => work.abort(new DOMException('The client stopped reading.', 'TimeoutError')),
            stallMs,
          );
        } catch (error) {
          if (ended) return;
          end();
          onFailure(error);
          controller.error(error);
        }
      },
      cancel(reason) {
        fail = () => {};
        work.abort(reason ?? new DOMException('The client went away.', 'AbortError'));
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * Gives a stream a length that is known beforehand. workerd sends Content-Length only for its own FixedLengthStream;
 * elsewhere the header suffices.
 */
export function withLength(stream: ReadableStream<Uint8Array>, length: number): ReadableStream<Uint8Array> {
  if (typeof FixedLengthStream === 'undefined') return stream;
  const fixed = new FixedLengthStream(length);
  // The reader sees a failure as the end of `fixed.readable`; here there is nobody left to tell.
  void stream.pipeTo(fixed.writable).catch(() => {});
  return fixed.readable;
}

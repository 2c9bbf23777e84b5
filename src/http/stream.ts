/** Options of {@link pullStream}. */
export interface StreamOptions {
  /** The first result of the source, which was requested before the stream was made. */
  readonly first: IteratorResult<Uint8Array, void>;
  /** Aborting it ends the stream. The stream aborts it when its reader disconnects or stalls. */
  readonly work: AbortController;
  /** The length in bytes, if known. */
  readonly length?: number;
  /** Milliseconds that a reader may pause before it counts as gone. */
  readonly stallMs: number;
  /** Whether others need its place. It then counts as gone after a pause of {@link CROWDED_STALL_MS}. */
  readonly crowded?: () => boolean;
  /** Called with the error of the source. */
  readonly onFailure: (error: unknown) => void;
  /** Called once when the reader is done: all read, failed, cancelled or aborted. */
  readonly onEnd: () => void;
  /** Called once when the source has finished as well. */
  readonly onRest: () => void;
}

/** Milliseconds that a reader may pause if other requests need its slot: long enough for a player with a full buffer. */
const CROWDED_STALL_MS = 15_000;

/**
 * Makes a byte stream that requests a piece only when the last one was read, so that a slow reader slows the synthesis.
 * A reader that stalls counts as gone, because some proxies do not pass on a disconnect (`wrangler dev` does not).
 */
export function pullStream(
  source: AsyncGenerator<Uint8Array, void>,
  { first, work, length, stallMs, crowded = () => false, onFailure, onEnd, onRest }: StreamOptions,
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
    // Only `return` ends a generator that waits at a yield.
    source.return().then(onRest, onRest);
  };
  /** Waits for the reader. Looks every few seconds, since a place may be needed at any time. */
  const expectReader = (left: number) => {
    const step = Math.min(left, CROWDED_STALL_MS);
    timer = setTimeout(() => {
      if (left > step && !crowded()) expectReader(left - step);
      else work.abort(new DOMException('The client stopped reading.', 'TimeoutError'));
    }, step);
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
          // A reader that has read the stated length may close with the last byte, so the source must have ended by then.
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
          expectReader(stallMs);
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
 * Gives a stream a known length. workerd sends Content-Length only for its own FixedLengthStream;
 * elsewhere the header suffices.
 */
export function withLength(stream: ReadableStream<Uint8Array>, length: number): ReadableStream<Uint8Array> {
  if (typeof FixedLengthStream === 'undefined') return stream;
  const fixed = new FixedLengthStream(length);
  // The reader receives a failure through `fixed.readable`; nothing else needs to handle it.
  void stream.pipeTo(fixed.writable).catch(() => {});
  return fixed.readable;
}

/** Headers of an answer whose body is rewritten as JSON. */
export function headersAsJson({ headers }: Response): Headers {
  const passed = new Headers(headers);
  passed.delete('content-length');
  passed.delete('content-disposition');
  passed.set('Content-Type', 'application/json');
  return passed;
}

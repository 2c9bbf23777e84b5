import { encodeBase64 } from 'hono/utils/encode';
import type { AudioEncoder } from '../audio/format.ts';
import type { Speech } from '../engine/engine.ts';
import { errorBody, toSoriError } from './errors.ts';

/** What OpenAI bills by; here input counts characters, output counts frames of 12.5 ms. */
export interface Usage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly total_tokens: number;
}

/** Encodes speech as it is made; empty pieces are left out. */
export async function* encodeSpeech(speech: Speech, encoder: AudioEncoder): AsyncGenerator<Uint8Array, void> {
  for await (const samples of speech.chunks) {
    const bytes = encoder.encode(samples);
    if (bytes.length > 0) yield bytes;
  }
  const rest = encoder.finish();
  if (rest.length > 0) yield rest;
}

/**
 * Wraps audio in OpenAI's server-sent events. A failure becomes a last event, `error`: the status line is long gone.
 * @param onFailure is told of it, for the log.
 */
export async function* speechEvents(
  audio: AsyncIterable<Uint8Array>,
  usage: Usage,
  onFailure: (error: unknown) => void,
): AsyncGenerator<Uint8Array, void> {
  const utf8 = new TextEncoder();
  const event = (data: object, name = '') => utf8.encode(`${name}data: ${JSON.stringify(data)}\n\n`);
  try {
    for await (const bytes of audio) {
      yield event({ type: 'speech.audio.delta', audio: encodeBase64(exactBuffer(bytes)) });
    }
    yield event({ type: 'speech.audio.done', usage });
  } catch (error) {
    onFailure(error);
    yield event(errorBody(toSoriError(error)), 'event: error\n');
  }
}

function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const whole = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
  return whole ? (bytes.buffer as ArrayBuffer) : bytes.slice().buffer;
}

/**
 * Puts back an item that was taken from an iterator to see whether it comes at all.
 */
export async function* startingWith<T>(
  first: IteratorResult<T, void>,
  rest: AsyncGenerator<T, void>,
): AsyncGenerator<T, void> {
  try {
    if (first.done) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return();
  }
}

/** What {@link pullStream} needs to know of the work behind it. */
export interface StreamOptions {
  /** Ends the stream with its reason; whoever aborts it stops the work. */
  readonly signal: AbortSignal;
  /** The reader has gone away. */
  readonly onCancel: (reason: unknown) => void;
  /** Called once, when nothing more will be made: all read, failed, cancelled or aborted. */
  readonly onEnd: () => void;
}

/** A byte stream that makes a piece only when the last one has been taken: a slow reader slows the synthesis. */
export function pullStream(
  source: AsyncGenerator<Uint8Array, void>,
  { signal, onCancel, onEnd }: StreamOptions,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const stop = () => {
          controller.error(signal.reason);
          // A generator that waits at a yield learns only so that nobody will read on.
          void source.return().catch(() => {});
          onEnd();
        };
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop, { once: true });
      },
      async pull(controller) {
        try {
          const next = await source.next();
          if (signal.aborted) return;
          if (!next.done) return controller.enqueue(next.value);
          onEnd();
          controller.close();
        } catch (error) {
          if (signal.aborted) return;
          onEnd();
          controller.error(error);
        }
      },
      cancel: onCancel,
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

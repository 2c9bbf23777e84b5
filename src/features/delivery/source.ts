import type { Context } from 'hono';
import type { AudioFormatId } from '../../audio/format.ts';
import { SoriError } from '../../base/errors.ts';
import type { AppEnv } from '../../http/context.ts';
import { keepAlive } from '../../http/keep-alive.ts';
import { withLength } from '../../http/stream.ts';
import type { EdgeCache } from '../../library/edge-cache.ts';
import { HotAudio } from '../../library/hot-audio.ts';
import type { AudioLibrary } from '../../library/library.ts';
import type { AudioHead, ByteRange } from '../../library/store.ts';
import { audioHeaders, audioPath } from './headers.ts';

/** Bytes of audio, to be read once. */
export type AudioBody = Uint8Array | ReadableStream<Uint8Array>;

/** Found audio that is not read yet. */
export interface FoundAudio {
  readonly head: AudioHead;
  /** Reads all of it or a range. Call it once, or call `drop`. */
  read(range?: ByteRange): AudioBody | Promise<AudioBody>;
  /** Releases it unread. */
  drop?(): void;
}

/** The places where audio is looked up. */
export interface AudioPlaces {
  readonly library: AudioLibrary;
  readonly edgeCache?: EdgeCache;
}

/** Header that holds the head of audio in the Cache API; only {@link findAudio} reads it. */
const HEAD_HEADER = 'X-Sori-Head';

/**
 * Looks up audio in memory ({@link inMemory}), the cache of this data centre, and the library. Audio from the library is put into
 * the cache.
 * @param whole whether all of it will be read, which saves a request for its size.
 * @returns null if there is none.
 * @throws {SoriError} `storage_unavailable`.
 */
export async function findAudio(
  c: Context<AppEnv>,
  { library, edgeCache }: AudioPlaces,
  key: string,
  format: AudioFormatId,
  whole: boolean,
): Promise<FoundAudio | null> {
  const cache = edgeCache?.automatic ? undefined : edgeCache;
  const url = cache && new URL(audioPath(key, format), c.req.url).href;
  // A failing cache counts as a miss.
  const cached = url ? await cache?.match(url).catch(() => undefined) : undefined;
  const head = cached && headOf(cached);
  if (head) return inCache(cached, head, `${key}.${format}`, library);
  void cached?.body?.cancel();

  const open = async (range?: ByteRange) => {
    const opened = await library.open(key, format, range);
    if (!opened) throw unknownAudio();
    return opened;
  };
  const keep = (audio: AudioHead, bytes?: Uint8Array) => {
    if (!cache || !url || audio.meta.owner !== undefined) return;
    const copy = async () => {
      // Read it twice instead of using tee, which would buffer everything that a slow client has not read.
      const body = bytes ?? (await open()).body;
      await cache.put(url, answerToKeep(key, format, audio, body));
    };
    keepAlive(
      c,
      copy().catch(() => {}),
    );
  };
  if (whole) {
    const opened = await library.open(key, format);
    if (!opened) return null;
    keep(opened, opened.body instanceof Uint8Array ? opened.body : undefined);
    return { head: opened, read: () => opened.body };
  }
  const stored = await library.head(key, format);
  if (!stored) return null;
  return {
    head: stored,
    async read(range) {
      if (range && stored.size > HotAudio.MAX_BYTES) return (await open(range)).body;
      const { body } = await open();
      const bytes = body instanceof Uint8Array ? body : undefined;
      keep(stored, bytes);
      if (!range) return body;
      return bytes ? cut(bytes, range) : cutStream(body as ReadableStream<Uint8Array>, range);
    },
  };
}

/** Looks up audio in memory, synchronously. */
export function inMemory(library: AudioLibrary, name: string): FoundAudio | undefined {
  const hot = library.hot?.get(name);
  return hot && { head: hot.head, read: (range) => (range ? cut(hot.bytes, range) : hot.bytes) };
}

/** Cause of {@link unknownAudio} for private audio of another key, whose answer must not be cached. */
export const HIDDEN = 'hidden';

/** The error for an unknown key. */
export function unknownAudio(cause?: typeof HIDDEN): SoriError {
  const message = 'There is no audio at this address. Use an address from the Content-Location of an answer.';
  return new SoriError('unknown_audio', message, { cause });
}

function inCache(cached: Response, head: AudioHead, name: string, { hot }: AudioLibrary): FoundAudio {
  const stream = cached.body as ReadableStream<Uint8Array>;
  return {
    head,
    async read(range) {
      if (head.size > HotAudio.MAX_BYTES) return range ? cutStream(stream, range) : stream;
      const bytes = new Uint8Array(await cached.arrayBuffer());
      hot?.set(name, head, bytes);
      return range ? cut(bytes, range) : bytes;
    },
    drop: () => void stream.cancel(),
  };
}

function answerToKeep(key: string, format: AudioFormatId, head: AudioHead, body: AudioBody): Response {
  const headers = audioHeaders(key, format, head);
  const { size, sha256, stored, meta } = head;
  // Header values are ASCII, but voices may have any name.
  headers.set(
    HEAD_HEADER,
    encodeURIComponent(JSON.stringify({ size, sha256, stored: stored.getTime(), meta })),
  );
  return new Response(body as BodyInit, { headers });
}

function headOf(cached: Response): AudioHead | undefined {
  const text = cached.headers.get(HEAD_HEADER);
  if (text === null) return undefined;
  const head = JSON.parse(decodeURIComponent(text)) as AudioHead & { stored: number };
  return { ...head, stored: new Date(head.stored) };
}

function cut(bytes: Uint8Array, { offset, length }: ByteRange): Uint8Array {
  return bytes.subarray(offset, offset + length);
}

/** A part of a stream; the rest is not read. */
function cutStream(
  stream: ReadableStream<Uint8Array>,
  { offset, length }: ByteRange,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  let before = offset;
  let left = length;
  const part = new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) throw new Error('Stored audio is shorter than its recorded length.');
        const piece = value.subarray(before, before + left);
        before = Math.max(0, before - value.length);
        left -= piece.length;
        if (piece.length > 0) controller.enqueue(piece);
        if (left === 0) {
          controller.close();
          await reader.cancel();
        }
        if (piece.length > 0) return;
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return withLength(part, length);
}

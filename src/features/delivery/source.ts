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

/** Audio that was found and is not read yet. */
export interface FoundAudio {
  readonly head: AudioHead;
  /** Reads it, or a part. To be called once, or `drop` instead. */
  read(range?: ByteRange): AudioBody | Promise<AudioBody>;
  /** Lets go of it unread. */
  drop?(): void;
}

/** Where audio is looked for. */
export interface AudioPlaces {
  readonly library: AudioLibrary;
  readonly edgeCache?: EdgeCache;
}

/** Carries the head of audio in the Cache API, where nobody but {@link findAudio} sees it. */
const HEAD_HEADER = 'X-Sori-Head';

/**
 * Looks for audio where it is nearest: in the cache of this data centre, then in the library. What is found in the library is put into
 * the cache. Memory comes before both: {@link inMemory}.
 * @param whole tells that all of it will be read, which saves a question for its size.
 * @returns null where there is none.
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
  // A cache that fails is as good as none.
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
      // A second reading rather than a tee, which would hold all that a slow client has not taken yet.
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

/** What the library has in memory, without waiting for anything. */
export function inMemory(library: AudioLibrary, name: string): FoundAudio | undefined {
  const hot = library.hot?.get(name);
  return hot && { head: hot.head, read: (range) => (range ? cut(hot.bytes, range) : hot.bytes) };
}

/** Cause of {@link unknownAudio} where there is audio after all, and it is another's: the answer is to be kept by nobody. */
export const HIDDEN = 'hidden';

/** There is no such audio: a wrong key, or one that nothing was made for. */
export function unknownAudio(cause?: typeof HIDDEN): SoriError {
  const message = 'There is no audio at this address: a Content-Location that this server gave has it.';
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
  // Header values are ASCII; voices may be called anything.
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

/** A part of a stream; what comes after it is not read. */
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
        if (done) throw new Error('Stored audio is shorter than it was said to be.');
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

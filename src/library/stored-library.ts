import {
  AUDIO_FORMATS,
  type AudioEncoder,
  type AudioFormatId,
  type EncoderOptions,
} from '../audio/format.ts';
import { SAMPLE_RATE } from '../audio/samples.ts';
import { masterWav, readMasterWav, transcode } from '../audio/transcode.ts';
import { SoriError } from '../base/errors.ts';
import { freeArrays } from '../base/free.ts';
import { wholeSecond } from '../base/http-date.ts';
import { sha256Hex } from '../base/sha256.ts';
import { createSingleFlight } from '../base/single-flight.ts';
import { Flights, type FlightsOptions } from './flights.ts';
import { HotAudio } from './hot-audio.ts';
import type { AudioLibrary, Master, OpenAudio } from './library.ts';
import type { AudioHead, AudioMeta, AudioStore, ByteRange } from './store.ts';

/** Options of {@link createAudioLibrary}. */
export interface AudioLibraryOptions extends FlightsOptions {
  readonly store: AudioStore;
  readonly createEncoder: (
    format: AudioFormatId,
    options: EncoderOptions,
  ) => AudioEncoder | Promise<AudioEncoder>;
  /** Called with work that must outlive the request that started it: a Worker passes `waitUntil`. */
  readonly keepAlive?: (work: Promise<unknown>) => void;
  /** Longest master in bytes that is encoded to other formats, which takes three times its memory. Default: no limit. */
  readonly longestMaster?: number;
  /** Milliseconds before each further attempt at a write that has failed; default: 200, 1000. */
  readonly retryAfterMs?: readonly number[];
}

const RETRY_AFTER_MS = [200, 1000];

/** The format of stored masters. */
const MASTER_FORMAT = 'wav';

/** Makes a library over a store. Small audio that is requested often is kept in memory. */
export function createAudioLibrary(options: AudioLibraryOptions): AudioLibrary {
  const { store, createEncoder, keepAlive, longestMaster = Number.POSITIVE_INFINITY } = options;
  const { retryAfterMs = RETRY_AFTER_MS } = options;
  const writes = { retried: 0, lost: 0 };
  const hot = new HotAudio();
  const flights = new Flights<AudioMeta>(options);
  const once = createSingleFlight({ keepAlive, pollMs: options.pollMs });

  /** @returns what was stored, and whether the library keeps these bytes in memory. */
  async function put(
    name: string,
    bytes: Uint8Array,
    meta: AudioMeta,
    wanted = true,
  ): Promise<{ readonly audio: OpenAudio; readonly inMemory: boolean }> {
    const sha256 = await sha256Hex(bytes);
    const head = { size: bytes.length, sha256, stored: wholeSecond(Date.now()), meta };
    // The audio that was stored first stays.
    const written = await withStorage(() => withRetries(() => store.putIfAbsent(name, bytes, meta, sha256)));
    const inMemory = written && wanted && hot.set(name, head, bytes);
    return { audio: { ...head, body: bytes }, inMemory };
  }

  /**
   * Stores bytes that nothing else reads, and frees their memory: minutes of speech take megabytes.
   * @param wanted whether requests for them are likely, so that they may stay in memory.
   */
  async function putAway(name: string, bytes: Uint8Array, meta: AudioMeta, wanted: boolean): Promise<void> {
    const { inMemory } = await put(name, bytes, meta, wanted);
    if (!inMemory) freeArrays(bytes);
  }

  /** Tries a write again: the audio that it keeps may have been sent already, and its address with it. */
  async function withRetries<T>(write: () => Promise<T>): Promise<T> {
    for (const ms of retryAfterMs) {
      try {
        return await write();
      } catch {
        writes.retried++;
        await new Promise((resolve) => setTimeout(resolve, ms));
      }
    }
    return await write();
  }

  /** @throws {SoriError} `origin_required` for a master of more than `most` bytes. */
  async function master(key: string, most = Number.POSITIVE_INFINITY): Promise<Master | null> {
    const audio = await find(`${key}.${MASTER_FORMAT}`);
    if (!audio) return null;
    if (audio.size > most) {
      if (!(audio.body instanceof Uint8Array)) await audio.body.cancel();
      throw tooLong(audio);
    }
    const bytes = await withStorage(() => bytesOf(audio.body));
    const samples = readMasterWav(bytes);
    // Bytes that did not come as a stream are those in memory.
    if (!(audio.body instanceof Uint8Array)) freeArrays(bytes);
    return { samples, meta: audio.meta };
  }

  /** Looks in memory, then in the store. */
  async function find(name: string, range?: ByteRange): Promise<OpenAudio | null> {
    const known = hot.get(name);
    if (known) return { ...known.head, body: cut(known.bytes, range) };
    const object = await withStorage(() => store.get(name, range));
    if (!object || range || object.size > HotAudio.MAX_BYTES) return object;
    const bytes = await withStorage(() => bytesOf(object.body));
    hot.set(name, object, bytes);
    return { ...object, body: bytes };
  }

  const make = (key: string, format: AudioFormatId) =>
    once(`${key}.${format}`, async () => {
      const whole = await master(key, longestMaster);
      if (!whole) return null;
      const bytes = await encode(whole, format);
      freeArrays(whole.samples);
      return (await put(`${key}.${format}`, bytes, whole.meta)).audio;
    });

  const encode = ({ samples, meta }: Master, format: AudioFormatId) =>
    transcode(createEncoder, { ...meta, samples }, format);

  async function open(key: string, format: AudioFormatId, range?: ByteRange): Promise<OpenAudio | null> {
    const found = await find(`${key}.${format}`, range);
    if (found) return found;
    await flights
      .find(key)
      ?.whole(new AbortController().signal)
      .catch(() => {});
    if (format === MASTER_FORMAT) return await find(`${key}.${format}`, range);
    const made = await make(key, format);
    return made && { ...made, body: cut(made.body as Uint8Array, range) };
  }

  return {
    flights,
    writes,
    hot,
    open,
    master: (key) => master(key),
    async head(key, format, fresh = false) {
      const name = `${key}.${format}`;
      const known = fresh ? undefined : hot.get(name)?.head;
      const head = known ?? (await withStorage(() => store.head(name)));
      if (head) return head;
      hot.delete(name);
      return await open(key, format);
    },
    async admit(key, whole, formats, ready) {
      // Store the master first: every format can be made from it.
      const master = masterWav(whole.samples, whole.meta.tags);
      await putAway(`${key}.${MASTER_FORMAT}`, master, whole.meta, formats.includes(MASTER_FORMAT));
      for (const format of new Set(formats)) {
        if (format === MASTER_FORMAT) continue;
        const bytes = ready?.get(format) ?? (await encode(whole, format));
        await putAway(`${key}.${format}`, bytes, whole.meta, true);
      }
    },
    async adopt(key, wav, meta, ready = new Map()) {
      if (!(await withStorage(() => store.putIfAbsent(`${key}.${MASTER_FORMAT}`, wav, meta)))) return;
      for (const [format, bytes] of ready) {
        if (format !== MASTER_FORMAT) await put(`${key}.${format}`, bytes, meta);
      }
    },
    async stored(key, format) {
      return await withStorage(() => store.head(`${key}.${format}`));
    },
    async admitLong(key, format, bytes, meta) {
      await withStorage(() => store.putIfAbsent(`${key}.${format}`, bytes, meta));
    },
    async remove(keys) {
      const names = keys.flatMap((key) => AUDIO_FORMATS.map((format) => `${key}.${format}`));
      for (const name of names) hot.delete(name);
      await withStorage(() => store.delete(names));
    },
  };
}

function tooLong({ meta }: AudioHead): SoriError {
  const seconds = Math.round(meta.samples / SAMPLE_RATE);
  const message = `This recording of ${seconds} s is too long to be brought into another format here: ask for it in that format by a job.`;
  return new SoriError('origin_required', message);
}

/** @throws {SoriError} `storage_unavailable` for every error of a store. */
async function withStorage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new SoriError('storage_unavailable', 'The audio storage cannot be reached; try again.', { cause });
  }
}

async function bytesOf(body: Uint8Array | ReadableStream<Uint8Array>): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  return new Uint8Array(await new Response(body).arrayBuffer());
}

function cut(bytes: Uint8Array, range?: ByteRange): Uint8Array {
  return range ? bytes.subarray(range.offset, range.offset + range.length) : bytes;
}

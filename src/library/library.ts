import type { AudioFormatId } from '../audio/format.ts';
import type { Flights } from './flights.ts';
import type { HotAudio } from './hot-audio.ts';
import type { AudioHead, AudioMeta, ByteRange, LongBytes } from './store.ts';

/** Audio of the library, whole or the requested part. */
export interface OpenAudio extends AudioHead {
  readonly body: Uint8Array | ReadableStream<Uint8Array>;
}

/** Finished audio from which every format is encoded. */
export interface Master {
  /** Mono, 24 kHz. */
  readonly samples: Int16Array;
  readonly meta: AudioMeta;
}

/** Finished audio by key and format: from memory, from the store, or encoded from the stored master. */
export interface AudioLibrary {
  /** Audio that this process is making, by key; the result is what is stored with it. */
  readonly flights: Flights<AudioMeta>;
  /** Counts of writes that were retried, and of speech that could not be stored. They only grow. */
  readonly writes?: { retried: number; lost: number };
  /** The audio in memory, which {@link open} and {@link head} also use. */
  readonly hot?: HotAudio;
  /**
   * Opens audio. Waits for audio that this process is making. A format that is not stored yet is encoded from the master and stored.
   * @returns null when this key has no master.
   * @throws {SoriError} `storage_unavailable`.
   */
  open(key: string, format: AudioFormatId, range?: ByteRange): Promise<OpenAudio | null>;
  /**
   * As {@link open}, without the bytes.
   * @param fresh asks the store, because audio in memory may have been removed from it.
   * @throws {SoriError} `storage_unavailable`.
   */
  head(key: string, format: AudioFormatId, fresh?: boolean): Promise<AudioHead | null>;
  /**
   * Stores a master and the given formats. When it returns, all of them are stored.
   * @param ready formats that are already encoded, with the bytes that the master would give. Their memory is freed.
   * @throws {SoriError} `storage_unavailable`; the master may then be stored without all formats.
   */
  admit(
    key: string,
    master: Master,
    formats: readonly AudioFormatId[],
    ready?: ReadonlyMap<AudioFormatId, Uint8Array>,
  ): Promise<void>;
  /**
   * Stores a master that another server made, byte for byte, and formats of it. If the key has a
   * master already, that one stays and `ready` is ignored, because all formats must come from one master.
   * @throws {SoriError} `storage_unavailable`.
   */
  adopt(
    key: string,
    wav: Uint8Array,
    meta: AudioMeta,
    ready?: ReadonlyMap<AudioFormatId, Uint8Array>,
  ): Promise<void>;
  /**
   * Looks up stored audio of a key in a format, without encoding anything.
   * @throws {SoriError} `storage_unavailable`.
   */
  stored(key: string, format: AudioFormatId): Promise<AudioHead | null>;
  /**
   * Stores audio that is too long for memory, unless the name exists.
   * @throws {SoriError} `storage_unavailable`.
   */
  admitLong(key: string, format: AudioFormatId, bytes: LongBytes, meta: AudioMeta): Promise<void>;
  /**
   * Reads a key's master.
   * @returns null when there is none.
   * @throws {SoriError} `storage_unavailable`.
   */
  master(key: string): Promise<Master | null>;
  /**
   * Removes masters and all their formats.
   * @throws {SoriError} `storage_unavailable`; some names may be left; call again.
   */
  remove(keys: readonly string[]): Promise<void>;
}

/** A view of the library whose `head` always asks the store. */
export function freshLibrary(library: AudioLibrary): AudioLibrary {
  const head = (key: string, format: AudioFormatId) => library.head(key, format, true);
  return {
    ...library,
    head,
    open: async (key, format, range) => ((await head(key, format)) ? library.open(key, format, range) : null),
  };
}

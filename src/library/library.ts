import type { AudioFormatId } from '../audio/format.ts';
import type { Flights } from './flights.ts';
import type { HotAudio } from './hot-audio.ts';
import type { AudioHead, AudioMeta, ByteRange, LongBytes } from './store.ts';

/** Audio of the library, or the part of it that was asked for. */
export interface OpenAudio extends AudioHead {
  readonly body: Uint8Array | ReadableStream<Uint8Array>;
}

/** A finished recording from which every format is made. */
export interface Master {
  /** Mono, 24 kHz. */
  readonly samples: Int16Array;
  readonly meta: AudioMeta;
}

/** Finished audio by key and format: in memory, in the store, or made of the stored master. */
export interface AudioLibrary {
  /** Masters that are being made in this process, by key. */
  readonly flights: Flights<Master>;
  /** What is in this process's memory; {@link open} and {@link head} look there too. */
  readonly hot?: HotAudio;
  /**
   * Opens audio. What is being made in this process is waited for; a format that is not stored yet is made of the master and stored.
   * @returns null when there is no master of this key.
   * @throws {SoriError} `storage_unavailable`.
   */
  open(key: string, format: AudioFormatId, range?: ByteRange): Promise<OpenAudio | null>;
  /**
   * As {@link open}, without the bytes.
   * @param fresh asks the store itself: what is in memory may have been removed from there.
   * @throws {SoriError} `storage_unavailable`.
   */
  head(key: string, format: AudioFormatId, fresh?: boolean): Promise<AudioHead | null>;
  /**
   * Stores a master, and the formats asked for. When it returns, all of them are there whole.
   * @param ready formats that are encoded already, exactly as they would be from the master.
   * @throws {SoriError} `storage_unavailable`; then the key may have a master, whole, and lack formats.
   */
  admit(
    key: string,
    master: Master,
    formats: readonly AudioFormatId[],
    ready?: ReadonlyMap<AudioFormatId, Uint8Array>,
  ): Promise<void>;
  /**
   * Stores a master that another server made, in the very bytes in which that server keeps it, and formats of it. Where the key has a
   * master already, that stays, and `ready` is left alone: formats are to be of one recording.
   * @throws {SoriError} `storage_unavailable`.
   */
  adopt(
    key: string,
    wav: Uint8Array,
    meta: AudioMeta,
    ready?: ReadonlyMap<AudioFormatId, Uint8Array>,
  ): Promise<void>;
  /**
   * What is stored of a key in a format; makes nothing.
   * @throws {SoriError} `storage_unavailable`.
   */
  stored(key: string, format: AudioFormatId): Promise<AudioHead | null>;
  /**
   * Stores a recording, or a format of it, that is too long for memory; what is there stays.
   * @throws {SoriError} `storage_unavailable`.
   */
  admitLong(key: string, format: AudioFormatId, bytes: LongBytes, meta: AudioMeta): Promise<void>;
  /**
   * A key's master, for what is made of several.
   * @returns null when there is none.
   * @throws {SoriError} `storage_unavailable`.
   */
  master(key: string): Promise<Master | null>;
  /**
   * Removes masters and all that was made of them.
   * @throws {SoriError} `storage_unavailable`; then some of it may be left, and the call is to be made again.
   */
  remove(keys: readonly string[]): Promise<void>;
}

/** A library that trusts no memory when it is asked whether audio is there. */
export function freshLibrary(library: AudioLibrary): AudioLibrary {
  const head = (key: string, format: AudioFormatId) => library.head(key, format, true);
  return {
    ...library,
    head,
    open: async (key, format, range) => ((await head(key, format)) ? library.open(key, format, range) : null),
  };
}

import type { AudioTags } from '../audio/tags/types.ts';

/** What is kept beside stored audio. */
export interface AudioMeta {
  /** Model and version that spoke it: `sori-1@2.0.0`. */
  readonly model: string;
  /** Voices in it, comma-separated, or `style` where a style vector took their place. */
  readonly voice: string;
  /** Samples of its master at 24 kHz. */
  readonly samples: number;
  /** More than a few utterances: its MP3 states no length, as it was streamed before the length was known. */
  readonly long: boolean;
  /** Characters that were spoken. */
  readonly characters: number;
  /** LUFS to which telephony formats are brought, or null to leave them as they were made. */
  readonly telephonyLoudness: number | null;
  /** Integrated loudness of the master in LUFS; null when it is too quiet to tell. */
  readonly loudness: number | null;
  /** Id of the API key that alone may hear it; absent = anybody who knows its key. */
  readonly owner?: string;
  /** What its files say of where they come from. */
  readonly tags?: AudioTags;
}

/** Stored audio without its bytes. */
export interface AudioHead {
  /** Bytes of the whole. */
  readonly size: number;
  /** Hex SHA-256 of the whole. */
  readonly sha256: string;
  /** When it was stored, to the second. */
  readonly stored: Date;
  readonly meta: AudioMeta;
}

/** A name in a store. */
export interface StoredName {
  readonly name: string;
  readonly stored: Date;
}

/** Some names of a store, in order. */
export interface StoredNames {
  readonly names: readonly StoredName[];
  /** After which the next page begins; undefined on the last. */
  readonly next: string | undefined;
}

/** A part of stored audio. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Bytes that are too many for memory, known before they are read. */
export interface LongBytes {
  readonly size: number;
  /** Hex SHA-256; what turns out to be something else is not stored. */
  readonly sha256: string;
  /** Reads them from the start. */
  open(): ReadableStream<Uint8Array>;
}

/** Stored audio, or the part of it that was asked for, to be read once. */
export interface AudioObject extends AudioHead {
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * Keeps finished audio under names such as `<key>.wav`. A name's bytes never change, and are there whole or not at all.
 * Drivers: `r2`, `files` and `memory`; one contract test.
 */
export interface AudioStore {
  head(name: string): Promise<AudioHead | null>;
  /**
   * @param range must lie within the object.
   */
  get(name: string, range?: ByteRange): Promise<AudioObject | null>;
  /**
   * Stores audio unless the name is taken; of two writers at once, one writes.
   * @returns whether this call wrote it.
   */
  putIfAbsent(name: string, bytes: Uint8Array | LongBytes, meta: AudioMeta): Promise<boolean>;
  /**
   * Names in the order of their characters. Names that come or go meanwhile may be seen or not.
   * @param after name behind which the page begins; empty for the first page.
   * @param limit 1 to 1000; a page may have fewer all the same.
   */
  list(after: string, limit: number): Promise<StoredNames>;
  /** Removes what is there of `names`. */
  delete(names: readonly string[]): Promise<void>;
}

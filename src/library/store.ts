import type { AudioTags } from '../audio/tags/types.ts';

/** Metadata of stored audio. */
export interface AudioMeta {
  /** Model and version, as `sori-2@2.0.0`. */
  readonly model: string;
  /** Voices in it, comma-separated, or `style` where a style vector took their place. */
  readonly voice: string;
  /** Samples of its master at 24 kHz. */
  readonly samples: number;
  /** Whether it has more than a few utterances. Its MP3 then states no length, because it was streamed before the length was known. */
  readonly long: boolean;
  /** Characters of the spoken text. */
  readonly characters: number;
  /** Loudness of telephony formats in LUFS; null leaves the level unchanged. */
  readonly telephonyLoudness: number | null;
  /** Set for long speech, whose telephony formats are normalized to it by the loudness of their beginning. */
  readonly steady?: boolean;
  /** Parts of its text without effect, as the header `X-Sori-Ignored` lists them. Absent if there are none. */
  readonly ignored?: string;
  /** Integrated loudness of the master in LUFS; null when it is too quiet to measure. */
  readonly loudness: number | null;
  /** Licence of the model that made it, where that is a model of another maker for music or sound. */
  readonly licence?: string;
  /** Id of the API key that owns private audio; absent for public audio. */
  readonly owner?: string;
  /** Provenance tags of its files. */
  readonly tags?: AudioTags;
}

/** Stored audio without its bytes. */
export interface AudioHead {
  /** Length in bytes. */
  readonly size: number;
  /** Hex SHA-256 of the bytes. */
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

/** A page of names in order. */
export interface StoredNames {
  readonly names: readonly StoredName[];
  /** Name after which the next page begins; `undefined` on the last page. */
  readonly next: string | undefined;
}

/** A part of stored audio. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Bytes that are too many for memory, with their known length and hash. */
export interface LongBytes {
  readonly size: number;
  /** Hex SHA-256; bytes with another hash are not stored. */
  readonly sha256: string;
  /** Reads them from the start. */
  open(): ReadableStream<Uint8Array>;
}

/** Stored audio, whole or the requested part; can be read once. */
export interface AudioObject extends AudioHead {
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * Stores finished audio under names such as `<key>.wav`. The bytes of a name never change and are stored completely or not at all.
 * Drivers: `r2`, `files` and `memory`; one contract test.
 */
export interface AudioStore {
  head(name: string): Promise<AudioHead | null>;
  /**
   * @param range must lie within the object.
   */
  get(name: string, range?: ByteRange): Promise<AudioObject | null>;
  /**
   * Stores audio unless the name exists; of two concurrent writers one succeeds.
   * @param sha256 of bytes in memory, where it is known.
   * @returns whether this call wrote it. The bytes are then no longer read.
   */
  putIfAbsent(
    name: string,
    bytes: Uint8Array | LongBytes,
    meta: AudioMeta,
    sha256?: string,
  ): Promise<boolean>;
  /**
   * Lists names in code unit order. Names added or removed meanwhile may be missing or present.
   * @param after name after which the page begins; empty for the first page.
   * @param limit 1 to 1000; a page may have fewer names.
   */
  list(after: string, limit: number): Promise<StoredNames>;
  /** Removes `names` that exist. */
  delete(names: readonly string[]): Promise<void>;
}

import { LRUCache } from 'lru-cache';
import type { AudioHead } from './store.ts';

/** Audio in memory. The same object is returned until the entry is removed. */
export interface HotAudioEntry {
  readonly head: AudioHead;
  /** All bytes; must not be modified. */
  readonly bytes: Uint8Array;
}

/** Limits of {@link HotAudio}. */
export interface HotAudioOptions {
  /** Most bytes of all entries together; default 2 MiB, which fits into an isolate together with its models. */
  readonly maxBytes?: number;
  /** Lifetime of an entry in milliseconds, after which deleted audio is gone from memory; default 60,000. */
  readonly ttlMs?: number;
}

/** Approximate overhead of an entry in bytes. */
const ENTRY_BYTES = 1024;

/** Caches small audio that was requested recently: most requests for a catalogue are for a few prompts. */
export class HotAudio {
  /** Largest entry in bytes: about 5 s of WAV or 40 s of MP3. */
  static readonly MAX_BYTES = 256 * 1024;

  readonly #entries: LRUCache<string, HotAudioEntry>;

  constructor({ maxBytes = 2 * 1024 * 1024, ttlMs = 60_000 }: HotAudioOptions = {}) {
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ bytes }) => bytes.byteLength + ENTRY_BYTES,
      ttl: ttlMs,
      // lru-cache otherwise caches the time until a timer fires, and workerd drops timers when their request ends.
      ttlResolution: 0,
      perf: Date,
    });
  }

  /** @param name as in the store: `<key>.<format>`. */
  get(name: string): HotAudioEntry | undefined {
    return this.#entries.get(name);
  }

  /**
   * Stores audio in memory, unless it is larger than {@link MAX_BYTES} or private: deleted private audio must be gone at once.
   * @param bytes all bytes; must not change afterwards if they are kept.
   * @returns whether these bytes are kept, and not a copy.
   */
  set(name: string, { size, sha256, stored, meta }: AudioHead, bytes: Uint8Array): boolean {
    if (bytes.byteLength > HotAudio.MAX_BYTES || meta.owner !== undefined) return false;
    // Copy a view, which would keep its larger buffer in memory.
    const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
    this.#entries.set(name, { head: { size, sha256, stored, meta }, bytes: own });
    return own === bytes;
  }

  /** Removes audio. */
  delete(name: string): void {
    this.#entries.delete(name);
  }
}

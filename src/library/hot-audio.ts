import { LRUCache } from 'lru-cache';
import type { AudioHead } from './store.ts';

/** Audio in memory. The same object each time, as long as it is remembered. */
export interface HotAudioEntry {
  readonly head: AudioHead;
  /** The whole; not to be changed. */
  readonly bytes: Uint8Array;
}

/** Limits of {@link HotAudio}. */
export interface HotAudioOptions {
  /** Bytes of all of it together; default 2 MiB, which an isolate has to spare beside its models. */
  readonly maxBytes?: number;
  /** Milliseconds after which it is read anew, so that what was deleted is gone by then; default 60,000. */
  readonly ttlMs?: number;
}

/** What an entry takes beside its bytes, roughly. */
const ENTRY_BYTES = 1024;

/** The audio that was asked for last, if it is small: most requests for a catalogue are for a few of its prompts. */
export class HotAudio {
  /** Bytes of the longest audio that is kept: some 5 s of WAV, or 40 s of MP3. */
  static readonly MAX_BYTES = 256 * 1024;

  readonly #entries: LRUCache<string, HotAudioEntry>;

  constructor({ maxBytes = 2 * 1024 * 1024, ttlMs = 60_000 }: HotAudioOptions = {}) {
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ bytes }) => bytes.byteLength + ENTRY_BYTES,
      ttl: ttlMs,
      // The library otherwise remembers the time until a timer fires, and workerd drops timers with their request.
      ttlResolution: 0,
      perf: Date,
    });
  }

  /** @param name as in the store: `<key>.<format>`. */
  get(name: string): HotAudioEntry | undefined {
    return this.#entries.get(name);
  }

  /**
   * Keeps audio, unless it is longer than {@link MAX_BYTES}, or somebody's own: what is deleted of that must be gone at once, everywhere.
   * @param bytes the whole; must not change from now on.
   */
  set(name: string, { size, sha256, stored, meta }: AudioHead, bytes: Uint8Array): void {
    if (bytes.byteLength > HotAudio.MAX_BYTES || meta.owner !== undefined) return;
    // A view of a larger buffer would keep all of that.
    const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
    this.#entries.set(name, { head: { size, sha256, stored, meta }, bytes: own });
  }

  /** Forgets audio. */
  delete(name: string): void {
    this.#entries.delete(name);
  }
}

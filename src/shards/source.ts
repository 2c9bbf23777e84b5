/** Options of a read. */
export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Go past every cache on the way: the copy read before was damaged. */
  readonly fresh?: boolean;
}

/** Where manifests and shards come from. Drivers: `r2`, `http`, `fs`. */
export interface ShardSource {
  /** For messages: `r2:sori`, `https://…`, a folder. */
  readonly name: string;
  /**
   * Reads one object whole.
   * @param key path below the source's root: `sori-2/manifest.json`, `sori-2/3f…e2.bin`.
   * @returns the bytes, or `null` when there is no such object.
   * @throws on a transport failure, or with the signal's reason.
   */
  read(key: string, options?: ReadOptions): Promise<Uint8Array | null>;
}

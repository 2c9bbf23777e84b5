/** Bytes that a watermark carries. */
export const PAYLOAD_BYTES = 8;

/** Options that embedding and detection share. */
export interface WatermarkOptions {
  /**
   * Whole number from 0 to 2^32 - 1 that determines the pattern. The default is public in this code, so anyone can detect the watermark,
   * and anyone who reads the code can remove it.
   */
  readonly key?: number;
}

/** Options of embedding. */
export interface EmbedOptions extends WatermarkOptions {
  /** Position of these samples in a longer recording, so that the watermark continues across joined parts. Default 0. */
  readonly at?: number;
}

/** Result of {@link detectWatermark}. */
export interface WatermarkResult {
  readonly found: boolean;
  /** Agreement with the pattern, in standard deviations of unmarked audio. `found` is true from the threshold on. */
  readonly score: number;
  /** The 8 bytes, if their checksum is right. In short clips often only the presence of the watermark can be detected. */
  readonly payload?: Uint8Array;
}

/** Bytes that a watermark carries. */
export const PAYLOAD_BYTES = 8;

/** What both sides of a watermark must agree on. */
export interface WatermarkOptions {
  /**
   * Whole number from 0 to 2^32 - 1 that decides the pattern. The default stands in this public code: it lets anybody find the
   * mark, and does not hinder anybody who reads the code from removing it.
   */
  readonly key?: number;
}

/** How a watermark is put into a recording. */
export interface EmbedOptions extends WatermarkOptions {
  /** Where in a longer recording these samples will begin: marks of parts that are joined so go on as one. Default 0. */
  readonly at?: number;
}

/** What {@link detectWatermark} heard. */
export interface WatermarkResult {
  readonly found: boolean;
  /** How many standard deviations the sound agrees better with the pattern than unmarked sound does; `found` from the threshold on. */
  readonly score: number;
  /** The 8 bytes, where the checksum says that they came through; short clips tell only that they are marked. */
  readonly payload?: Uint8Array;
}

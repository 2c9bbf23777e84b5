/** Audio formats that the service writes. */
export const AUDIO_FORMATS = ['mp3', 'opus', 'flac', 'wav', 'pcm', 'mulaw', 'alaw'] as const;

/** One of {@link AUDIO_FORMATS}. */
export type AudioFormatId = (typeof AUDIO_FORMATS)[number];

/** Turns samples into a file or stream of one format, piece by piece. Made by `createEncoder`. */
export interface AudioEncoder {
  /** `audio/wav`, `audio/mpeg`, … */
  readonly contentType: string;
  /** Exact length of the whole answer in bytes where the format fixes it before encoding, else `undefined`. */
  readonly contentLength: number | undefined;
  /**
   * Encodes the next samples.
   * @param samples mono, 24 kHz, nominally in [-1, 1]; values outside are clipped.
   * @returns the bytes that are complete now (may be empty). Cutting the input elsewhere changes no byte of the whole.
   */
  encode(samples: Float32Array): Uint8Array;
  /** Flushes what is held back. No call may follow. */
  finish(): Uint8Array;
}

/** What an encoder must know before its first byte. */
export interface EncoderOptions {
  /** Samples at 24 kHz that will be given in all; headers state the true length. */
  readonly totalSamples: number;
}

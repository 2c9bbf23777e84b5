import type { AudioTags } from './tags/types.ts';

/** Audio formats that the service writes. */
export const AUDIO_FORMATS = [
  'mp3',
  'opus',
  'aac',
  'm4a',
  'flac',
  'wav',
  'pcm',
  'mulaw',
  'alaw',
  'mulaw-wav',
  'alaw-wav',
  'wav-8k',
] as const;

/** One of {@link AUDIO_FORMATS}. */
export type AudioFormatId = (typeof AUDIO_FORMATS)[number];

/** Fixed properties of a format. */
export interface FormatInfo {
  /** MIME type of the answer, as registered or as most servers send it. */
  readonly contentType: string;
  /** File name extension, without the dot. */
  readonly extension: string;
  /** Sample rate of the decoded audio. */
  readonly sampleRate: number;
}

/** MIME type, extension and rate of each format. */
export const FORMAT_INFO: Readonly<Record<AudioFormatId, FormatInfo>> = {
  mp3: { contentType: 'audio/mpeg', extension: 'mp3', sampleRate: 24_000 },
  // Opus decoders run at 48 kHz whatever the encoder was given (RFC 7845, section 5.1).
  opus: { contentType: 'audio/ogg; codecs=opus', extension: 'opus', sampleRate: 48_000 },
  aac: { contentType: 'audio/aac', extension: 'aac', sampleRate: 24_000 },
  // RFC 6381 would add the codec, but many players and servers compare types as text and expect this one.
  m4a: { contentType: 'audio/mp4', extension: 'm4a', sampleRate: 24_000 },
  flac: { contentType: 'audio/flac', extension: 'flac', sampleRate: 24_000 },
  wav: { contentType: 'audio/wav', extension: 'wav', sampleRate: 24_000 },
  pcm: { contentType: 'audio/pcm', extension: 'pcm', sampleRate: 24_000 },
  // RFC 2046, section 4.3: audio/basic is 8 kHz mono mu-law without a header.
  mulaw: { contentType: 'audio/basic', extension: 'ulaw', sampleRate: 8_000 },
  alaw: { contentType: 'audio/x-alaw-basic', extension: 'alaw', sampleRate: 8_000 },
  'mulaw-wav': { contentType: 'audio/wav', extension: 'wav', sampleRate: 8_000 },
  'alaw-wav': { contentType: 'audio/wav', extension: 'wav', sampleRate: 8_000 },
  'wav-8k': { contentType: 'audio/wav', extension: 'wav', sampleRate: 8_000 },
};

/** Formats at 8 kHz, for telephone exchanges: G.711 bare and in WAV, and 16-bit PCM in WAV. */
export const TELEPHONY_FORMATS = [
  'mulaw',
  'alaw',
  'mulaw-wav',
  'alaw-wav',
  'wav-8k',
] as const satisfies readonly AudioFormatId[];

/** One of {@link TELEPHONY_FORMATS}. */
export type TelephonyFormatId = (typeof TELEPHONY_FORMATS)[number];

/** Formats in WAV, whose header states the length. */
export const WAV_FORMATS: readonly AudioFormatId[] = ['wav', 'mulaw-wav', 'alaw-wav', 'wav-8k'];

/** Formats whose size in bytes depends only on the number of samples. Their encoders state `contentLength`. */
export const KNOWN_LENGTH_FORMATS: readonly AudioFormatId[] = ['wav', 'pcm', ...TELEPHONY_FORMATS];

/** Whether a format is a telephony format, at 8 kHz. */
export function isTelephony(format: AudioFormatId): format is TelephonyFormatId {
  return (TELEPHONY_FORMATS as readonly AudioFormatId[]).includes(format);
}

/** Turns samples into a file or stream of one format, piece by piece. Made by `createEncoder`. */
export interface AudioEncoder {
  /** `audio/wav`, `audio/mpeg`, … */
  readonly contentType: string;
  /** Exact length of the whole answer in bytes where the format fixes it before encoding, else `undefined`. */
  readonly contentLength: number | undefined;
  /**
   * Encodes the next samples.
   * @param samples mono, 24 kHz, nominally in [-1, 1]; values outside are clipped, NaN counts as 0. Not kept.
   * @returns the bytes that are complete now (may be empty). Cutting the input elsewhere changes no byte of the whole.
   * @throws {RangeError} on more samples than were announced, if a number was.
   */
  encode(samples: Float32Array): Uint8Array;
  /**
   * Encodes up to half a second of the samples that the encoder has taken but not encoded. Call it until it returns `undefined` before
   * {@link finish}, which otherwise encodes all of them at once. Absent in encoders that hold less than that.
   */
  encodeHeld?(): Uint8Array | undefined;
  /**
   * Flushes buffered output and closes. Only `close` may be called afterwards.
   * @throws {RangeError} when fewer samples came than were announced.
   */
  finish(): Uint8Array;
  /** Frees the codec's memory when speech is abandoned before `finish`. A second call does nothing. */
  close(): void;
}

/** Options of an encoder. */
export interface EncoderOptions {
  /**
   * Samples at 24 kHz that will be given in all; headers state the true length. `undefined` = not known yet: FLAC and M4A then state none, WAV
   * states the sizes of a stream, MP3 ends with up to 50 ms of silence, and no `contentLength` is known.
   */
  readonly totalSamples: number | undefined;
  /** LUFS to which a telephony format is brought by the loudness of its beginning; by default its level stays. */
  readonly loudness?: number;
  /** Written into the file's metadata. Raw formats (`pcm`, `mulaw`, `alaw`) have none. */
  readonly tags?: AudioTags;
}

import { ascii, concatBytes, concatSamples } from '../base/bytes.ts';
import { freeArrays } from '../base/free.ts';
import { Decimator, decimatedLength } from './decimate.ts';
import { ENCODED_AT_ONCE, finishInTurns } from './encoders/in-turns.ts';
import { SteadyLevel } from './encoders/steady-level.ts';
import { createNarrowbandSink } from './encoders/telephony.ts';
import { wavFrame } from './encoders/wav.ts';
import {
  type AudioEncoder,
  type AudioFormatId,
  type EncoderOptions,
  FORMAT_INFO,
  isTelephony,
  type TelephonyFormatId,
} from './format.ts';
import { level } from './level.ts';
import { PIECE, pieces } from './pieces.ts';
import { int16Bytes, SAMPLE_RATE, toFloat32Array, toInt16Array } from './samples.ts';
import type { AudioTags } from './tags/types.ts';

/** `createEncoder` or a replacement. */
export type EncoderFactory = (
  format: AudioFormatId,
  options: EncoderOptions,
) => AudioEncoder | Promise<AudioEncoder>;

/** A finished recording and the other inputs of its encoded formats. */
export interface TranscodingMaster {
  /** Mono, 24 kHz, as `toInt16Array` rounds them. */
  readonly samples: Int16Array;
  /** Whether it was streamed before its length was known. Its MP3 then states no length. */
  readonly long: boolean;
  /** Target loudness of telephony formats in LUFS, measured at 8 kHz. `null` keeps the loudness. */
  readonly telephonyLoudness: number | null;
  /** Whether telephony formats are brought to it by the loudness of their beginning, as they were streamed. */
  readonly steady?: boolean;
  /** Written into every format that can hold tags. */
  readonly tags?: AudioTags;
}

/**
 * Encodes a master into a format. The bytes equal those of the encoder that runs during synthesis, except for telephony formats with a
 * target loudness. Works piece by piece and yields to the event loop in between. In addition to the samples and the result it needs little memory
 * (telephony: two copies at 8 kHz).
 * @throws {RangeError} when the master is too long for the format.
 * @throws {Error} when the format's codec can't be loaded.
 */
export async function transcode(
  createEncoder: EncoderFactory,
  master: TranscodingMaster,
  format: AudioFormatId,
): Promise<Uint8Array> {
  if (isTelephony(format)) return await transcodeNarrowband(master, format);
  const { samples, long, tags } = master;
  const totalSamples = format === 'mp3' && long ? undefined : samples.length;
  const encoder = await createEncoder(format, tags ? { totalSamples, tags } : { totalSamples });
  try {
    const encoded = new Collector(encoder.contentLength);
    for await (const floats of floatPieces(samples, ENCODED_AT_ONCE)) encoded.add(encoder.encode(floats));
    for await (const bytes of finishInTurns(encoder)) encoded.add(bytes);
    return encoded.take();
  } finally {
    encoder.close();
  }
}

async function transcodeNarrowband(
  { samples, telephonyLoudness, steady, tags }: TranscodingMaster,
  format: TelephonyFormatId,
): Promise<Uint8Array> {
  const narrow = await decimated(samples);
  const { sampleRate } = FORMAT_INFO[format];
  const levelled =
    telephonyLoudness === null
      ? narrow
      : steady
        ? levelSteadily(narrow, sampleRate, telephonyLoudness)
        : await level(narrow, sampleRate, telephonyLoudness);
  const sink = createNarrowbandSink(format, levelled.length, tags);
  const encoded = new Collector(sink.contentLength);
  for await (const { from, to } of pieces(levelled.length))
    encoded.add(sink.push(levelled.subarray(from, to)));
  encoded.add(sink.finish());
  const bytes = encoded.take();
  freeArrays(narrow, levelled);
  return bytes;
}

function levelSteadily(samples: Int16Array, sampleRate: number, loudness: number): Int16Array {
  const steady = new SteadyLevel(sampleRate, loudness);
  return concatSamples([steady.push(samples), steady.finish()]);
}

async function decimated(samples: Int16Array): Promise<Int16Array> {
  const decimator = new Decimator();
  const narrow = new Int16Array(decimatedLength(samples.length));
  let at = 0;
  const add = (filtered: Float64Array) => {
    const rounded = toInt16Array(filtered);
    narrow.set(rounded, at);
    at += filtered.length;
    freeArrays(filtered, rounded);
  };
  for await (const floats of floatPieces(samples)) add(decimator.push(floats));
  add(decimator.finish());
  return narrow;
}

/** Writes a master as a WAV file: the bytes of the format `wav`. */
export function masterWav(samples: Int16Array, tags?: AudioTags): Uint8Array {
  const { header } = wavFrame({ coding: 'pcm', sampleRate: SAMPLE_RATE, samples: samples.length, tags });
  const bytes = new Uint8Array(header.length + 2 * samples.length);
  bytes.set(header);
  return int16Bytes(samples, bytes, header.length);
}

/**
 * Reads a file of {@link masterWav}.
 * @throws {RangeError} for anything else, cut or lengthened files included.
 */
export function readMasterWav(bytes: Uint8Array): Int16Array {
  const info = infoLength(bytes);
  const headerLength = HEADER.length + info;
  const count = (bytes.length - headerLength) / 2;
  if (!(Number.isInteger(count) && count >= 0)) {
    throw new RangeError(`a master has ${headerLength} bytes and 2 for each sample, not ${bytes.length}`);
  }
  const { header } = wavFrame({ coding: 'pcm', sampleRate: SAMPLE_RATE, samples: count });
  new DataView(header.buffer).setUint32(4, bytes.length - 8, true);
  const same = header.every((byte, i) => byte === bytes[i < INFO_AT ? i : i + info]);
  if (!same) throw new RangeError(`these ${bytes.length} bytes are no master: their header is another`);
  const samples = new Int16Array(count);
  for (let i = 0, at = headerLength; i < count; i++, at += 2) samples[i] = bytes[at] | (bytes[at + 1] << 8);
  return samples;
}

const { header: HEADER } = wavFrame({ coding: 'pcm', sampleRate: SAMPLE_RATE, samples: 0 });
/** Tags are before the data chunk. */
const INFO_AT = HEADER.length - 8;

/** Bytes of the tags. */
function infoLength(bytes: Uint8Array): number {
  const named = ascii('LIST').every((byte, i) => bytes[INFO_AT + i] === byte);
  if (!named || bytes.length < HEADER.length) return 0;
  return 8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(INFO_AT + 4, true);
}

/** The samples as floats, piece by piece. All pieces use the same memory. */
async function* floatPieces(samples: Int16Array, size = PIECE): AsyncGenerator<Float32Array> {
  const room = new Float32Array(Math.min(size, samples.length));
  for await (const { from, to } of pieces(samples.length, size)) {
    yield toFloat32Array(samples.subarray(from, to), room);
  }
  freeArrays(room);
}

/** Joins pieces, without a copy where the total length is known. */
class Collector {
  readonly #whole: Uint8Array | undefined;
  readonly #pieces: Uint8Array[] = [];
  #filled = 0;

  constructor(length: number | undefined) {
    if (length !== undefined) this.#whole = new Uint8Array(length);
  }

  add(piece: Uint8Array): void {
    if (this.#whole) this.#whole.set(piece, this.#filled);
    else this.#pieces.push(piece);
    this.#filled += piece.length;
  }

  take(): Uint8Array {
    return this.#whole ?? concatBytes(this.#pieces);
  }
}

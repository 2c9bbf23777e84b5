import { MPEGDecoder } from 'mpg123-decoder';
import { OggOpusDecoder } from 'ogg-opus-decoder';
import { SoriError } from '../../errors.ts';
import type { WavAudio } from '../wav-reader.ts';
import { kindOf, readPlain } from './kinds.ts';

/** Bytes given to a decoder at once: however densely a file is packed, what comes out of so few fits in memory. */
const MP3_PIECE = 16 * 1024;
const OGG_PIECE = 1024;

/** What both decoders give. */
interface Decoded {
  readonly channelData: readonly Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
  /** Packets that could not be decoded: they are left out, and told of on standard error. */
  readonly errors?: readonly unknown[];
}

/** What both decoders are. */
interface Decoder {
  readonly ready: Promise<void>;
  decode(bytes: Uint8Array): Decoded | Promise<Decoded>;
  flush?(): Decoded | Promise<Decoded>;
  free(): void;
}

/**
 * Reads WAV, FLAC, MP3 and Ogg Opus, told apart by their first bytes, as mono. In Node only: decoders of MP3 and Opus compile WebAssembly
 * as they run, which workerd forbids. A file is read piece by piece, and no further than it may be long.
 * @throws {SoriError} `invalid_reference` when it is damaged, of another kind, or longer than `maxSeconds`.
 */
export async function decodeRecording(bytes: Uint8Array, maxSeconds: number): Promise<WavAudio> {
  const kind = kindOf(bytes);
  if (kind === 'mp3') return await readAll(new MPEGDecoder(), bytes, MP3_PIECE, 'MP3', maxSeconds);
  if (kind !== 'ogg') return readPlain(bytes, { maxSeconds });
  const decoder = new OggOpusDecoder() as unknown as Decoder;
  return await readAll(decoder, bytes, OGG_PIECE, 'Ogg Opus', maxSeconds);
}

async function readAll(
  decoder: Decoder,
  bytes: Uint8Array,
  piece: number,
  format: string,
  maxSeconds: number,
): Promise<WavAudio> {
  const parts: Float32Array[] = [];
  let length = 0;
  let sampleRate = 0;
  const take = ({ channelData, samplesDecoded, sampleRate: rate, errors = [] }: Decoded) => {
    // MP3 files hold all kinds of things between their frames; Ogg files don't.
    if (errors.length > 0 && format === 'Ogg Opus') throw invalid(`This ${format} file is damaged.`);
    if (samplesDecoded === 0) return;
    if (sampleRate !== 0 && rate !== sampleRate)
      throw invalid(`This ${format} file changes its sample rate.`);
    sampleRate = rate;
    length += samplesDecoded;
    if (length > maxSeconds * rate) {
      throw invalid(`This ${format} file lasts longer than ${maxSeconds} s; at most so many are read.`);
    }
    parts.push(mono(channelData, samplesDecoded));
  };
  try {
    await decoder.ready;
    for (let at = 0; at < bytes.length; at += piece) {
      take(await decoder.decode(bytes.subarray(at, at + piece)));
    }
    if (decoder.flush) take(await decoder.flush());
  } catch (cause) {
    if (cause instanceof SoriError) throw cause;
    throw invalid(`This ${format} file is damaged, or not what it seems to be.`, cause);
  } finally {
    decoder.free();
  }
  if (length === 0) throw invalid(`This ${format} file holds no sound that can be read.`);
  const samples = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  if (!samples.every(Number.isFinite)) throw invalid(`This ${format} file is damaged.`);
  return { samples, sampleRate };
}

/** The mean of all channels; a copy, since decoders use their memory again. */
function mono(channels: readonly Float32Array[], length: number): Float32Array {
  const sum = channels[0].slice(0, length);
  for (const channel of channels.slice(1)) for (let i = 0; i < length; i++) sum[i] += channel[i];
  return channels.length === 1 ? sum : sum.map((value) => value / channels.length);
}

function invalid(message: string, cause?: unknown): SoriError {
  return new SoriError('invalid_reference', message, { param: 'reference', cause });
}

import { MPEGDecoder } from 'mpg123-decoder';
import { OpusDecoder } from 'opus-decoder';
import { SoriError } from '../../base/errors.ts';
import type { WavAudio } from '../wav-reader.ts';
import { kindOf, readPlain } from './kinds.ts';
import { OggFault, type OggPacket, oggPackets } from './ogg-packets.ts';

/** Bytes given to a decoder at once, few enough that the output fits in memory at any compression. */
const MP3_PIECE = 16 * 1024;
const OPUS_PACKETS = 16;

/** Output of both decoders. */
interface Decoded {
  readonly channelData: readonly Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
}

/** A file that is decoded piece by piece. */
type Pieces = AsyncGenerator<Decoded, void>;

/**
 * Reads WAV, FLAC, MP3 and Ogg Opus, detected by their first bytes, as mono. Runs in Node only: the decoders of MP3 and Opus compile
 * WebAssembly at run time, which workerd forbids. A file is read piece by piece, up to the maximum length.
 * @throws {SoriError} `invalid_reference` when it is damaged, of another kind, or longer than `maxSeconds`.
 */
export async function decodeRecording(bytes: Uint8Array, maxSeconds: number): Promise<WavAudio> {
  const kind = kindOf(bytes);
  if (kind === 'mp3') return await readAll(mp3Pieces(bytes), 'MP3', maxSeconds);
  if (kind === 'ogg') return await readAll(opusPieces(bytes), 'Ogg Opus', maxSeconds);
  return await readPlain(bytes, { maxSeconds });
}

async function* mp3Pieces(bytes: Uint8Array): Pieces {
  const decoder = new MPEGDecoder();
  try {
    await decoder.ready;
    for (let at = 0; at < bytes.length; at += MP3_PIECE) {
      yield decoder.decode(bytes.subarray(at, at + MP3_PIECE));
    }
  } finally {
    decoder.free();
  }
}

/** RFC 7845: an identification packet, a comment packet, then audio packets. */
async function* opusPieces(bytes: Uint8Array): Pieces {
  const packets = oggPackets(bytes);
  const { channels, preSkip } = readHead(packets.next().value?.bytes);
  packets.next();
  const channelMappingTable = Array.from({ length: channels }, (_, channel) => channel);
  const layout = { channels, streamCount: 1, coupledStreamCount: channels - 1, channelMappingTable };
  const decoder = new OpusDecoder({ ...layout, preSkip });
  try {
    await decoder.ready;
    let given = 0;
    let group: OggPacket[] = [];
    const decode = (last: boolean): Decoded => {
      const decoded = decoder.decodeFrames(group.map((packet) => packet.bytes));
      if (decoded.errors.length > 0) throw new OggFault('it holds packets that are no Opus');
      // The granule position after the last packet says how many of its samples count.
      const end = last ? group.at(-1)?.granule : undefined;
      const most = end === undefined ? decoded.samplesDecoded : Math.max(0, end - preSkip - given);
      given += decoded.samplesDecoded;
      group = [];
      return { ...decoded, samplesDecoded: Math.min(decoded.samplesDecoded, most) };
    };
    for (const packet of packets) {
      if (group.length === OPUS_PACKETS) yield decode(false);
      group.push(packet);
    }
    if (group.length > 0) yield decode(true);
  } finally {
    decoder.free();
  }
}

/** @throws {OggFault}; {@link SoriError} `invalid_reference` for what is not read. */
function readHead(head: Uint8Array | undefined): { channels: number; preSkip: number } {
  const name = head && String.fromCharCode(...head.subarray(0, 8));
  if (head === undefined || name !== 'OpusHead' || head.length < 19) {
    throw invalid('This Ogg file holds no Opus; other codecs in Ogg are not read.');
  }
  const [version, channels, low, high] = head.subarray(8);
  if (version >= 16) throw new OggFault('it is of a version that is not known');
  if (channels !== 1 && channels !== 2) {
    throw invalid(`This Ogg Opus file has ${channels} channels; mono and stereo are read.`);
  }
  return { channels, preSkip: low + 256 * high };
}

async function readAll(pieces: Pieces, format: string, maxSeconds: number): Promise<WavAudio> {
  const parts: Float32Array[] = [];
  let length = 0;
  let rate = 0;
  try {
    for await (const { channelData, samplesDecoded, sampleRate } of pieces) {
      if (samplesDecoded === 0) continue;
      if (rate !== 0 && rate !== sampleRate) throw invalid(`This ${format} file changes its sample rate.`);
      rate = sampleRate;
      length += samplesDecoded;
      if (length > maxSeconds * rate) {
        throw invalid(`This ${format} file lasts longer than ${maxSeconds} s; at most so many are read.`);
      }
      parts.push(mono(channelData, samplesDecoded));
    }
  } catch (cause) {
    if (cause instanceof SoriError) throw cause;
    const what = cause instanceof OggFault ? `: ${cause.message}` : ', or not what it seems to be';
    throw invalid(`This ${format} file is damaged${what}.`, cause);
  }
  if (length === 0) throw invalid(`This ${format} file holds no sound that can be read.`);
  const samples = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  if (!samples.every(Number.isFinite)) throw invalid(`This ${format} file is damaged.`);
  return { samples, sampleRate: rate };
}

/** The mean of all channels. A copy, since decoders reuse their memory. */
function mono(channels: readonly Float32Array[], length: number): Float32Array {
  const sum = channels[0].slice(0, length);
  for (const channel of channels.slice(1)) for (let i = 0; i < length; i++) sum[i] += channel[i];
  return channels.length === 1 ? sum : sum.map((value) => value / channels.length);
}

function invalid(message: string, cause?: unknown): SoriError {
  return new SoriError('invalid_reference', message, { param: 'reference', cause });
}

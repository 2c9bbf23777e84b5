import { SoriError } from '../../base/errors.ts';
import { inTurns, type Work } from '../../base/turns.ts';
import { OpusPacketDecoder } from '../codecs/opus-decoder.ts';
import { PacketDecoder, PacketFault, type SoundDecoder } from '../codecs/recordings.ts';
import { type WavAudio, wavWork } from '../wav-reader.ts';
import { flacWork } from './flac.ts';
import { kindOf, type RecordingKind } from './kinds.ts';
import { mp4Track } from './mp4.ts';
import { adtsTrack, mp3Track } from './mpeg-frames.ts';
import { oggTrack, opusHeadOf } from './ogg.ts';
import { FileFault, type PackedTrack, UnreadFault } from './track.ts';
import { webmTrack } from './webm.ts';

/** Seconds of sound that are decoded at a stretch: some milliseconds of work. */
const SECONDS_AT_ONCE = 0.5;
/** Number of undecodable packets in a row that are skipped. The first ones of a cut MP3 refer to earlier packets. */
const MAX_BAD = 3;
/** Sample rates, as for FLAC: a minute at a higher rate does not fit in an isolate. */
const MIN_RATE = 7350;
const MAX_RATE = 96_000;

type Packed = Exclude<RecordingKind, 'wav' | 'flac'>;

const READERS: Readonly<Record<Packed, (bytes: Uint8Array) => PackedTrack>> = {
  mp3: mp3Track,
  aac: adtsTrack,
  mp4: mp4Track,
  webm: webmTrack,
  ogg: oggTrack,
};

const NAMES: Readonly<Record<Packed, string>> = {
  mp3: 'MP3 file',
  aac: 'AAC file',
  mp4: 'MP4 file (m4a)',
  webm: 'WebM file',
  ogg: 'Ogg file',
};

/**
 * Reads a recording as mono. The file name does not matter. Formats: WAV, FLAC, MP3, AAC-LC, ALAC, Opus and Vorbis, in MP4 (m4a), ADTS,
 * WebM, Matroska and Ogg. Works in pieces and yields to the event loop between them, up to the maximum length.
 * @throws {SoriError} `invalid_reference` when it is damaged, of another kind, or longer than `maxSeconds`; the signal's reason.
 */
export async function decodeRecording(
  bytes: Uint8Array,
  maxSeconds: number,
  signal?: AbortSignal,
): Promise<WavAudio> {
  const kind = kindOf(bytes);
  if (kind === undefined)
    throw invalid('This recording is not a WAV, FLAC, MP3, M4A, AAC, WebM or Ogg file.');
  if (kind === 'wav') return await inTurns(wavWork(bytes, { maxSeconds }), signal);
  if (kind === 'flac') return await inTurns(flacWork(bytes, { maxSeconds }), signal);
  const name = NAMES[kind];
  let decoder: SoundDecoder | undefined;
  try {
    const track = READERS[kind](bytes);
    decoder = await decoderOf(track);
    return await inTurns(sound(track, decoder, name, maxSeconds), signal);
  } catch (cause) {
    if (cause instanceof UnreadFault || (cause instanceof PacketFault && cause.unsupported)) {
      throw invalid(`This ${name} can't be read: ${cause.message}.`, cause);
    }
    if (cause instanceof FileFault || cause instanceof PacketFault) {
      throw invalid(`This ${name} is damaged: ${cause.message}.`, cause);
    }
    throw cause;
  } finally {
    decoder?.close();
  }
}

async function decoderOf({ codec, config }: PackedTrack): Promise<SoundDecoder> {
  if (codec === 'opus') return await OpusPacketDecoder.open(opusHeadOf(config).channels);
  return await PacketDecoder.open(codec, config);
}

function* sound(track: PackedTrack, decoder: SoundDecoder, name: string, maxSeconds: number): Work<WavAudio> {
  const parts: Float32Array[] = [];
  let length = 0;
  let unbroken = 0;
  let rate = 0;
  const start = track.skip ?? (track.codec === 'opus' ? opusHeadOf(track.config).preSkip / decoder.rate : 0);
  const tooLong = () =>
    invalid(`This ${name} lasts longer than ${maxSeconds} s; the limit is ${maxSeconds} s.`);
  let bad = 0;
  for (const packet of track.packets) {
    if (packet.length === 0) {
      yield;
      continue;
    }
    const samples = decoded(decoder, packet, ++bad > MAX_BAD);
    if (samples === undefined) continue;
    bad = 0;
    if (rate !== 0 && rate !== decoder.rate) throw invalid(`This ${name} changes its sample rate.`);
    rate = decoder.rate;
    if (rate < MIN_RATE || rate > MAX_RATE)
      throw invalid(`This ${name} has a rate of ${rate} Hz, which is not read.`);
    // The last packet may be padded.
    if (length > (start + maxSeconds) * rate) throw tooLong();
    parts.push(samples);
    length += samples.length;
    unbroken += samples.length;
    if (unbroken < SECONDS_AT_ONCE * rate) continue;
    unbroken = 0;
    yield;
  }
  const skip = Math.min(length, Math.round(start * rate));
  const take = Math.min(length - skip, Math.round((track.take?.() ?? Infinity) * rate));
  if (take > maxSeconds * rate) throw tooLong();
  if (take === 0) throw invalid(`This ${name} contains no readable audio.`);
  return { samples: yield* cut(parts, skip, take), sampleRate: rate };
}

/** @returns `undefined` for a packet that is passed over. */
function decoded(decoder: SoundDecoder, packet: Uint8Array, strict: boolean): Float32Array | undefined {
  try {
    const samples = decoder.decode(packet);
    if (!samples.every(Number.isFinite)) throw new PacketFault(false);
    return samples;
  } catch (error) {
    if (strict || !(error instanceof PacketFault) || error.unsupported) throw error;
    return undefined;
  }
}

/** Joins parts without the padding before and after the sound. */
function* cut(parts: readonly Float32Array[], skip: number, take: number): Work<Float32Array> {
  const whole = new Float32Array(take);
  let at = -skip;
  let copied = 0;
  for (const part of parts) {
    const from = Math.max(0, -at);
    const to = Math.min(part.length, take - at);
    if (from < to) whole.set(part.subarray(from, to), at + from);
    at += part.length;
    copied += part.length;
    if (copied < 2 ** 22) continue;
    copied = 0;
    yield;
  }
  return whole;
}

function invalid(message: string, cause?: unknown): SoriError {
  return new SoriError('invalid_reference', message, { param: 'reference', cause });
}

import { SoriError } from '../../base/errors.ts';
import { inTurns } from '../../base/turns.ts';
import { type WavAudio, type WavLimits, wavWork } from '../wav-reader.ts';
import { flacWork } from './flac.ts';

/** A file format of recordings. */
export type RecordingKind = 'wav' | 'flac' | 'mp3' | 'ogg' | 'mp4';

/** Formats whose decoders compile WebAssembly at run time, which workerd forbids. */
const OF_NODE: ReadonlySet<RecordingKind | undefined> = new Set(['mp3', 'ogg']);

/** Detects the format by the first bytes; `undefined` for any other file. */
export function kindOf(bytes: Uint8Array): RecordingKind | undefined {
  const text = (at: number, length: number) => String.fromCharCode(...bytes.subarray(at, at + length));
  const start = text(0, 4);
  if (start === 'RIFF') return 'wav';
  if (start === 'fLaC') return 'flac';
  if (start === 'OggS') return 'ogg';
  if (text(4, 4) === 'ftyp') return 'mp4';
  const isMp3 = start.startsWith('ID3') || (bytes[0] === 0xff && (bytes[1] & 0xe6) === 0xe2);
  return isMp3 ? 'mp3' : undefined;
}

/** Lower bound for the bytes of a second of speech in MP3 or Ogg. */
const PACKED_BYTES = 2000;

/** Estimates the seconds of a recording from its header, to know the cost before decoding. */
export function secondsOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = kindOf(bytes);
  if (kind === 'wav' && bytes.length >= 44) {
    // Sample rate and bytes of a frame, if the format chunk is the first, as it nearly always is.
    const rate = view.getUint32(24, true) * view.getUint16(32, true);
    return bytes.length / (rate || PACKED_BYTES);
  }
  if (kind === 'flac' && bytes.length >= 42) {
    const rate = view.getUint32(18) >>> 12;
    const total = (view.getUint8(21) & 15) * 2 ** 32 + view.getUint32(22);
    if (rate > 0 && total > 0) return total / rate;
  }
  return bytes.length / PACKED_BYTES;
}

/** Is this a recording that only an origin can read? */
export const needsNode = (bytes: Uint8Array): boolean => OF_NODE.has(kindOf(bytes));

/**
 * Reads WAV and FLAC, which need no WebAssembly decoder, as mono. Others get their turn of the event loop in between.
 * @throws {SoriError} `invalid_reference` when it is damaged, of another kind, or longer than the limit.
 */
export async function readPlain(bytes: Uint8Array, limits: WavLimits): Promise<WavAudio> {
  const kind = kindOf(bytes);
  if (kind === 'wav') return await inTurns(wavWork(bytes, limits));
  if (kind === 'flac') return await inTurns(flacWork(bytes, limits));
  throw unreadable(kind);
}

/** The error for a file of another format. */
export function unreadable(kind: RecordingKind | undefined): SoriError {
  const what = {
    mp4: 'This recording is an MP4 file (m4a): AAC is not read. Save it as WAV, FLAC, MP3 or Ogg Opus.',
    mp3: 'This recording is an MP3 file, which is read by origins only; WAV and FLAC are read everywhere.',
    ogg: 'This recording is an Ogg file, which is read by origins only; WAV and FLAC are read everywhere.',
  };
  const message =
    kind !== undefined && Object.hasOwn(what, kind)
      ? what[kind as keyof typeof what]
      : 'This recording is no WAV, FLAC, MP3 or Ogg Opus file.';
  return new SoriError('invalid_reference', message, { param: 'reference' });
}

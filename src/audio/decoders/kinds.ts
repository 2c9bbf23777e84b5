import { id3Length } from './mpeg-frames.ts';

/** A file format of recordings; `aac` is ADTS. */
export type RecordingKind = 'wav' | 'flac' | 'mp3' | 'aac' | 'ogg' | 'mp4' | 'webm';

/** Detects the format by the first bytes; `undefined` for any other file. */
export function kindOf(bytes: Uint8Array): RecordingKind | undefined {
  const text = (at: number, length: number) => String.fromCharCode(...bytes.subarray(at, at + length));
  const start = text(0, 4);
  if (start === 'RIFF') return 'wav';
  if (start === 'fLaC') return 'flac';
  if (start === 'OggS') return 'ogg';
  if (text(4, 4) === 'ftyp') return 'mp4';
  if (start === '\x1a\x45\xdf\xa3') return 'webm';
  // A tag of ID3 is before MP3 nearly always.
  const at = Math.min(id3Length(bytes), bytes.length);
  const first = bytes[at];
  const second = bytes[at + 1];
  if (first === 0xff && (second & 0xf6) === 0xf0) return 'aac';
  return at > 0 || (first === 0xff && (second & 0xe6) === 0xe2) ? 'mp3' : undefined;
}

/** Lower bound for the bytes of a second of speech in the other formats. */
const PACKED_BYTES = 2000;

/** Estimates the seconds of a recording from its header, so that its cost is known before decoding. */
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

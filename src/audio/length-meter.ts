import { msbFirstCrc } from '../base/crc.ts';
import { FLAC_BLOCK } from './encoders/flac.ts';
import { type AudioFormatId, FORMAT_INFO } from './format.ts';
import { AdtsFrames, Mp4Fragments } from './frame-meters.ts';

/** Measures the length of speech in one of our files while it is streamed. */
export interface LengthMeter {
  /** Reads the next bytes. Stores only a few of them. */
  push(bytes: Uint8Array): void;
  /**
   * Milliseconds of speech in what has passed; of FLAC, what its header states or else its frames. MP3 that was streamed before its length
   * was known, and AAC, may have up to 50 ms of silence at their end, which count.
   * @returns `undefined` for other files.
   */
  ms(): number | undefined;
}

/** Maximum size of headers. */
const HEAD_BYTES = 1024;
/** More than two Ogg pages of the size that we write. */
const TAIL_BYTES = 16_384;
/** MPEG-2 Layer III at a constant rate and 24 kHz, as we write it. */
const MP3 = { frameMs: 24, delayMs: 24 } as const;
/** Bytes of its frames by the index of the bit rate: 64 kbit/s, as earlier versions wrote, and 80. */
const MP3_FRAME_BYTES: Readonly<Record<number, number>> = { 8: 192, 9: 240 };
/** Bytes per millisecond of formats without a header. */
const RAW: Readonly<Partial<Record<AudioFormatId, number>>> = { pcm: 48, mulaw: 8, alaw: 8 };

/** Formats whose frames state their lengths. */
const FRAME_METERS: Readonly<Partial<Record<AudioFormatId, new () => LengthMeter>>> = {
  aac: AdtsFrames,
  m4a: Mp4Fragments,
};

/** Stored parts of a stream. */
interface Ends {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  readonly total: number;
}

/**
 * Measures speech of a format without decoding it.
 *
 * @example
 * ```ts
 * const meter = createLengthMeter('opus');
 * for await (const bytes of body) meter.push(bytes);
 * meter.ms(); // 1210
 * ```
 */
export function createLengthMeter(format: AudioFormatId): LengthMeter {
  const head = new Uint8Array(HEAD_BYTES);
  // Twice the size, so that few bytes are moved when it is full.
  const recent = new Uint8Array(2 * TAIL_BYTES);
  let filled = 0;
  let total = 0;
  const Frames = FRAME_METERS[format];
  const frames = Frames && new Frames();
  return {
    push(bytes) {
      frames?.push(bytes);
      if (total < HEAD_BYTES) head.set(bytes.subarray(0, HEAD_BYTES - total), total);
      total += bytes.length;
      if (format !== 'opus' && format !== 'flac') return;
      const last = bytes.subarray(-TAIL_BYTES);
      if (filled + last.length > recent.length) {
        recent.copyWithin(0, filled - TAIL_BYTES, filled);
        filled = TAIL_BYTES;
      }
      recent.set(last, filled);
      filled += last.length;
    },
    ms: () =>
      frames
        ? frames.ms()
        : measure(format, {
            head: head.subarray(0, Math.min(total, HEAD_BYTES)),
            tail: recent.subarray(Math.max(0, filled - TAIL_BYTES), filled),
            total,
          }),
  };
}

function measure(format: AudioFormatId, ends: Ends): number | undefined {
  const perMs = RAW[format];
  if (perMs !== undefined) return ends.total / perMs;
  if (format === 'mp3') return ofMp3(ends);
  if (format === 'opus') return ofOpus(ends);
  if (format === 'flac') return ofFlac(ends);
  return ofWav(ends);
}

/** Computed from the received bytes, not from the announced size, since the stream may have been cut. */
function ofWav({ head, total }: Ends): number | undefined {
  if (!startsWith(head, 0, 'RIFF')) return undefined;
  const view = viewOf(head);
  for (let at = 12; at + 8 <= head.length; at += 8 + evened(view.getUint32(at + 4, true))) {
    if (!startsWith(head, at, 'data')) continue;
    const bytesPerSecond = view.getUint32(28, true);
    const announced = view.getUint32(at + 4, true);
    return (Math.min(announced, total - at - 8) / bytesPerSecond) * 1000;
  }
  return undefined;
}

function ofMp3({ head, total }: Ends): number | undefined {
  const tagged = startsWith(head, 0, 'ID3');
  const tag = tagged ? 10 + (head[6] << 21) + (head[7] << 14) + (head[8] << 7) + head[9] : 0;
  const frameBytes = MP3_FRAME_BYTES[head[tag + 2] >> 4];
  if (frameBytes === undefined) return undefined;
  const frames = Math.floor((total - tag) / frameBytes);
  // The first frame is the Info tag.
  const most = Math.max(0, (frames - 1) * MP3.frameMs - MP3.delayMs);
  if (tag + 157 > head.length || !startsWith(head, tag + 13, 'Info')) return most;
  const view = viewOf(head);
  if (view.getUint32(tag + 17) !== 15) return most;
  const padding = view.getUint32(tag + 153) & 0xfff;
  const exact = view.getUint32(tag + 21) * MP3.frameMs - MP3.delayMs - padding / 24;
  return Math.min(most, exact);
}

/** Granule position of the last page minus the pre-skip (RFC 7845, section 4). */
function ofOpus({ head, tail }: Ends): number | undefined {
  if (!startsWith(head, 0, 'OggS') || !startsWith(head, 28, 'OpusHead')) return undefined;
  const serial = viewOf(head).getUint32(14, true);
  const preSkip = viewOf(head).getUint16(38, true);
  const view = viewOf(tail);
  for (let at = tail.length - 27; at >= 0; at--) {
    if (!startsWith(tail, at, 'OggS') || tail[at + 4] !== 0) continue;
    if (view.getUint32(at + 14, true) !== serial) continue;
    const granule = Number(view.getBigUint64(at + 6, true));
    return Math.max(0, granule - preSkip) / (FORMAT_INFO.opus.sampleRate / 1000);
  }
  return undefined;
}

/** Total of samples in STREAMINFO (RFC 9639, section 8.2). 0 means "unknown": then by the number of the last frame. */
function ofFlac({ head, tail }: Ends): number | undefined {
  if (!startsWith(head, 0, 'fLaC') || head.length < 26) return undefined;
  const samples = (head[21] & 0xf) * 2 ** 32 + viewOf(head).getUint32(22);
  if (samples > 0) return samples / 24;
  for (let at = tail.length - 8; at >= 0; at--) {
    const counted = flacFrameEnd(tail, at);
    if (counted !== undefined) return counted / 24;
  }
  return undefined;
}

const crc8 = msbFirstCrc(8, 0x07);

/** The sample after a frame of ours that begins here, if one does (RFC 9639, section 9.1): its header ends with a checksum. */
function flacFrameEnd(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at] !== 0xff || bytes[at + 1] !== 0xf8) return undefined;
  const lead = bytes[at + 4];
  // The bits set at the top of the number's first byte count its bytes.
  const length = lead < 0x80 ? 1 : Math.clz32(~(lead << 24));
  let frame = length === 1 ? lead : lead & (0x7f >> length);
  for (let i = 1; i < length; i++) frame = frame * 64 + (bytes[at + 4 + i] & 0x3f);
  const short = bytes[at + 2] >> 4 === 7;
  const sizeAt = at + 4 + length;
  const end = sizeAt + (short ? 2 : 0);
  if (end >= bytes.length || crc8(bytes.subarray(at, end)) !== bytes[end]) return undefined;
  return frame * FLAC_BLOCK + (short ? bytes[sizeAt] * 256 + bytes[sizeAt + 1] + 1 : FLAC_BLOCK);
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
const evened = (length: number) => length + (length % 2);

function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

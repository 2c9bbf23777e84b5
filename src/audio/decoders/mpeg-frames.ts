import { FileFault, type PackedTrack, UnreadFault } from './track.ts';

/** Bytes between frames that are passed over, in all. */
const MAX_JUNK = 64 * 1024;
/** Bytes that are searched for a frame at a stretch. */
const SEARCHED_AT_ONCE = 2 ** 20;

/** A frame of MP3 or ADTS. */
interface Frame {
  /** Bytes with the header. */
  readonly length: number;
  readonly rate: number;
}

/** kbit/s of layer III by index: MPEG 1, then MPEG 2 and 2.5. */
const BITRATES = [
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];
const MP3_RATES = [44_100, 48_000, 32_000];
const AAC_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
];
/** Samples by which a decoder of MP3 is late. */
const DECODER_DELAY = 529;

/** Bytes of an ID3v2 tag at the beginning of a file. */
export function id3Length(bytes: Uint8Array): number {
  if (bytes.length < 10 || bytes[0] !== 0x49 || bytes[1] !== 0x44 || bytes[2] !== 0x33) return 0;
  const size = bytes.subarray(6, 10).reduce((sum, byte) => sum * 128 + (byte & 127), 0);
  const footer = (bytes[5] & 0x10) === 0 ? 0 : 10;
  return 10 + size + footer;
}

/**
 * Reads the frames of an MP3 file. The delay that its encoder states is skipped.
 * @throws {FileFault} when no frame is found.
 */
export function mp3Track(bytes: Uint8Array): PackedTrack {
  const start = firstFrame(bytes, mp3Frame);
  const first = mp3Frame(bytes, start);
  if (first === undefined) throw new FileFault('it contains no audio frame');
  const info = readInfo(bytes.subarray(start, start + first.length));
  const packets = frames(bytes, start + (info ? first.length : 0), mp3Frame);
  const perFrame = first.rate > 24_000 ? 1152 : 576;
  const track = { codec: 'mp3', config: new Uint8Array(0), packets } as const;
  if (info?.delay === undefined) return track;
  const { delay, padding, count } = info;
  const skip = (delay + DECODER_DELAY) / first.rate;
  const samples = count * perFrame - delay - padding;
  return { ...track, skip, ...(count > 0 && samples > 0 && { take: () => samples / first.rate }) };
}

/** The frame of Xing or LAME: no sound, but the number of frames and the encoder's delay. */
function readInfo(frame: Uint8Array) {
  const mpeg1 = (frame[1] & 8) !== 0;
  const single = frame[3] >> 6 === 3;
  const at = 4 + (mpeg1 ? (single ? 17 : 32) : single ? 9 : 17);
  const name = String.fromCharCode(...frame.subarray(at, at + 4));
  if ((name !== 'Xing' && name !== 'Info') || frame.length < at + 8) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const flags = view.getUint32(at + 4);
  const hasCount = (flags & 1) !== 0 && frame.length >= at + 12;
  const count = hasCount ? view.getUint32(at + 8) : 0;
  const sizes = [4, 4, 100, 4].filter((_, bit) => (flags & (1 << bit)) !== 0);
  const lame = at + 8 + sizes.reduce((sum, size) => sum + size, 0);
  if (frame.length < lame + 24 || frame[lame] === 0) return { count };
  const delay = (frame[lame + 21] << 4) | (frame[lame + 22] >> 4);
  const padding = ((frame[lame + 22] & 15) << 8) | frame[lame + 23];
  return { count, delay, padding };
}

/**
 * Reads the frames of an ADTS file (AAC).
 * @throws {FileFault} when no frame is found; {@link UnreadFault}.
 */
export function adtsTrack(bytes: Uint8Array): PackedTrack {
  const start = firstFrame(bytes, adtsFrame);
  if (adtsFrame(bytes, start) === undefined) throw new FileFault('it contains no audio frame');
  const kind = (bytes[start + 2] >> 6) + 1;
  const index = (bytes[start + 2] >> 2) & 15;
  const channels = ((bytes[start + 2] & 1) << 2) | (bytes[start + 3] >> 6);
  const config = Uint8Array.of((kind << 3) | (index >> 1), ((index & 1) << 7) | (channels << 3));
  return { codec: 'aac', config, packets: withoutHeaders(frames(bytes, start, adtsFrame)) };
}

function* withoutHeaders(packets: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const frame of packets) {
    if (frame.length === 0) yield frame;
    else if ((frame[6] & 3) !== 0)
      throw new UnreadFault('a frame contains several blocks, which is not supported');
    else yield frame.subarray((frame[1] & 1) === 1 ? 7 : 9);
  }
}

type ReadFrame = (bytes: Uint8Array, at: number) => Frame | undefined;

function mp3Frame(bytes: Uint8Array, at: number): Frame | undefined {
  if (at + 4 > bytes.length || bytes[at] !== 0xff || (bytes[at + 1] & 0xe6) !== 0xe2) return undefined;
  const version = (bytes[at + 1] >> 3) & 3;
  const rate = MP3_RATES[(bytes[at + 2] >> 2) & 3];
  const kbits = BITRATES[version === 3 ? 0 : 1][bytes[at + 2] >> 4];
  if (version === 1 || rate === undefined || !kbits) return undefined;
  const scaled = rate / (version === 3 ? 1 : version === 2 ? 2 : 4);
  const slots = (version === 3 ? 144_000 : 72_000) * kbits;
  return { length: Math.floor(slots / scaled) + ((bytes[at + 2] >> 1) & 1), rate: scaled };
}

function adtsFrame(bytes: Uint8Array, at: number): Frame | undefined {
  if (at + 7 > bytes.length || bytes[at] !== 0xff || (bytes[at + 1] & 0xf6) !== 0xf0) return undefined;
  const rate = AAC_RATES[(bytes[at + 2] >> 2) & 15];
  const length = ((bytes[at + 3] & 3) << 11) | (bytes[at + 4] << 3) | (bytes[at + 5] >> 5);
  return rate === undefined || length < 9 ? undefined : { length, rate };
}

/** A frame that ends with the file or is followed by another of the same rate. */
function isFrame(bytes: Uint8Array, at: number, read: ReadFrame): boolean {
  const frame = read(bytes, at);
  if (frame === undefined) return false;
  const after = at + frame.length;
  return after === bytes.length || read(bytes, after)?.rate === frame.rate;
}

function firstFrame(bytes: Uint8Array, read: ReadFrame): number {
  let at = Math.min(id3Length(bytes), bytes.length);
  for (const end = at + MAX_JUNK; at < end && at < bytes.length; at++)
    if (isFrame(bytes, at, read)) return at;
  throw new FileFault('it contains no audio frame');
}

/** A cut frame at the end is left out, and so are tags there. */
function* frames(bytes: Uint8Array, start: number, read: ReadFrame): Generator<Uint8Array> {
  let junk = 0;
  for (let at = start; at < bytes.length; ) {
    const frame = read(bytes, at);
    if (frame !== undefined && at + frame.length <= bytes.length) {
      yield bytes.subarray(at, at + frame.length);
      at += frame.length;
      continue;
    }
    let next = at + 1;
    for (; next < bytes.length && !isFrame(bytes, next, read); next++) {
      if (next % SEARCHED_AT_ONCE === 0) yield bytes.subarray(0, 0);
    }
    if (next >= bytes.length) return;
    junk += next - at;
    if (junk > MAX_JUNK) throw new FileFault('there is other data between its frames');
    at = next;
    yield bytes.subarray(0, 0);
  }
}

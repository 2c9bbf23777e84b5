import { msbFirstCrc } from '../../base/crc.ts';
import { SoriError } from '../../base/errors.ts';
import { atOnce, type Work } from '../../base/turns.ts';
import type { WavAudio, WavLimits } from '../wav-reader.ts';
import { BitReader, OutOfBits } from './bit-reader.ts';
import { FlacFault, readSubframe } from './flac-subframe.ts';

const crc8 = msbFirstCrc(8, 0x07);
const crc16 = msbFirstCrc(16, 0x8005);
/** Samples per second by a frame's code (RFC 9639, section 9.1.2). Codes above these mean that the rate follows. */
const RATES = [88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];
/** Bits of a sample by the code in a frame; 0 = the value of STREAMINFO. */
const DEPTHS: readonly (number | undefined)[] = [0, 8, 12, undefined, 16, 20, 24, 32];
/** A minute at a higher rate does not fit in an isolate. */
const MAX_RATE = 96_000;

/** Samples that are decoded at a stretch: about ten milliseconds of work. */
const SAMPLES_AT_ONCE = 2 ** 15;

/** Contents of STREAMINFO. */
interface StreamInfo {
  readonly sampleRate: number;
  readonly channels: number;
  readonly bits: number;
  /** Samples of each channel; 0 = unknown. */
  readonly total: number;
}

/**
 * Reads a FLAC file (RFC 9639): mono or stereo, 4 to 24 bits, 8 to 96 kHz, mixed to mono. The stated length is checked before decoding, and
 * the decoded length before each block, since a few bytes may encode hours of silence.
 * @throws {SoriError} `invalid_reference` for anything else, cut or damaged files, and sound longer than the limit.
 */
export function readFlac(bytes: Uint8Array, limits: WavLimits): WavAudio {
  return atOnce(flacWork(bytes, limits));
}

/** {@link readFlac}, part by part. */
export function* flacWork(bytes: Uint8Array, { maxSeconds }: WavLimits): Work<WavAudio> {
  try {
    const { info, start } = readHeader(bytes);
    const { sampleRate, total } = info;
    const most = maxSeconds * sampleRate;
    if (total > most) {
      throw invalid(
        `This FLAC file lasts ${(total / sampleRate).toFixed(1)} s; at most ${maxSeconds} s are read.`,
      );
    }
    const sound = new Mono(total || sampleRate);
    let at = start;
    let yielded = 0;
    while (at < bytes.length && (total === 0 || sound.length < total)) {
      at = readFrame(
        bytes,
        at,
        info,
        (block) => {
          if (sound.length + block <= most) return;
          throw invalid(`This FLAC file lasts longer than ${maxSeconds} s; the limit is ${maxSeconds} s.`);
        },
        sound,
      );
      if (sound.length - yielded >= SAMPLES_AT_ONCE) {
        yielded = sound.length;
        yield;
      }
    }
    if (sound.length === 0) throw invalid('This FLAC file contains no audio.');
    if (total > 0 && sound.length !== total) {
      throw invalid(`This FLAC file is cut: it states ${total} samples and contains ${sound.length}.`);
    }
    return { samples: sound.samples(), sampleRate };
  } catch (cause) {
    if (cause instanceof OutOfBits) throw invalid('This FLAC file is cut.', cause);
    if (cause instanceof FlacFault) throw invalid(`This FLAC file is damaged: ${cause.message}.`, cause);
    throw cause;
  }
}

/** Skips the metadata blocks (section 8) except the first, STREAMINFO. */
function readHeader(bytes: Uint8Array): { info: StreamInfo; start: number } {
  const reader = new BitReader(bytes);
  if (reader.read(32) !== 0x664c_6143)
    throw invalid("This is not a FLAC file: it does not begin with 'fLaC'.");
  let info: StreamInfo | undefined;
  for (let at = 4; ; ) {
    const block = new BitReader(bytes, at);
    const last = block.read(1) === 1;
    const type = block.read(7);
    const length = block.read(24);
    if (at === 4) {
      if (type !== 0 || length !== 34) throw new FlacFault('it does not begin with STREAMINFO');
      info = readStreamInfo(block);
    }
    at += 4 + length;
    if (at > bytes.length) throw new OutOfBits('The bytes end within metadata.');
    if (last && info) return { info, start: at };
  }
}

function readStreamInfo(block: BitReader): StreamInfo {
  // Sizes of blocks and frames: each frame states its own.
  block.read(32);
  block.read(24);
  block.read(24);
  const sampleRate = block.read(20);
  const channels = block.read(3) + 1;
  const bits = block.read(5) + 1;
  const total = block.read(4) * 2 ** 32 + block.read(32);
  if (channels > 2) throw invalid(`This FLAC file has ${channels} channels; mono and stereo are read.`);
  if (sampleRate < 8000 || sampleRate > MAX_RATE) {
    throw invalid(`This FLAC file has ${sampleRate} samples per second; 8000 to ${MAX_RATE} are read.`);
  }
  if (bits < 4 || bits > 24) throw invalid(`This FLAC file has ${bits} bits a sample; 4 to 24 are read.`);
  return { sampleRate, channels, bits, total };
}

/**
 * Reads a frame (section 9).
 * @param allow called with the number of samples before they are decoded; throws where that is too many.
 * @returns where the next one begins.
 */
function readFrame(
  bytes: Uint8Array,
  at: number,
  { sampleRate, channels, bits }: StreamInfo,
  allow: (samples: number) => void,
  sound: Mono,
): number {
  const reader = new BitReader(bytes, at);
  if (reader.read(15) !== 0b111_1111_1111_1100) throw new FlacFault('a frame does not begin where it should');
  reader.read(1);
  const sizeCode = reader.read(4);
  const rateCode = reader.read(4);
  const layout = reader.read(4);
  const depth = DEPTHS[reader.read(3)];
  reader.read(1);
  skipNumber(reader);
  const size = readSize(reader, sizeCode);
  const rate = readRate(reader, rateCode) || sampleRate;
  const sum = crc8(bytes.subarray(at, reader.byte));
  if (reader.read(8) !== sum) throw new FlacFault('the check sum of a frame’s head is wrong');
  const stated = layout < 8 ? layout + 1 : layout <= 10 ? 2 : 0;
  if (stated !== channels || rate !== sampleRate || (depth !== 0 && depth !== bits)) {
    throw new FlacFault('a frame is of another kind than the file');
  }
  allow(size);
  const blocks = Array.from({ length: channels }, (_, channel) => {
    const block = new Int32Array(size);
    // The side channel has one bit more. It is the second channel, except in side-right stereo, where it is the first.
    const isSide = layout === 9 ? channel === 0 : layout >= 8 && channel === 1;
    readSubframe(reader, block, isSide ? bits + 1 : bits);
    return block;
  });
  reader.align();
  const end = reader.byte;
  if (reader.read(16) !== crc16(bytes.subarray(at, end))) {
    throw new FlacFault('the check sum of a frame is wrong');
  }
  sound.add(blocks, layout, bits);
  return end + 2;
}

/** Skips the frame or sample number, in an extension of UTF-8 (section 9.1.5). Frames are in order, so it isn't needed. */
function skipNumber(reader: BitReader): void {
  const lead = reader.read(8);
  const more = Math.clz32(~(lead << 24)) - 1;
  if (more === 0 || more > 6) throw new FlacFault('a frame has no number');
  for (let i = 0; i < more; i++) {
    if (reader.read(2) !== 2) throw new FlacFault('a frame has no number');
    reader.read(6);
  }
}

function readSize(reader: BitReader, code: number): number {
  if (code === 0) throw new FlacFault('a block has no size');
  if (code === 1) return 192;
  if (code <= 5) return 144 << code;
  if (code === 6) return reader.read(8) + 1;
  return code === 7 ? reader.read(16) + 1 : 1 << code;
}

/** @returns 0 where the frame leaves it to STREAMINFO. */
function readRate(reader: BitReader, code: number): number {
  if (code === 0) return 0;
  if (code <= RATES.length) return RATES[code - 1];
  if (code === 12) return reader.read(8) * 1000;
  if (code === 15) throw new FlacFault('a frame has no sample rate');
  return reader.read(16) * (code === 14 ? 10 : 1);
}

/** Collects audio, mixed to mono, full scale 1. */
class Mono {
  #samples: Float32Array;
  length = 0;

  constructor(capacity: number) {
    this.#samples = new Float32Array(capacity);
  }

  /** @param layout how channels are stored: 8 left and side, 9 side and right, 10 mid and side, else as they are. */
  add([first, second]: readonly Int32Array[], layout: number, bits: number): void {
    const needed = this.length + first.length;
    if (needed > this.#samples.length) {
      const larger = new Float32Array(Math.max(needed, 2 * this.#samples.length));
      larger.set(this.#samples);
      this.#samples = larger;
    }
    const scale = 2 ** (bits - 1);
    for (let i = 0; i < first.length; i++) {
      const value = second === undefined ? first[i] : mean(first[i], second[i], layout);
      if (Math.abs(value) > scale) throw new FlacFault('a sample is larger than samples are');
      this.#samples[this.length++] = value / scale;
    }
  }

  samples(): Float32Array {
    return this.#samples.length === this.length ? this.#samples : this.#samples.slice(0, this.length);
  }
}

function mean(first: number, second: number, layout: number): number {
  // Side is left minus right. Mid is their mean, rounded down; the last bit of side restores what was rounded.
  if (layout === 8) return first - second / 2;
  if (layout === 9) return second + first / 2;
  return layout === 10 ? first + (second & 1) / 2 : (first + second) / 2;
}

function invalid(message: string, cause?: unknown): SoriError {
  return new SoriError('invalid_reference', message, { param: 'reference', cause });
}

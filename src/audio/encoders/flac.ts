import { ascii, concatBytes, Framer } from '../../base/bytes.ts';
import { msbFirstCrc } from '../../base/crc.ts';
import { freeArrays } from '../../base/free.ts';
import { BitWriter } from '../flac/bits.ts';
import {
  bestFixedOrder,
  FIXED_PREDICTORS,
  LPC_PRECISION,
  linearPredictor,
  type Predictor,
  residualOf,
} from '../flac/predict.ts';
import { planRice, type RicePlan, writeRice } from '../flac/rice.ts';
import { SAMPLE_RATE } from '../samples.ts';
import type { AudioTags } from '../tags/types.ts';
import { vorbisComments } from '../tags/vorbis.ts';

/** Samples per frame: 171 ms, long enough to pay for its predictor. */
export const FLAC_BLOCK = 4096;
const BLOCK = FLAC_BLOCK;
const crc8 = msbFirstCrc(8, 0x07);
const crc16 = msbFirstCrc(16, 0x8005);

/** A way to write one block, and its size. */
interface Candidate {
  /** Six bits of subframe type (RFC 9639, section 9.2.1). */
  readonly type: number;
  readonly predictor: Predictor;
  readonly residual: Int32Array;
  readonly plan: RicePlan;
  readonly bits: number;
}

/** Writes mono FLAC at 24 kHz and 16 bits (RFC 9639): fixed and linear predictors, partitioned Rice codes, blocks of 4096. */
export class FlacWriter {
  readonly #framer = new Framer(BLOCK);
  #pieces: Uint8Array[];
  #frames: number;

  /**
   * @param totalSamples what STREAMINFO states; 0 there means "unknown" (RFC 9639, section 8.2). Its MD5 stays 0, "unknown" too: it
   * would have to be known before the end.
   * @param frames that are written already, after the header.
   */
  constructor(totalSamples = 0, tags?: AudioTags, frames = 0) {
    this.#frames = frames;
    this.#pieces = [];
    if (frames > 0) return;
    this.#pieces = [streamHeader(totalSamples, tags === undefined)];
    if (tags) this.#pieces.push(commentBlock(tags));
  }

  /** @returns the header and the frames that are complete now. */
  push(samples: Int16Array): Uint8Array {
    this.#framer.push(samples, (block) => this.#pieces.push(this.#frame(block)));
    return this.#take();
  }

  /** @returns the last, shorter frame, if any. */
  finish(): Uint8Array {
    const rest = this.#framer.rest();
    if (rest.length > 0) this.#pieces.push(this.#frame(rest));
    return this.#take();
  }

  #take(): Uint8Array {
    const bytes = concatBytes(this.#pieces);
    this.#pieces = [];
    return bytes;
  }

  #frame(block: Int16Array): Uint8Array {
    const writer = new BitWriter();
    writer.write(0b11111111_11111000, 16);
    // Block size: 12 = 4096, 7 = a 16-bit number after the frame number. Sample rate: 7 = 24 kHz.
    writer.write(block.length === BLOCK ? 12 : 7, 4);
    writer.write(7, 4);
    // One channel; 4 = 16 bits per sample; a reserved zero.
    writer.write(0, 4);
    writer.write(4 << 1, 4);
    for (const byte of codedNumber(this.#frames++)) writer.write(byte, 8);
    if (block.length !== BLOCK) writer.write(block.length - 1, 16);
    writer.write(crc8(writer.bytes()), 8);
    writeSubframe(writer, block);
    writer.align();
    writer.write(crc16(writer.bytes()), 16);
    return writer.bytes();
  }
}

/** `fLaC` and the STREAMINFO block. */
function streamHeader(totalSamples: number, last: boolean): Uint8Array {
  const writer = new BitWriter();
  for (const byte of ascii('fLaC')) writer.write(byte, 8);
  writer.write(last ? 0x80 : 0, 8);
  writer.write(34, 24);
  writer.write(BLOCK, 16);
  writer.write(BLOCK, 16);
  // Sizes of the smallest and largest frame: unknown.
  writer.write(0, 24);
  writer.write(0, 24);
  writer.write(SAMPLE_RATE, 20);
  writer.write(0, 3);
  writer.write(15, 5);
  writer.write(Math.floor(totalSamples / 2 ** 32), 4);
  writer.write(totalSamples % 2 ** 32, 32);
  for (let i = 0; i < 16; i++) writer.write(0, 8);
  return writer.bytes();
}

/** Position of the number of samples in STREAMINFO: 4 bits, and 32 after them (RFC 9639, section 8.2). */
const SAMPLES_AT = 21;

/**
 * Writes the number of samples into a file of {@link FlacWriter} that was begun without it.
 * @param file changed in place.
 */
export function stateFlacLength(file: Uint8Array, totalSamples: number): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  view.setUint8(SAMPLES_AT, (view.getUint8(SAMPLES_AT) & 0xf0) | Math.floor(totalSamples / 2 ** 32));
  view.setUint32(SAMPLES_AT + 1, totalSamples % 2 ** 32);
  return file;
}

/** The last metadata block: VORBIS_COMMENT (RFC 9639, section 8.6). */
function commentBlock(tags: AudioTags): Uint8Array {
  const comments = vorbisComments('Sori', tags);
  const { length } = comments;
  return concatBytes([Uint8Array.of(0x84, length >> 16, length >> 8, length), comments]);
}

function writeSubframe(writer: BitWriter, block: Int16Array): void {
  if (block.every((sample) => sample === block[0])) {
    writer.write(0, 8);
    writer.write(block[0], 16);
    return;
  }
  const best = cheapest(block);
  if (best.bits >= 16 * block.length) {
    writer.write(1 << 1, 8);
    for (const sample of block) writer.write(sample, 16);
    return;
  }
  const { coefficients, shift } = best.predictor;
  writer.write(best.type << 1, 8);
  for (let i = 0; i < coefficients.length; i++) writer.write(block[i], 16);
  if (best.type >= 32) {
    writer.write(LPC_PRECISION - 1, 4);
    writer.write(shift, 5);
    for (const coefficient of coefficients) writer.write(coefficient, LPC_PRECISION);
  }
  writeRice(writer, best.residual, coefficients.length, best.plan);
  freeArrays(best.residual);
}

/** The better of the best fixed predictor and the linear one. */
function cheapest(block: Int16Array): Candidate {
  const order = bestFixedOrder(block);
  const fixed = candidate(block, 8 + order, FIXED_PREDICTORS[order], 0);
  const linear = linearPredictor(block);
  if (!linear) return fixed;
  const terms = linear.coefficients.length;
  const other = candidate(block, 31 + terms, linear, 9 + LPC_PRECISION * terms);
  const [better, worse] = other.bits < fixed.bits ? [other, fixed] : [fixed, other];
  freeArrays(worse.residual);
  return better;
}

function candidate(block: Int16Array, type: number, predictor: Predictor, extraBits: number): Candidate {
  const residual = residualOf(block, predictor);
  const warmUp = predictor.coefficients.length;
  const plan = planRice(residual, warmUp);
  return { type, predictor, residual, plan, bits: plan.bits + 16 * warmUp + extraBits };
}

/** A frame number in FLAC's extension of UTF-8 (RFC 9639, section 9.1.5); up to 31 bits. */
function codedNumber(value: number): number[] {
  if (value < 0x80) return [value];
  const tail: number[] = [];
  let rest = value;
  // A lead byte with n bytes after it holds 6 - n bits.
  while (rest >= 2 ** (6 - tail.length)) {
    tail.unshift(0x80 | (rest & 0x3f));
    rest >>>= 6;
  }
  return [((0xff << (7 - tail.length)) & 0xff) | rest, ...tail];
}

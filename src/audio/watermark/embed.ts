import { concatSamples } from '../../base/bytes.ts';
import { SAMPLE_RATE } from '../samples.ts';
import { encode } from './code.ts';
import { FRAME, HOP, SINE_WINDOW, transform } from './fft.ts';
import { BANDS, CELL_BINS, CELL_FRAMES, FIRST_BIN, type Pattern, patternOf, SLOTS } from './pattern.ts';
import { type EmbedOptions, PAYLOAD_BYTES } from './types.ts';

/** Change of a cell that is as loud as its neighbours and as the average of the recording so far: 0.6 dB. */
const DEPTH = 0.068;
/** Maximum change, 2.3 dB up and 3.1 dB down, of cells far below their neighbours. */
const MOST = 0.3;
/**
 * Above this frequency speech is mostly noise, in which changes are harder to hear. The change grows with the square root of the frequency,
 * up to twice.
 */
const DEEPER_FROM_HZ = 1000;
const BIN_HZ = SAMPLE_RATE / FRAME;
/** Samples of a cell, whose frames overlap by half. */
const CELL = CELL_FRAMES * HOP;

/** Samples that a cell needs: its two frames. */
const REACH = FRAME + HOP;

/**
 * Embeds an inaudible watermark in speech: it makes cells of 21 ms by 94 Hz, from 281 Hz to 8 kHz, louder or softer by a pattern of the
 * key. It scales the speech itself, so silence stays silent. A cell changes more the weaker it is compared with its neighbours, which mask
 * it, and with the recording so far. The pattern repeats every second. Results are equal on every engine.
 * @param samples mono, 24 kHz; not changed.
 * @param payload 8 bytes.
 * @returns samples of their own, as many.
 * @throws {RangeError} for a payload of another length, or an invalid key.
 */
export function embedWatermark(samples: Int16Array, payload: Uint8Array, options?: EmbedOptions): Int16Array {
  const embedder = new WatermarkEmbedder(payload, options);
  return concatSamples([embedder.push(samples), embedder.finish()]);
}

/**
 * Embeds the watermark of {@link embedWatermark} while a recording is made. The pieces that it returns, one after the other, are the samples
 * that {@link embedWatermark} returns for the whole recording, however it is cut. It holds back less than 32 ms.
 * @example
 * const embedder = new WatermarkEmbedder(payload);
 * for await (const piece of pieces) send(embedder.push(piece));
 * send(embedder.finish());
 */
export class WatermarkEmbedder {
  readonly #pattern: Pattern;
  readonly #coded: Uint8Array;
  /** The next cell in the pattern. */
  #slot: number;
  /** Samples from the beginning of the next cell on, fewer than {@link REACH}. */
  #held: Int16Array;
  /** Samples before the recording that are still to be left out: the first cell may begin before it, and its first frame does by half. */
  #before: number;
  /** What the last cell adds to the first half frame of the next one. */
  readonly #overlap = new Float64Array(HOP);
  /** Energy of all cells so far, and their number. */
  #energy = 0;
  #cells = 0;
  readonly #re = new Float64Array(FRAME);
  readonly #im = new Float64Array(FRAME);
  readonly #bands = new Float64Array(BANDS);
  readonly #gains = new Float64Array(FRAME);

  /**
   * @param payload 8 bytes.
   * @throws {RangeError} for a payload of another length, or an invalid key.
   */
  constructor(payload: Uint8Array, { key, at = 0 }: EmbedOptions = {}) {
    if (payload.length !== PAYLOAD_BYTES) {
      throw new RangeError(`a watermark carries ${PAYLOAD_BYTES} bytes, not ${payload.length}`);
    }
    this.#pattern = patternOf(key);
    this.#coded = encode(payload);
    this.#slot = Math.floor(at / CELL) % SLOTS;
    this.#before = (at % CELL) + HOP;
    this.#held = new Int16Array(this.#before);
  }

  /**
   * Takes the next samples: mono, 24 kHz. They are not changed.
   * @returns the samples that are complete now, in memory of their own.
   */
  push(samples: Int16Array): Int16Array {
    const all = concatSamples([this.#held, samples]);
    const cells = Math.max(0, Math.floor((all.length - REACH) / CELL) + 1);
    const marked = this.#mark(all, cells);
    this.#held = all.slice(cells * CELL);
    return marked;
  }

  /** @returns the last samples. After the recording is silence. Nothing may be called afterwards. */
  finish(): Int16Array {
    const { length } = this.#held;
    const cells = Math.ceil(length / CELL);
    const padded = new Int16Array(cells * CELL + HOP);
    padded.set(this.#held);
    const left = length - this.#before;
    return this.#mark(padded, cells).subarray(0, left);
  }

  #mark(samples: Int16Array, cells: number): Int16Array {
    const marked = new Int16Array(cells * CELL);
    const change = new Float64Array(REACH);
    for (let at = 0; at < marked.length; at += CELL) {
      change.set(this.#overlap);
      change.fill(0, HOP);
      this.#addChange(samples, at, change);
      for (let n = 0; n < CELL; n++) marked[at + n] = rounded(samples[at + n] + change[n]);
      this.#overlap.set(change.subarray(CELL));
    }
    const skipped = Math.min(this.#before, marked.length);
    this.#before -= skipped;
    return marked.subarray(skipped);
  }

  /** Adds the change of the next cell. @param change [REACH]. */
  #addChange(samples: Int16Array, at: number, change: Float64Array): void {
    const { signs, bits } = this.#pattern;
    const [re, im, bands, gains] = [this.#re, this.#im, this.#bands, this.#gains];
    analyse(samples, at, re, im);
    measure(re, im, bands);
    for (const value of bands) this.#energy += value;
    const mean = this.#energy / (++this.#cells * BANDS);
    const row = this.#slot * BANDS;
    this.#slot = (this.#slot + 1) % SLOTS;
    for (let band = 0; band < BANDS; band++) {
      const bit = bits[row + band];
      const sign = bit >= 0 && this.#coded[bit] === 0 ? -signs[row + band] : signs[row + band];
      const gain = sign * depthAt(bands, band, mean);
      for (let k = firstBin(band), i = 0; i < CELL_BINS; k++, i++) gains[k] = gains[FRAME - k] = gain;
    }
    for (let k = 0; k < FRAME; k++) {
      re[k] *= gains[k];
      im[k] *= gains[k];
    }
    transform(im, re);
    for (let n = 0; n < FRAME; n++) {
      change[n] += (re[n] / FRAME) * SINE_WINDOW[n];
      change[HOP + n] += (im[n] / FRAME) * SINE_WINDOW[n];
    }
  }
}

function firstBin(band: number): number {
  return FIRST_BIN + band * CELL_BINS;
}

/** Spectra of a cell's two real frames in one complex transform: the first plus i times the second. */
function analyse(samples: Int16Array, start: number, re: Float64Array, im: Float64Array): void {
  for (let n = 0, at = start; n < FRAME; n++, at++) {
    re[n] = samples[at] * SINE_WINDOW[n];
    im[n] = samples[at + HOP] * SINE_WINDOW[n];
  }
  transform(re, im);
}

/** Energy of both frames in each band. */
function measure(re: Float64Array, im: Float64Array, energy: Float64Array): void {
  for (let band = 0; band < BANDS; band++) {
    let sum = 0;
    for (let k = firstBin(band), i = 0; i < CELL_BINS; k++, i++) {
      const other = FRAME - k;
      sum += re[k] * re[k] + im[k] * im[k] + re[other] * re[other] + im[other] * im[other];
    }
    energy[band] = sum / 2;
  }
}

/** Maximum change of a cell, 0 to {@link MOST}. Uses square roots, which are exact on every engine; powers are not. */
function depthAt(energy: Float64Array, band: number, mean: number): number {
  let around = 0;
  const [from, to] = [Math.max(0, band - 2), Math.min(BANDS - 1, band + 2)];
  for (let b = from; b <= to; b++) around += energy[b];
  around /= to - from + 1;
  if (around === 0) return 0;
  const hz = firstBin(band) * BIN_HZ;
  const deeper = Math.sqrt(Math.min(4, Math.max(1, hz / DEEPER_FROM_HZ)));
  // To the powers 3/8 and 3/16.
  const masked = Math.sqrt(Math.sqrt(around / (energy[band] + 1e-3 * around)));
  const faint = Math.sqrt(Math.sqrt(Math.max(1, mean / around)));
  return Math.min(MOST, DEPTH * deeper * masked * Math.sqrt(masked) * Math.sqrt(faint * Math.sqrt(faint)));
}

// Makes the FPU round half to even, as in samples.ts.
const ROUNDER = 1.5 * 2 ** 52;

function rounded(value: number): number {
  return Math.max(-32_767, Math.min(32_767, value + ROUNDER - ROUNDER));
}

import { SAMPLE_RATE } from '../samples.ts';
import { encode } from './code.ts';
import { FRAME, HOP, SINE_WINDOW, transform } from './fft.ts';
import { BANDS, CELL_BINS, CELL_FRAMES, FIRST_BIN, patternOf, SLOTS } from './pattern.ts';
import { type EmbedOptions, PAYLOAD_BYTES } from './types.ts';

/** Change of a cell that is as loud as its neighbours and as the average of the recording: 0.6 dB. */
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

/**
 * Embeds an inaudible watermark in speech: it makes cells of 21 ms by 94 Hz, from 281 Hz to 8 kHz, louder or softer by a pattern of the
 * key. It scales the speech itself, so silence stays silent. A cell changes more the weaker it is compared with its neighbours, which mask
 * it, and with the whole recording. The pattern repeats every second. Results are equal on every engine.
 * @param samples mono, 24 kHz; not changed.
 * @param payload 8 bytes.
 * @returns samples of their own, as many.
 * @throws {RangeError} for a payload of another length, or an invalid key.
 */
export function embedWatermark(
  samples: Int16Array,
  payload: Uint8Array,
  { key, at: offset = 0 }: EmbedOptions = {},
): Int16Array {
  if (payload.length !== PAYLOAD_BYTES) {
    throw new RangeError(`a watermark carries ${PAYLOAD_BYTES} bytes, not ${payload.length}`);
  }
  const { signs, bits } = patternOf(key);
  const coded = encode(payload);
  const mean = meanEnergy(samples);
  const re = new Float64Array(FRAME);
  const im = new Float64Array(FRAME);
  const energy = new Float64Array(BANDS);
  const gains = new Float64Array(FRAME);
  // The first cell may begin before the recording.
  const early = offset % CELL;
  const first = Math.floor(offset / CELL);
  // Padding before the recording: half a frame and the early part of the first cell.
  const change = new Float64Array(early + samples.length + 3 * FRAME);
  for (let cell = 0, at = 0; at < early + samples.length + HOP; cell++, at += CELL) {
    analyse(samples, at - early - HOP, re, im);
    measure(re, im, energy);
    const row = ((first + cell) % SLOTS) * BANDS;
    for (let band = 0; band < BANDS; band++) {
      const bit = bits[row + band];
      const sign = bit >= 0 && coded[bit] === 0 ? -signs[row + band] : signs[row + band];
      const gain = sign * depthAt(energy, band, mean);
      for (let k = firstBin(band), i = 0; i < CELL_BINS; k++, i++) gains[k] = gains[FRAME - k] = gain;
    }
    for (let k = 0; k < FRAME; k++) {
      re[k] *= gains[k];
      im[k] *= gains[k];
    }
    transform(im, re);
    for (let n = 0; n < FRAME; n++) {
      change[at + n] += (re[n] / FRAME) * SINE_WINDOW[n];
      change[at + HOP + n] += (im[n] / FRAME) * SINE_WINDOW[n];
    }
  }
  const marked = new Int16Array(samples.length);
  for (let n = 0; n < samples.length; n++) marked[n] = rounded(samples[n] + change[n + early + HOP]);
  return marked;
}

function firstBin(band: number): number {
  return FIRST_BIN + band * CELL_BINS;
}

/**
 * Spectra of a cell's two real frames in one complex transform: the first plus i times the second. Outside the recording is silence.
 */
function analyse(samples: Int16Array, start: number, re: Float64Array, im: Float64Array): void {
  for (let n = 0, at = start; n < FRAME; n++, at++) {
    re[n] = at >= 0 && at < samples.length ? samples[at] * SINE_WINDOW[n] : 0;
    im[n] = at + HOP >= 0 && at + HOP < samples.length ? samples[at + HOP] * SINE_WINDOW[n] : 0;
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

/** Average energy of a cell over the recording. */
function meanEnergy(samples: Int16Array): number {
  const re = new Float64Array(FRAME);
  const im = new Float64Array(FRAME);
  const energy = new Float64Array(BANDS);
  let total = 0;
  let cells = 0;
  // Half of the cells are enough for an average.
  for (let at = 0; at < samples.length; at += 2 * CELL, cells++) {
    analyse(samples, at, re, im);
    measure(re, im, energy);
    for (const value of energy) total += value;
  }
  return cells === 0 ? 0 : total / (cells * BANDS);
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

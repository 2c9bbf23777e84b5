import { CODED_BITS } from './code.ts';

/** Frames that a cell lasts: 21 ms. */
export const CELL_FRAMES = 2;
/** Bins of a cell: 94 Hz. */
export const CELL_BINS = 2;
/** First bin of the lowest band: 281 Hz, near the lower edge of the telephone band. */
export const FIRST_BIN = 6;
/** Telephone bands: up to 3.4 kHz. They carry the complete watermark. */
export const NARROW_BANDS = 33;
/** All bands: up to 8 kHz. The bands above the telephone band repeat the watermark. */
export const BANDS = 82;
/** Period of the pattern in cells: 1.02 s. */
export const SLOTS = 48;

/** The default key, which is public. ASCII "Sori". */
const PUBLIC_KEY = 0x536f_7269;
/** Cells of each coded bit in the telephone bands and above. The remaining cells help to find the watermark. */
const COPIES = { narrow: 4, upper: 6 };

/** Contents of the cells of a period, by `slot * BANDS + band`. */
export interface Pattern {
  /** 1 or -1. */
  readonly signs: Int8Array;
  /** Index of the coded bit that inverts the sign when it is 0; -1 for cells with a fixed sign. */
  readonly bits: Int16Array;
}

/** Creates the pattern of a key. */
export function patternOf(key = PUBLIC_KEY): Pattern {
  if (!(Number.isInteger(key) && key >= 0 && key < 2 ** 32)) {
    throw new RangeError(`a watermark's key is a whole number from 0 to 2^32 - 1, not ${key}`);
  }
  const random = randomOf(key);
  const signs = Int8Array.from({ length: SLOTS * BANDS }, () => (random() & 1 ? 1 : -1));
  const bits = new Int16Array(SLOTS * BANDS).fill(-1);
  const deal = (firstBand: number, endBand: number, copies: number) => {
    const cells: number[] = [];
    for (let slot = 0; slot < SLOTS; slot++) {
      for (let band = firstBand; band < endBand; band++) cells.push(slot * BANDS + band);
    }
    for (let bit = 0; bit < copies * CODED_BITS; bit++) {
      const other = bit + (random() % (cells.length - bit));
      [cells[bit], cells[other]] = [cells[other], cells[bit]];
      bits[cells[bit]] = bit % CODED_BITS;
    }
  };
  deal(0, NARROW_BANDS, COPIES.narrow);
  deal(NARROW_BANDS, BANDS, COPIES.upper);
  return { signs, bits };
}

/** Pseudorandom 32-bit integers: a counter through the finalizer of MurmurHash3. */
function randomOf(key: number): () => number {
  let counter = Math.imul(key, 0x9e37_79b1) | 0;
  return () => {
    counter = (counter + 0x6d2b_79f5) | 0;
    let value = counter ^ (counter >>> 16);
    value = Math.imul(value, 0x85eb_ca6b);
    value = Math.imul(value ^ (value >>> 13), 0xc2b2_ae35);
    return (value ^ (value >>> 16)) >>> 0;
  };
}

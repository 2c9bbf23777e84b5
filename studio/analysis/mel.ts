import { Fft } from './fft.ts';

/** Mel bands of a column. */
export const BANDS = 80;
/** Samples between columns: 12.5 ms at 24 kHz. */
export const HOP = 300;
/** Samples that a column looks at. */
export const WINDOW = 1024;
const RATE = 24_000;
/** Range that is shown, in dB below full scale. */
const FLOOR_DB = -90;
const CEILING_DB = -10;

const toMel = (hertz: number) => 2595 * Math.log10(1 + hertz / 700);
const toHertz = (mel: number) => 700 * (10 ** (mel / 2595) - 1);

/** Makes columns of a mel spectrogram (HTK's scale, 0 to 12 kHz, triangular bands, Hann window). */
export class MelColumns {
  readonly #fft = new Fft(WINDOW);
  readonly #re = new Float64Array(WINDOW);
  readonly #im = new Float64Array(WINDOW);
  readonly #hann = Float64Array.from(
    { length: WINDOW },
    (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / WINDOW),
  );
  readonly #bands = filters();

  /** The column of {@link WINDOW} samples: {@link BANDS} levels from 0 (-90 dB) to 255 (-10 dB). */
  column(samples: Float32Array): Uint8Array<ArrayBuffer> {
    for (let index = 0; index < WINDOW; index++) this.#re[index] = samples[index] * this.#hann[index];
    this.#im.fill(0);
    this.#fft.transform(this.#re, this.#im);
    return Uint8Array.from(this.#bands, ({ from, weights }) => {
      let power = 0;
      for (let index = 0; index < weights.length; index++) {
        const bin = from + index;
        power += weights[index] * (this.#re[bin] ** 2 + this.#im[bin] ** 2);
      }
      // A full-scale sine has a power of (WINDOW / 4)² behind a Hann window.
      const db = 10 * Math.log10(power / (WINDOW / 4) ** 2 + 1e-12);
      return Math.max(0, Math.min(255, Math.round((255 * (db - FLOOR_DB)) / (CEILING_DB - FLOOR_DB))));
    });
  }
}

function filters(): { from: number; weights: number[] }[] {
  const edges = Array.from({ length: BANDS + 2 }, (_, index) => {
    const mel = (toMel(RATE / 2) * index) / (BANDS + 1);
    return (toHertz(mel) * WINDOW) / RATE;
  });
  return Array.from({ length: BANDS }, (_, band) => {
    const [low, middle, high] = edges.slice(band, band + 3);
    const from = Math.floor(low);
    const weights: number[] = [];
    for (let bin = from; bin <= Math.min(Math.ceil(high), WINDOW / 2); bin++) {
      weights.push(Math.max(0, Math.min((bin - low) / (middle - low), (high - bin) / (high - middle))));
    }
    // Low bands are narrower than a bin.
    if (weights.every((weight) => weight === 0)) return { from: Math.round(middle), weights: [1] };
    return { from, weights };
  });
}

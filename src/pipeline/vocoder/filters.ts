import FFT from 'fft.js';

/** Log magnitudes outside are cut: e^-14 is below the 16-bit floor, e^8 above any speech. */
const FLOOR = -14;
const CEILING = 8;

const mel = (hz: number) => 2595 * Math.log10(1 + hz / 700);

/**
 * Turns the vocoder network's band values into filters on STFT bins: zero-phase magnitude for the noise, minimum phase for the
 * harmonics, since a pulse through a zero-phase filter rings before it sounds.
 */
export class FilterBank {
  readonly #fft: FFT;
  readonly #size: number;
  readonly #lower: Int32Array;
  readonly #weight: Float64Array;
  readonly #bands: number;
  readonly #spectrum: Float64Array;
  readonly #cepstrum: Float64Array;

  /**
   * @param size FFT length N.
   * @param bands number of mel-spaced points that a filter is given at, from 0 Hz to Nyquist.
   */
  constructor(size: number, bands: number, sampleRate: number) {
    this.#fft = new FFT(size);
    this.#size = size;
    this.#bands = bands;
    const bins = size / 2 + 1;
    this.#lower = new Int32Array(bins);
    this.#weight = new Float64Array(bins);
    for (let k = 0; k < bins; k++) {
      const position = (mel((k * sampleRate) / size) / mel(sampleRate / 2)) * (bands - 1);
      this.#lower[k] = Math.min(Math.floor(position), bands - 2);
      this.#weight[k] = position - this.#lower[k];
    }
    this.#spectrum = new Float64Array(2 * size);
    this.#cepstrum = new Float64Array(2 * size);
  }

  /** Log magnitude at bin k, linearly interpolated between the mel-spaced points of one frame. */
  #logMagnitude(values: Float32Array, frame: number, k: number): number {
    const at = frame * this.#bands + this.#lower[k];
    const value = values[at] * (1 - this.#weight[k]) + values[at + 1] * this.#weight[k];
    return value < FLOOR ? FLOOR : value > CEILING ? CEILING : value;
  }

  /**
   * Zero-phase filter.
   * @param values [T, bands] log magnitudes.
   * @param out [N/2 + 1] magnitudes of the given frame.
   */
  magnitude(values: Float32Array, frame: number, out: Float64Array): void {
    for (let k = 0; k <= this.#size / 2; k++) out[k] = Math.exp(this.#logMagnitude(values, frame, k));
  }

  /**
   * Minimum-phase filter by folding the real cepstrum (Oppenheim and Schafer, Discrete-Time Signal Processing, section 13.5).
   * @param values [T, bands] log magnitudes.
   * @param out [N/2 + 1] interleaved complex response of the given frame.
   */
  minimumPhase(values: Float32Array, frame: number, out: Float64Array): void {
    const n = this.#size;
    const half = n / 2;
    const spectrum = this.#spectrum;
    const cepstrum = this.#cepstrum;
    for (let k = 0; k <= half; k++) {
      const value = this.#logMagnitude(values, frame, k);
      spectrum[2 * k] = value;
      spectrum[2 * k + 1] = 0;
      if (k > 0 && k < half) {
        spectrum[2 * (n - k)] = value;
        spectrum[2 * (n - k) + 1] = 0;
      }
    }
    this.#fft.inverseTransform(cepstrum, spectrum);
    for (let i = 0; i < n; i++) {
      const fold = i === 0 || i === half ? 1 : i < half ? 2 : 0;
      cepstrum[2 * i] *= fold;
      cepstrum[2 * i + 1] = 0;
    }
    this.#fft.transform(spectrum, cepstrum);
    for (let k = 0; k <= half; k++) {
      const magnitude = Math.exp(spectrum[2 * k]);
      out[2 * k] = magnitude * Math.cos(spectrum[2 * k + 1]);
      out[2 * k + 1] = magnitude * Math.sin(spectrum[2 * k + 1]);
    }
  }
}

import { createRandom } from '../../src/synthesis/random.ts';

/** The vocoder's waveform written down as in the textbooks, with plain sums for transforms: slow, and independent of the kernel. */

const N = 1024;
const BINS = N / 2 + 1;
const RATE = 24_000;
const HOP = 300;
const BANDS = 100;

const cosine = Float64Array.from({ length: N }, (_, i) => Math.cos((2 * Math.PI * i) / N));
const sine = Float64Array.from({ length: N }, (_, i) => Math.sin((2 * Math.PI * i) / N));
const window = cosine.map((c) => 0.5 - 0.5 * c);

interface Spectrum {
  re: Float64Array;
  im: Float64Array;
}

function dft(x: Float64Array): Spectrum {
  const re = new Float64Array(BINS);
  const im = new Float64Array(BINS);
  for (let k = 0; k < BINS; k++) {
    for (let n = 0; n < N; n++) {
      re[k] += x[n] * cosine[(k * n) % N];
      im[k] -= x[n] * sine[(k * n) % N];
    }
  }
  return { re, im };
}

function inverseDft({ re, im }: Spectrum): Float64Array {
  return Float64Array.from({ length: N }, (_, n) => {
    let sum = re[0] + re[N / 2] * (n % 2 ? -1 : 1);
    for (let k = 1; k < N / 2; k++) sum += 2 * (re[k] * cosine[(k * n) % N] - im[k] * sine[(k * n) % N]);
    return sum / N;
  });
}

const mel = (hz: number) => 2595 * Math.log10(1 + hz / 700);

function logMagnitudes(bands: Float32Array): Float64Array {
  return Float64Array.from({ length: BINS }, (_, k) => {
    const at = (mel((k * RATE) / N) / mel(RATE / 2)) * (BANDS - 1);
    const left = Math.min(Math.floor(at), BANDS - 2);
    return Math.min(8, Math.max(-14, bands[left] * (1 - at + left) + bands[left + 1] * (at - left)));
  });
}

/** Minimum-phase response by the folded real cepstrum. */
export function minimumPhase(bands: Float32Array): Spectrum {
  const cepstrum = inverseDft({ re: logMagnitudes(bands), im: new Float64Array(BINS) });
  const folded = cepstrum.map((value, n) => (n === 0 || n === N / 2 ? value : n < N / 2 ? 2 * value : 0));
  const { re, im } = dft(folded);
  return {
    re: re.map((r, k) => Math.exp(r) * Math.cos(im[k])),
    im: re.map((r, k) => Math.exp(r) * Math.sin(im[k])),
  };
}

/** Pulses and noise of an utterance. */
export function excitation(f0: Float32Array, seed: number): { pulses: Float64Array; noise: Float64Array } {
  const random = createRandom(seed);
  let phase = random.uniform();
  const pulses = new Float64Array(f0.length * HOP);
  const noise = new Float64Array(f0.length * HOP);
  for (let n = 0; n < pulses.length; n++) {
    const at = Math.min(Math.max((n + 0.5) / HOP - 0.5, 0), f0.length - 1);
    const left = Math.floor(at);
    const hz = f0[left] + (f0[Math.min(left + 1, f0.length - 1)] - f0[left]) * (at - left);
    phase = (phase + hz / RATE) % 1;
    const harmonics = Math.floor(RATE / 2 / hz) - 1;
    let sum = 0;
    for (let h = 1; h <= harmonics; h++) sum += Math.cos(2 * Math.PI * h * phase);
    pulses[n] = sum * Math.sqrt(2 / harmonics);
    noise[n] = random.gaussian();
  }
  return { pulses, noise };
}

/** Waveform of a whole utterance from its filters [T, 100]. */
export function referenceWaveform(
  f0: Float32Array,
  harmonic: Float32Array,
  noise: Float32Array,
  seed: number,
): Float64Array {
  const total = f0.length * HOP;
  const source = excitation(f0, seed);
  const out = new Float64Array(total);
  const weight = new Float64Array(total);
  const mirror = (n: number): number => (n < 0 ? mirror(-n) : n >= total ? mirror(2 * (total - 1) - n) : n);
  const cut = (x: Float64Array, begin: number) => window.map((w, i) => w * x[mirror(begin + i)]);
  for (let t = 0; t <= f0.length; t++) {
    const frame = Math.min(t, f0.length - 1);
    const bands = (values: Float32Array) => values.subarray(frame * BANDS, (frame + 1) * BANDS);
    const pulses = dft(cut(source.pulses, frame * HOP - N / 2));
    const white = dft(cut(source.noise, frame * HOP - N / 2));
    const h = minimumPhase(bands(harmonic));
    const g = logMagnitudes(bands(noise)).map(Math.exp);
    const wave = inverseDft({
      re: pulses.re.map((re, k) => re * h.re[k] - pulses.im[k] * h.im[k] + white.re[k] * g[k]),
      im: pulses.re.map((re, k) => re * h.im[k] + pulses.im[k] * h.re[k] + white.im[k] * g[k]),
    });
    for (let i = 0; i < N; i++) {
      const n = t * HOP - N / 2 + i;
      if (n < 0 || n >= total) continue;
      out[n] += wave[i] * window[i];
      weight[n] += window[i] ** 2;
    }
  }
  return out.map((value, n) => value / Math.max(weight[n], 1e-11));
}

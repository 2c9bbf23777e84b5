import { createRandom } from '../../../src/synthesis/random.ts';
import type { Curves, FrameFilters } from '../../../src/synthesis/vocoder/renderer.ts';

/** The vocoder's waveform by the textbook formulas, with plain sums as transforms: slow, but independent of the kernel. */

const N = 1024;
const BINS = N / 2 + 1;
const RATE = 24_000;
const HOP = 300;
const BANDS = 100;
/** Samples of a window before its frame's own. */
const PAD = (N - HOP) / 2;

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
    let [real, imaginary] = [0, 0];
    for (let n = 0; n < N; n++) {
      real += x[n] * cosine[(k * n) & (N - 1)];
      imaginary -= x[n] * sine[(k * n) & (N - 1)];
    }
    re[k] = real;
    im[k] = imaginary;
  }
  return { re, im };
}

function inverseDft({ re, im }: Spectrum): Float64Array {
  return Float64Array.from({ length: N }, (_, n) => {
    let sum = re[0] + re[N / 2] * (n % 2 ? -1 : 1);
    for (let k = 1; k < N / 2; k++)
      sum += 2 * (re[k] * cosine[(k * n) & (N - 1)] - im[k] * sine[(k * n) & (N - 1)]);
    return sum / N;
  });
}

/** Triangles of height 1, evenly spaced in mel from 0 to half the sample rate: [BANDS][BINS]. */
function triangles(): Float64Array[] {
  const top = 2595 * Math.log10(1 + RATE / 2 / 700);
  const corner = (i: number) => 700 * (10 ** ((top * i) / (BANDS + 1) / 2595) - 1);
  return Array.from({ length: BANDS }, (_, b) =>
    Float64Array.from({ length: BINS }, (_, k) => {
      const hz = (k * RATE) / N;
      const [low, centre, high] = [corner(b), corner(b + 1), corner(b + 2)];
      return Math.max(0, Math.min((hz - low) / (centre - low), (high - hz) / (high - centre)));
    }),
  );
}

const BANK = triangles();

/** Pulses, noise and phase in radians of an utterance. */
export function excitation({ f0, voicing }: Curves, seed: number) {
  const random = createRandom(seed);
  let cycles = random.uniform();
  const length = f0.length * HOP;
  const harmonics = Math.floor(11_500 / Math.max(...f0));
  const [pulses, noise, phase] = [
    new Float64Array(length),
    new Float64Array(length),
    new Float64Array(length),
  ];
  const voiced = (n: number) =>
    voicing[Math.floor(Math.min(Math.max(n, 0), length - 1) / HOP)] > 0.5 ? 1 : 0;
  for (let n = 0; n < length; n++) {
    const at = Math.min(Math.max((n + 0.5) / HOP - 0.5, 0), f0.length - 1);
    const left = Math.floor(at);
    const hz = f0[left] + (f0[Math.min(left + 1, f0.length - 1)] - f0[left]) * (at - left);
    cycles = (cycles + hz / RATE) % 1;
    phase[n] = 2 * Math.PI * cycles;
    let gate = 0;
    for (let d = -60; d <= 60; d++) gate += voiced(n + d) / 121;
    let sum = 0;
    for (let h = 1; h <= harmonics && gate > 0; h++) sum += Math.cos(h * phase[n]);
    pulses[n] = sum * gate * Math.sqrt(2 / harmonics);
    noise[n] = random.gaussian();
  }
  return { pulses, noise, phase };
}

function spectraOf(x: Float64Array): Spectrum[] {
  const last = x.length - 1;
  const mirrored = (n: number): number => {
    if (last === 0) return 0;
    if (n < 0) return mirrored(-n);
    return n > last ? mirrored(2 * last - n) : n;
  };
  return Array.from({ length: x.length / HOP }, (_, t) =>
    dft(window.map((w, i) => w * x[mirrored(t * HOP - PAD + i)])),
  );
}

function waveOf(spectra: readonly Spectrum[]): Float64Array {
  const total = spectra.length * HOP;
  const [sum, weight] = [new Float64Array(total), new Float64Array(total)];
  for (const [t, spectrum] of spectra.entries()) {
    const frame = inverseDft(spectrum);
    for (let i = 0; i < N; i++) {
      const n = t * HOP - PAD + i;
      if (n < 0 || n >= total) continue;
      sum[n] += frame[i] * window[i];
      weight[n] += window[i] ** 2;
    }
  }
  return sum.map((value, n) => value / Math.max(weight[n], 1e-3));
}

/** The waveform, after this many iterations of matching. */
export function referenceWaveform(
  curves: Curves,
  filters: FrameFilters,
  seed: number,
  rounds: number,
): Float64Array {
  const { pulses, noise, phase } = excitation(curves, seed);
  const source = spectraOf(pulses);
  const carriers = [Math.cos, Math.sin].flatMap((wave) =>
    [1, 2].map((k) => phase.map((angle) => wave(k * angle))),
  );
  const [plain, cos1, cos2, sin1, sin2] = [
    noise,
    ...carriers.map((carrier) => carrier.map((value, n) => value * noise[n])),
  ].map(spectraOf);
  const depths = filters.modulation.length / source.length / 4;
  const spectra = source.map(({ re, im }, t) => {
    const out = { re: new Float64Array(BINS), im: new Float64Array(BINS) };
    for (let k = 0; k < BINS; k++) {
      const at = t * BINS + k;
      const gain = Math.exp(Math.min(6, Math.max(-12, filters.harmonic[at])));
      const length = Math.sqrt(filters.real[at] ** 2 + filters.imaginary[at] ** 2 + 1e-6);
      const [c, s] = [(filters.real[at] / length) * gain, (filters.imaginary[at] / length) * gain];
      const place = Math.min(Math.max(((k + 0.5) * depths) / BINS - 0.5, 0), depths - 1);
      const left = Math.min(Math.floor(place), depths - 2);
      const depth = (i: number) => {
        const row = filters.modulation.subarray((4 * t + i) * depths, (4 * t + i + 1) * depths);
        return row[left] + (row[left + 1] - row[left]) * (place - left);
      };
      const breath = Math.exp(Math.min(4, Math.max(-14, filters.noise[at])));
      const parts = [plain[t], cos1[t], sin1[t], cos2[t], sin2[t]];
      const sum = (name: 're' | 'im') =>
        parts.reduce((all, part, i) => all + (i === 0 ? 1 : depth(i - 1)) * part[name][k], 0);
      out.re[k] = re[k] * c - im[k] * s + breath * sum('re');
      out.im[k] = re[k] * s + im[k] * c + breath * sum('im');
    }
    return out;
  });
  let wave = waveOf(spectra);
  for (let round = 0; round < rounds; round++) {
    wave = waveOf(
      spectraOf(wave).map((spectrum, t) =>
        matched(spectrum, filters.mel.subarray(t * BANDS, (t + 1) * BANDS)),
      ),
    );
  }
  return wave;
}

function matched({ re, im }: Spectrum, mel: Float32Array): Spectrum {
  const lacks = BANK.map((band, b) => {
    const power = band.reduce((sum, weight, k) => sum + weight * (re[k] ** 2 + im[k] ** 2), 0);
    return Math.min(2, Math.max(-2, mel[b] - 0.5 * Math.log(Math.max(power, 1e-9))));
  });
  const gain = re.map((_, k) => {
    const sum = BANK.reduce((all, band) => all + band[k], 0);
    return Math.exp(BANK.reduce((all, band, b) => all + (band[k] / Math.max(sum, 1e-6)) * lacks[b], 0));
  });
  return { re: re.map((value, k) => value * gain[k]), im: im.map((value, k) => value * gain[k]) };
}

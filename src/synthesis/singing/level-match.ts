import type { FrameFilters } from '../vocoder/renderer.ts';

/** Nepers between the level of a frame's mel and that of the filters that the vocoder makes of it, at the pitches of speech. */
const USUAL = 3.7;
/** Largest correction in nepers. */
const MOST = 1.2;
/** Hz below which the harmonics of a pulse lie. */
const HIGHEST_HARMONIC = 11_500;

/**
 * Gives voiced frames the level of the decoded mel. The level of a note depends by many dB on which of its harmonics are at a peak of the
 * filter. Notes that the networks got an octave lower use only every second peak.
 * @param f0 [T] Hz, as sung.
 * @param bins of a filter, spaced evenly from 0 to half the sample rate.
 */
export function levelMatcher(
  { f0, voicing }: Readonly<Record<'f0' | 'voicing', Float32Array>>,
  bins: number,
  sampleRate: number,
): (filters: FrameFilters, first: number) => void {
  const perHz = (2 * (bins - 1)) / sampleRate;
  return ({ harmonic, noise, mel }, first) => {
    const frames = harmonic.length / bins;
    const bands = mel.length / frames;
    for (let t = 0; t < frames; t++) {
      if (voicing[first + t] < 0.5) continue;
      const [from, to] = [t * bins, (t + 1) * bins];
      const power =
        harmonicPower(harmonic.subarray(from, to), f0[first + t], perHz) +
        meanPower(noise.subarray(from, to));
      const wanted = meanPower(mel.subarray(t * bands, (t + 1) * bands));
      const shift = 0.5 * Math.log(wanted / power) - USUAL;
      const change = Math.max(-MOST, Math.min(MOST, shift));
      for (let k = from; k < to; k++) {
        harmonic[k] += change;
        noise[k] += change;
      }
    }
  };
}

/** Power of pulses of unit power behind a filter of log magnitudes. */
function harmonicPower(filter: Float32Array, hz: number, binsPerHz: number): number {
  const count = Math.max(1, Math.floor(HIGHEST_HARMONIC / hz));
  let power = 0;
  for (let h = 1; h <= count; h++) power += Math.exp(2 * filter[Math.round(h * hz * binsPerHz)]);
  return power / count;
}

function meanPower(logs: Float32Array): number {
  return logs.reduce((sum, log) => sum + Math.exp(2 * log), 0) / logs.length;
}

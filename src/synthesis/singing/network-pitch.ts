import { melCorners } from '../mel-bands.ts';
import type { FrameFilters } from '../vocoder/renderer.ts';

/** Highest F0 in Hz for the networks with any voice, because their training data is speech. */
const HIGHEST_KNOWN = 310;

/**
 * The F0 input of the networks. Above their training range they produce noise, so the input for higher notes is one or two octaves lower.
 * Each harmonic of the note is also a harmonic of the lower tone, so the filters have peaks at the note's harmonics. The waveform is made
 * with the F0 of the note.
 * @param f0 [T] Hz, as sung.
 */
export function networkPitch(f0: Float32Array): Float32Array {
  return f0.map((hz) => {
    let input = hz;
    while (input > HIGHEST_KNOWN) input /= 2;
    return input;
  });
}

/** Nepers by which noise is lowered where the networks put the harmonics of the lower tone: below the note, and around its first harmonics. */
const BELOW = 4;
const AMONG = 2.5;
/** Harmonic of the note up to which noise is lowered. */
const REACH = 2.6;
/** Nepers by which mel bands without a harmonic of the note are lowered. */
const EMPTY = 4;

/**
 * Removes the harmonics of the lower tone, which would sound an octave below the note: from the noise filters, and from the mel that the
 * waveform is matched to.
 * @param f0 [T] Hz, as sung.
 * @param networkF0 [T] Hz, of {@link networkPitch}.
 * @param voicing [T]
 * @param bins of a filter, spaced evenly from 0 to half the sample rate.
 * @param bands of the mel.
 */
export function lowerToneRemover(
  { f0, networkF0, voicing }: Readonly<Record<'f0' | 'networkF0' | 'voicing', Float32Array>>,
  { bins, bands, sampleRate }: Readonly<Record<'bins' | 'bands' | 'sampleRate', number>>,
): (filters: Pick<FrameFilters, 'noise' | 'mel'>, first: number) => void {
  const hz = Float64Array.from({ length: bins }, (_, k) => (k * sampleRate) / 2 / (bins - 1));
  const corners = melCorners(bands, sampleRate);
  return ({ noise, mel }, first) => {
    for (let t = 0; t * bins < noise.length; t++) {
      const note = f0[first + t];
      if (networkF0[first + t] >= note || voicing[first + t] < 0.5) continue;
      for (let k = 0; k < bins && hz[k] < REACH * note; k++) {
        noise[t * bins + k] -= hz[k] < 0.8 * note ? BELOW : AMONG;
      }
      for (let b = 0; b < bands; b++) {
        if (isEmpty(corners[b], corners[b + 1], corners[b + 2], note)) mel[t * bands + b] -= EMPTY;
      }
    }
  };
}

/** Least distance in Hz between a harmonic and the centre of a band that does not hold it: windows of 1024 samples spread a harmonic so far. */
const SPREAD = 30;

/** Whether no harmonic of a note is near the centre of a mel band. */
function isEmpty(low: number, centre: number, high: number, note: number): boolean {
  const nearest = Math.max(1, Math.round(centre / note)) * note;
  return Math.abs(centre - nearest) > Math.max(SPREAD, (high - low) / 2);
}

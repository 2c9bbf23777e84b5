/** Number of bars in a waveform at the width of the page. */
export const WAVEFORM_BARS = 96;
/** Height of the drawing. Bars are centred vertically and have whole units. */
export const WAVEFORM_HEIGHT = 64;

/**
 * The loudest sample of each of `bars` equal parts, from 0 to 1.
 * @param samples full scale is 1.
 */
export function peaksOf(samples: Float32Array, bars = WAVEFORM_BARS): number[] {
  return Array.from({ length: bars }, (_, bar) => {
    const end = Math.ceil(((bar + 1) * samples.length) / bars);
    let peak = 0;
    for (let i = Math.floor((bar * samples.length) / bars); i < end; i++) {
      const size = Math.abs(samples[i]);
      if (size > peak) peak = size;
    }
    return Math.min(1, peak);
  });
}

/**
 * An SVG path with an upright stroke per peak, three units apart, in a box of {@link WAVEFORM_HEIGHT}. Silence is a line.
 * @param loudest the peak that fills the height.
 */
export function waveformPath(peaks: readonly number[], loudest = 1): string {
  const middle = WAVEFORM_HEIGHT / 2;
  return peaks
    .map((peak, bar) => {
      const reach = Math.max(1, Math.round((peak / loudest) * (middle - 1)));
      return `M${bar * 3 + 1} ${middle - reach}v${2 * reach}`;
    })
    .join('');
}

const RATE = 24_000;
const LOWEST_HZ = 60;
const HIGHEST_HZ = 500;
const LONGEST = Math.ceil(RATE / LOWEST_HZ);
const SHORTEST = Math.floor(RATE / HIGHEST_HZ);
/** Samples that are compared with those one period later. */
const COMPARED = 512;
/** Samples that {@link pitchOf} looks at. */
export const PITCH_WINDOW = COMPARED + LONGEST + 1;
/** YIN's absolute threshold: a frame whose best period differs by more is unvoiced. */
const THRESHOLD = 0.2;
/** Mean square below which a frame is silent (-60 dB). */
const SILENT = 1e-6;

/**
 * Fundamental frequency by YIN (de Cheveigné and Kawahara 2002): cumulative mean normalized difference, absolute threshold,
 * parabolic interpolation.
 * @param samples at least {@link PITCH_WINDOW} at 24 kHz.
 * @returns Hz; 0 for silence and unvoiced sound.
 */
export function pitchOf(samples: Float32Array): number {
  let energy = 0;
  for (let index = 0; index < COMPARED; index++) energy += samples[index] ** 2;
  if (energy / COMPARED < SILENT) return 0;
  const normalized = new Float64Array(LONGEST + 2).fill(1);
  let sum = 0;
  for (let lag = 1; lag <= LONGEST + 1; lag++) {
    let difference = 0;
    for (let index = 0; index < COMPARED; index++) {
      const delta = samples[index] - (samples[index + lag] ?? 0);
      difference += delta * delta;
    }
    sum += difference;
    normalized[lag] = sum > 0 ? (difference * lag) / sum : 1;
  }
  for (let lag = SHORTEST; lag <= LONGEST; lag++) {
    if (normalized[lag] >= THRESHOLD) continue;
    while (lag < LONGEST && normalized[lag + 1] < normalized[lag]) lag++;
    return RATE / (lag + vertex(normalized[lag - 1], normalized[lag], normalized[lag + 1]));
  }
  return 0;
}

/** Where a parabola through three neighbours has its lowest point, from the middle one. */
function vertex(before: number, middle: number, after: number): number {
  const curvature = before - 2 * middle + after;
  return curvature > 0 ? (before - after) / (2 * curvature) : 0;
}

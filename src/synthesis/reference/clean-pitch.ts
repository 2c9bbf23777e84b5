/** Frames to either side whose median a frame is compared with. */
const REACH = 20;
/** Voiced frames without which there is no pitch at all. */
const FEWEST = 5;

/**
 * Tidies a pitch track: octave slips move to the octave nearest the running median; voiced islands of one frame go, holes of
 * one frame are filled. Equals `clean_pitch` of scripts/train/features.py.
 * @param f0 [T] Hz, 0 where unvoiced.
 */
export function cleanPitch(f0: Float32Array): Float32Array {
  const voiced = [...f0.keys()].filter((t) => f0[t] > 0);
  const clean = new Float32Array(f0.length);
  if (voiced.length < FEWEST) return clean;
  const octaves = voiced.map((t) => Math.log2(f0[t]));
  moveSlips(octaves, voiced);
  voiced.forEach((t, i) => {
    clean[t] = 2 ** octaves[i];
  });
  removeIslands(clean);
  fillHoles(clean);
  return clean;
}

function moveSlips(octaves: number[], frames: readonly number[]): void {
  const whole = median(octaves);
  octaves.forEach((value, i) => {
    if (value - whole > 0.85) octaves[i] = value - 1;
    else if (value - whole < -0.85) octaves[i] = value + 1;
  });
  let from = 0;
  let to = 0;
  for (let i = 0; i < octaves.length; i++) {
    while (frames[from] < frames[i] - REACH) from++;
    while (to < frames.length && frames[to] <= frames[i] + REACH) to++;
    const slip = octaves[i] - median(octaves.slice(from, to));
    if (Math.abs(slip) > 0.7) octaves[i] -= Math.round(slip);
  }
}

/** The first and the last frame count as neighbours, as they do in training. */
function removeIslands(f0: Float32Array): void {
  const on = f0.map((value) => (value > 0 ? 1 : 0));
  const last = on.length - 1;
  for (let t = 0; t <= last; t++) {
    const before = on[t === 0 ? last : t - 1];
    const after = on[t === last ? 0 : t + 1];
    if (on[t] && !before && !after) f0[t] = 0;
  }
}

function fillHoles(f0: Float32Array): void {
  const before = f0.slice();
  for (let t = 1; t < f0.length - 1; t++) {
    if (!before[t]) f0[t] = Math.sqrt(before[t - 1] * before[t + 1]);
  }
}

/** Middle value; of an even count the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

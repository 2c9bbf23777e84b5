import { COMPLEX, halfPlace, N } from './fft';
import { cosPi } from './math';
import { inRing, LAYER_READY, ring, state } from './state';

const window = memory.data(1024 * 4);

/** Fills the window: Hann, periodic. */
export function setupWindow(): void {
  for (let i = 0; i < N; i++) store<f32>(window + (i << 2), <f32>(0.5 - 0.5 * cosPi((2.0 * i) / N)));
}

export function windowAt(i: i32): f32 {
  return load<f32>(window + (i << 2));
}

/** Samples of a frame's window before the frame's own. */
export function padding(hop: i32): i32 {
  return (N - hop) / 2;
}

/** Index within [0, length), mirrored at both edges without repeating the edge sample (numpy's `reflect`). */
export function mirror(position: i32, length: i32): i32 {
  let n = position;
  while (n < 0 || n >= length) {
    if (length == 1) return 0;
    n = n < 0 ? -n : 2 * (length - 1) - n;
  }
  return n;
}

/** Puts a windowed frame of a layer's samples into one lane, for a real transform. */
export function analyseInto(data: usize, lane: i32, layer: i32, begin: i32, total: i32): void {
  const samples = ring(layer);
  for (let i = 0; i < N; i += 2) {
    const to = data + halfPlace(i >> 1) + (lane << 2);
    const a = load<f32>(samples + inRing(mirror(begin + i, total)));
    const b = load<f32>(samples + inRing(mirror(begin + i + 1, total)));
    store<f32>(to, a * windowAt(i));
    store<f32>(to, b * windowAt(i + 1), 16);
  }
}

/**
 * Adds a windowed frame to a layer, and finishes the samples that no later frame touches.
 * @param data the frame in one lane, as `realSignal` leaves it.
 * @param begin sample at which the frame's window begins.
 */
export function overlapAdd(data: usize, lane: i32, layer: i32, frame: i32, frames: i32, hop: i32): void {
  const begin = frame * hop - padding(hop);
  const total = frames * hop;
  const samples = ring(layer);
  // What lies beyond the window of the frame before is touched for the first time.
  const fresh = frame == 0 ? begin : begin + N - hop;
  for (let i = max(0, -begin); i < N && begin + i < total; i++) {
    const n = begin + i;
    const value = load<f32>(data + (i >> 1) * COMPLEX + ((i & 1) << 4) + (lane << 2)) * windowAt(i);
    const at = samples + inRing(n);
    store<f32>(at, n < fresh ? load<f32>(at) + value : value);
  }
  const end = frame == frames - 1 ? total : begin + hop;
  for (let n = max(0, load<i32>(state + (layer << 2), LAYER_READY)); n < end; n++) {
    const at = samples + inRing(n);
    store<f32>(at, load<f32>(at) / share(n, frames, hop));
  }
  store<i32>(state + (layer << 2), max(0, end), LAYER_READY);
}

/** Sum of the squared windows of all frames at a sample. */
function share(n: i32, frames: i32, hop: i32): f32 {
  const reach = n + padding(hop);
  let sum: f32 = 0;
  for (let k = min(frames - 1, reach / hop); k >= 0 && reach - k * hop < N; k--) {
    const w = windowAt(reach - k * hop);
    sum += w * w;
  }
  return max(sum, <f32>1e-3);
}

import { COMPLEX, halfPlace, N } from './fft';
import { cosPi } from './math';
import { inRing, LAYER_READY, RING, ring, state } from './state';

const window = memory.data(1024 * 4, 16);
// `share` for the samples of a hop that all frames cover.
const shares = memory.data(512 * 4, 16);

/** Fills the tables: the window is Hann's, periodic. */
export function setupWindow(hop: i32): void {
  for (let i = 0; i < N; i++) store<f32>(window + (i << 2), <f32>(0.5 - 0.5 * cosPi((2.0 * i) / N)));
  // In the middle of a long utterance.
  const first = 2 * N * hop - padding(hop);
  for (let i = 0; i < hop; i++) store<f32>(shares + (i << 2), share(first + i, 4 * N, hop));
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

/** Four samples of a ring from `position` on, mirrored within [0, length). */
// @ts-ignore: decorator
@inline
export function four(samples: usize, position: i32, length: i32): v128 {
  if (position >= 0 && position + 4 <= length && inRing(position) <= <usize>(RING - 4) << 2) return v128.load(samples + inRing(position));
  return fourMirrored(samples, position, length);
}

function fourMirrored(samples: usize, position: i32, length: i32): v128 {
  let x = v128.load32_zero(samples + inRing(mirror(position, length)));
  x = v128.load_lane<f32>(samples + inRing(mirror(position + 1, length)), x, 1);
  x = v128.load_lane<f32>(samples + inRing(mirror(position + 2, length)), x, 2);
  return v128.load_lane<f32>(samples + inRing(mirror(position + 3, length)), x, 3);
}

/** Four values of the window from sample `i` on. */
// @ts-ignore: decorator
@inline
export function windowFrom(i: i32): v128 {
  return v128.load(window + (i << 2));
}

/** Stores four vectors turned over: the first lanes of all at the first address, and so on. */
// @ts-ignore: decorator
@inline
export function transpose(a: v128, b: v128, c: v128, d: v128, to0: usize, to1: usize, to2: usize, to3: usize): void {
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5), cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to0, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(to1, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
  v128.store(to2, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5));
  v128.store(to3, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
}

/** Puts up to four windowed frames of a layer's samples into the lanes, for a real transform. Lanes beyond them hold the last one. */
export function analyse(data: usize, lanes: i32, layer: i32, begin: i32, hop: i32, total: i32): void {
  const samples = ring(layer);
  const second = begin + hop * min(1, lanes - 1), third = begin + hop * min(2, lanes - 1), last = begin + hop * (lanes - 1);
  for (let i = 0; i < N; i += 4) {
    const w = windowFrom(i);
    const even = data + halfPlace(i >> 1), odd = data + halfPlace((i >> 1) + 1);
    transpose(
      f32x4.mul(four(samples, begin + i, total), w),
      f32x4.mul(four(samples, second + i, total), w),
      f32x4.mul(four(samples, third + i, total), w),
      f32x4.mul(four(samples, last + i, total), w),
      even, even + 16, odd, odd + 16,
    );
  }
}

/**
 * Adds windowed frames to a layer, and finishes the samples that no later frame touches.
 * @param data the frames, one in each lane, as `realSignal` leaves them; changed.
 */
export function overlapAdd(data: usize, lanes: i32, layer: i32, frame: i32, frames: i32, hop: i32): void {
  for (let i = 0; i < N; i += 4) {
    const at = data + (i << 4);
    transpose(v128.load(at), v128.load(at, 16), v128.load(at, 32), v128.load(at, 48), at, at + 16, at + 32, at + 48);
  }
  for (let lane = 0; lane < lanes; lane++) {
    addFrame(data + (lane << 4), layer, frame + lane, frames, hop);
    finishSamples(layer, frame + lane, frames, hop);
  }
}

/** Adds one frame, of which every fourth vector is at `data`. */
function addFrame(data: usize, layer: i32, frame: i32, frames: i32, hop: i32): void {
  const begin = frame * hop - padding(hop);
  const total = frames * hop;
  const samples = ring(layer);
  // Samples after the window of the previous frame are written for the first time.
  const fresh = frame == 0 ? begin : begin + N - hop;
  for (let i = 0; i < N; i += 4, data += 64) {
    const n = begin + i;
    const value = f32x4.mul(v128.load(data), windowFrom(i));
    const at = samples + inRing(n);
    if (n >= 0 && n + 4 <= total && inRing(n) <= <usize>(RING - 4) << 2 && (n >= fresh || n + 4 <= fresh)) {
      v128.store(at, n < fresh ? f32x4.add(v128.load(at), value) : value);
      continue;
    }
    for (let j = 0; j < 4; j++) {
      if (n + j < 0 || n + j >= total) continue;
      const one = load<f32>(data + (j << 2)) * windowAt(i + j);
      const to = samples + inRing(n + j);
      store<f32>(to, n + j < fresh ? load<f32>(to) + one : one);
    }
  }
}

/** Divides the samples that no frame after this one touches by their share. */
function finishSamples(layer: i32, frame: i32, frames: i32, hop: i32): void {
  const begin = frame * hop - padding(hop);
  const samples = ring(layer);
  const end = frame == frames - 1 ? frames * hop : begin + hop;
  let n = max(0, load<i32>(state + (layer << 2), LAYER_READY));
  // All frames that reach these samples are there.
  if (frame >= (N + hop - 1) / hop && n == begin) {
    for (; n + 4 <= begin + hop && inRing(n) <= <usize>(RING - 4) << 2; n += 4) {
      const at = samples + inRing(n);
      v128.store(at, f32x4.div(v128.load(at), v128.load(shares + ((n - begin) << 2))));
    }
  }
  for (; n < end; n++) {
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

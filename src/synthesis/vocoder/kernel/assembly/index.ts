// The waveform kernel: everything of the vocoder that is done per sample. WebAssembly rather than JavaScript because a fresh
// isolate would spend most of a second interpreting these loops before its compiler catches up, and because WebAssembly's
// arithmetic gives the same samples on every machine. Built by `npm run kernel:build`; the binary is committed beside this folder.

import { excite, uniform } from './excitation';
import { fft, N, realInverse, setupFft } from './fft';
import { filterBands, minimumPhase, setupFilters, zeroPhase } from './filters';
import { cosPi } from './math';
import { EMITTED, FRAME, PHASE, pulse, RANDOM, state, STATE_BYTES, sum, weight, white } from './state';

/** Most frames that one call may take. */
const MAX_COUNT: i32 = 64;
/** Frames of F0 around those of a call: a window reaches two frames back and four ahead. */
const F0_MARGIN: i32 = 8;
const MAX_BANDS: i32 = 128;

const f0 = memory.data((64 + 16) * 4);
const harmonic = memory.data(64 * 128 * 4);
const noise = memory.data(64 * 128 * 4);
const output = memory.data((64 * 512 + 1024) * 4);
const spectrum = memory.data(2048 * 8);
const filtered = memory.data(1026 * 8);
const window = memory.data(1024 * 8);

let hop: i32 = 0;
let rate: f64 = 0;

/** Prepares tables; to be called once. `hopSize` at most 512, `points` at most 128. */
export function setup(sampleRate: f64, hopSize: i32, points: i32): void {
  assert(hopSize <= 512 && points <= MAX_BANDS);
  hop = hopSize;
  rate = sampleRate;
  setupFft();
  setupFilters(sampleRate, points);
  for (let i = 0; i < N; i++) store<f64>(window + (i << 3), 0.5 - 0.5 * cosPi((2.0 * i) / N));
}

export function statePointer(): usize {
  return state;
}
export function stateBytes(): i32 {
  return STATE_BYTES;
}
export function f0Pointer(): usize {
  return f0;
}
export function harmonicPointer(): usize {
  return harmonic;
}
export function noisePointer(): usize {
  return noise;
}
export function outputPointer(): usize {
  return output;
}
export function maxCount(): i32 {
  return MAX_COUNT;
}
export function f0Margin(): i32 {
  return F0_MARGIN;
}

/** Makes the state block that of a new utterance. */
export function start(seed: u32): void {
  memory.fill(state, 0, STATE_BYTES);
  store<u32>(state, seed, RANDOM);
  store<f64>(state, uniform(), PHASE);
}

/**
 * Renders the next `count` frames of an utterance of `frames`.
 * @param first frame of which the first value at `f0Pointer` is.
 * @returns samples written at `outputPointer`: those that no later frame touches; after the last frame, all that is left.
 */
export function render(count: i32, frames: i32, first: i32): i32 {
  const bands = filterBands();
  let written = 0;
  for (let i = 0; i < count; i++) {
    const frame = load<i32>(state, FRAME);
    const begin = frame * hop - N / 2;
    // The first frame mirrors the half window after sample 0, one sample beyond its own end.
    excite(max(begin + N, N / 2 + 1), f0, first, frames, hop, rate);
    filterFrame(begin, frames * hop, harmonic + ((i * bands) << 2), noise + ((i * bands) << 2));
    overlapAdd(begin, frames * hop);
    // The analysis has one centred frame more than there are frames; training repeats the last one for it, and so do we.
    if (frame == frames - 1) overlapAdd(begin + hop, frames * hop);
    store<i32>(state, frame + 1, FRAME);
    const ready = frame + 1 == frames ? frames * hop : begin + hop;
    written = emit(ready, written);
  }
  return written;
}

/** Leaves the frame that begins at sample `begin`, filtered, as N values at `filtered`. */
function filterFrame(begin: i32, total: i32, harmonicValues: usize, noiseValues: usize): void {
  for (let i = 0; i < N; i++) {
    const n = mirror(begin + i, total);
    const w = load<f64>(window + (i << 3));
    store<f64>(spectrum + (i << 4), <f64>load<f32>(pulse(n)) * w);
    store<f64>(spectrum + (i << 4), <f64>load<f32>(white(n)) * w, 8);
  }
  // One complex transform of pulses + i * noise serves both real signals; their spectra part by symmetry.
  fft(spectrum, N, false);
  const h = minimumPhase(harmonicValues);
  const g = zeroPhase(noiseValues);
  for (let k = 0; k <= N / 2; k++) {
    const a = spectrum + (k << 4);
    const b = spectrum + (((N - k) & (N - 1)) << 4);
    const ar = load<f64>(a), ai = load<f64>(a, 8), br = load<f64>(b), bi = load<f64>(b, 8);
    const pr = 0.5 * (ar + br), pi = 0.5 * (ai - bi);
    const nr = 0.5 * (ai + bi), ni = 0.5 * (br - ar);
    const hr = load<f64>(h + (k << 4)), hi = load<f64>(h + (k << 4), 8);
    const m = load<f64>(g + (k << 3));
    store<f64>(filtered + (k << 4), pr * hr - pi * hi + nr * m);
    store<f64>(filtered + (k << 4), pr * hi + pi * hr + ni * m, 8);
  }
  realInverse(filtered);
}

function overlapAdd(begin: i32, total: i32): void {
  for (let i = max(0, -begin); i < N && begin + i < total; i++) {
    const n = begin + i;
    const w = load<f64>(window + (i << 3));
    store<f64>(sum(n), load<f64>(sum(n)) + load<f64>(filtered + (i << 3)) * w);
    store<f64>(weight(n), load<f64>(weight(n)) + w * w);
  }
}

function emit(ready: i32, written: i32): i32 {
  const emitted = load<i32>(state, EMITTED);
  for (let n = emitted; n < ready; n++) {
    store<f32>(output + (written++ << 2), <f32>(load<f64>(sum(n)) / max(load<f64>(weight(n)), 1e-11)));
    store<f64>(sum(n), 0);
    store<f64>(weight(n), 0);
  }
  store<i32>(state, max(emitted, ready), EMITTED);
  return written;
}

/** Index within [0, length), mirrored at both edges without repeating the edge sample (numpy's `reflect`). */
function mirror(position: i32, length: i32): i32 {
  let n = position;
  while (n < 0 || n >= length) {
    if (length == 1) return 0;
    n = n < 0 ? -n : 2 * (length - 1) - n;
  }
  return n;
}

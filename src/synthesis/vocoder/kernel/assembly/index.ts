// The waveform kernel: everything of the vocoder that is done per sample. WebAssembly rather than JavaScript because a fresh
// isolate would spend most of a second interpreting these loops before its compiler catches up, and because WebAssembly's
// arithmetic gives the same samples on every machine. Built by `npm run kernel:build`; the binary is committed beside this folder.
//
// Four frames are worked on side by side, one in each lane of a vector. Each lane's result is the same whatever the others hold.

import { excite, uniform } from './excitation';
import { COMPLEX, fft, N, place, realSignal, realSpectrum, setupFft } from './fft';
import { combine, setupBands } from './filters';
import { analyse, four, overlapAdd, padding, setupWindow, transpose, windowFrom } from './frames';
import { matchMel, melBands, setupMatch } from './match';
import {
  EMITTED, FRAME, HARMONICS, inRing, LAYER_FRAME, LAYER_READY, MAX_BANDS, MAX_ROUNDS, melOf, PHASE, pulse, RANDOM, ring, ROUNDS, state,
  RING, STATE_BYTES, sway, swing, white,
} from './state';

/** Most frames that one call may take. */
const MAX_COUNT: i32 = 16;
/** Frames of F0 and voicing around those of a call: a window reaches two frames to each side. */
const MARGIN: i32 = 8;
const BINS: i32 = N / 2 + 1;

const f0 = memory.data((16 + 16) * 4);
const voiced = memory.data((16 + 16) * 4);
const harmonic = memory.data(16 * 513 * 4);
const noise = memory.data(16 * 513 * 4);
const reals = memory.data(16 * 513 * 4);
const imaginaries = memory.data(16 * 513 * 4);
const modulation = memory.data(16 * 4 * 128 * 4);
const mel = memory.data(16 * 128 * 4);
const output = memory.data((16 + 32) * 512 * 4);

// Transforms of four lanes: pulses + i · noise; noise · (cos + i · sin); the same of twice the phase; and a spectrum to synthesize.
const first = memory.data(1024 * 32, 16);
const second = memory.data(1024 * 32, 16);
const third = memory.data(1024 * 32, 16);
const spectrum = memory.data(513 * 32, 16);

let hop: i32 = 0;
let rate: f64 = 0;
let depths: i32 = 0;

/** Prepares tables; to be called once. `hopSize` at most 512, `bands` and `modulationBands` at most 128. */
export function setup(sampleRate: f64, hopSize: i32, bands: i32, modulationBands: i32): void {
  assert(hopSize <= 512 && bands <= MAX_BANDS && modulationBands <= 128);
  hop = hopSize;
  rate = sampleRate;
  depths = modulationBands;
  setupFft();
  setupWindow(hopSize);
  setupMatch(sampleRate, bands);
  setupBands(modulationBands);
}

export function statePointer(): usize { return state; }
export function stateBytes(): i32 { return STATE_BYTES; }
export function f0Pointer(): usize { return f0; }
export function voicedPointer(): usize { return voiced; }
export function harmonicPointer(): usize { return harmonic; }
export function noisePointer(): usize { return noise; }
export function realPointer(): usize { return reals; }
export function imaginaryPointer(): usize { return imaginaries; }
export function modulationPointer(): usize { return modulation; }
export function melPointer(): usize { return mel; }
export function outputPointer(): usize { return output; }
export function maxCount(): i32 { return MAX_COUNT; }
export function margin(): i32 { return MARGIN; }

/** Makes the state block that of a new utterance, whose pulses have so many harmonics (0: as many as the pitch allows) and whose waveform is matched to the mel so often. */
export function start(seed: u32, harmonics: i32, rounds: i32): void {
  assert(rounds <= MAX_ROUNDS);
  memory.fill(state, 0, STATE_BYTES);
  store<u32>(state, seed, RANDOM);
  store<i32>(state, harmonics, HARMONICS);
  store<i32>(state, rounds, ROUNDS);
  store<f64>(state, uniform(), PHASE);
}

/**
 * Renders the next `count` frames of an utterance of `frames`.
 * @param from frame of which the first values at `f0Pointer` and `voicedPointer` are.
 * @returns samples written at `outputPointer`: those that no later frame touches; after the last frame, all that is left.
 */
export function render(count: i32, frames: i32, from: i32): i32 {
  const bands = melBands();
  const rounds = load<i32>(state, ROUNDS);
  const begin = load<i32>(state, FRAME);
  const end = begin + count;
  let written = 0;
  for (let i = 0; i < count; i++) memory.copy(melOf(begin + i, bands), mel + ((i * bands) << 2), bands << 2);
  // All layers go on together, so that a ring need not hold more than some frames.
  for (let frame = begin; frame < end; frame += 4) {
    const lanes = min(4, end - frame);
    excite((frame + lanes - 1) * hop - padding(hop) + N, f0, voiced, from, frames, hop, rate);
    filterFrames(frame, lanes, frame - begin, frames);
    // Some frames of each layer in turn: at the end of an utterance there are more of them than a ring holds.
    for (let matched = 1; matched > 0; ) {
      matched = 0;
      for (let round = 1; round <= rounds; round++) matched += matchFrames(round, frames, bands);
      written = emit(rounds, written);
    }
  }
  store<i32>(state, end, FRAME);
  return written;
}

/** The first layer: filters pulses and noise. `index` is the first frame's number in this call. */
function filterFrames(frame: i32, lanes: i32, index: i32, frames: i32): void {
  const total = frames * hop;
  const depth = 4 * depths;
  let modulated = false;
  for (let i = index * depth; i < (index + lanes) * depth; i++) modulated = modulated || load<f32>(modulation + (i << 2)) != 0;
  excitationInto(frame, lanes, total, modulated);
  fft(first, N, 1);
  if (modulated) {
    fft(second, N, 1);
    fft(third, N, 1);
  }
  const at = (index * BINS) << 2;
  combine(first, modulated ? second : 0, third, spectrum, harmonic + at, noise + at, reals + at, imaginaries + at, modulation + ((index * depth) << 2), lanes);
  realSignal(spectrum, first);
  overlapAdd(first, lanes, 0, frame, frames, hop);
}

/** Puts the windowed excitation of up to four frames into the lanes of the transforms. Lanes beyond them hold the last one. */
function excitationInto(frame: i32, lanes: i32, total: i32, modulated: bool): void {
  const a = frame * hop - padding(hop);
  const b = a + hop * min(1, lanes - 1), c = a + hop * min(2, lanes - 1), d = a + hop * (lanes - 1);
  const one = f32x4.splat(1), two = f32x4.splat(2);
  for (let i = 0; i < N; i += 4) {
    const w = windowFrom(i);
    const p = place(i), q = place(i + 1), r = place(i + 2), s = place(i + 3);
    transpose(
      f32x4.mul(four(pulse(0), a + i, total), w),
      f32x4.mul(four(pulse(0), b + i, total), w),
      f32x4.mul(four(pulse(0), c + i, total), w),
      f32x4.mul(four(pulse(0), d + i, total), w),
      first + p, first + q, first + r, first + s,
    );
    const ha = f32x4.mul(four(white(0), a + i, total), w), hb = f32x4.mul(four(white(0), b + i, total), w);
    const hc = f32x4.mul(four(white(0), c + i, total), w), hd = f32x4.mul(four(white(0), d + i, total), w);
    transpose(ha, hb, hc, hd, first + p + 16, first + q + 16, first + r + 16, first + s + 16);
    if (!modulated) continue;
    const ca = four(swing(0), a + i, total), cb = four(swing(0), b + i, total);
    const cc = four(swing(0), c + i, total), cd = four(swing(0), d + i, total);
    const sa = four(sway(0), a + i, total), sb = four(sway(0), b + i, total);
    const sc = four(sway(0), c + i, total), sd = four(sway(0), d + i, total);
    transpose(f32x4.mul(ha, ca), f32x4.mul(hb, cb), f32x4.mul(hc, cc), f32x4.mul(hd, cd), second + p, second + q, second + r, second + s);
    transpose(
      f32x4.mul(ha, sa), f32x4.mul(hb, sb), f32x4.mul(hc, sc), f32x4.mul(hd, sd),
      second + p + 16, second + q + 16, second + r + 16, second + s + 16,
    );
    // Of twice the phase: cos 2x = 2 cos^2 x - 1, sin 2x = 2 cos x sin x.
    transpose(
      f32x4.mul(ha, f32x4.sub(f32x4.mul(two, f32x4.mul(ca, ca)), one)),
      f32x4.mul(hb, f32x4.sub(f32x4.mul(two, f32x4.mul(cb, cb)), one)),
      f32x4.mul(hc, f32x4.sub(f32x4.mul(two, f32x4.mul(cc, cc)), one)),
      f32x4.mul(hd, f32x4.sub(f32x4.mul(two, f32x4.mul(cd, cd)), one)),
      third + p, third + q, third + r, third + s,
    );
    transpose(
      f32x4.mul(ha, f32x4.mul(two, f32x4.mul(ca, sa))),
      f32x4.mul(hb, f32x4.mul(two, f32x4.mul(cb, sb))),
      f32x4.mul(hc, f32x4.mul(two, f32x4.mul(cc, sc))),
      f32x4.mul(hd, f32x4.mul(two, f32x4.mul(cd, sd))),
      third + p + 16, third + q + 16, third + r + 16, third + s + 16,
    );
  }
}

/**
 * A later layer: matches up to four frames of the previous layer whose samples are ready to their mels.
 * @returns how many frames.
 */
function matchFrames(layer: i32, frames: i32, bands: i32): i32 {
  const total = frames * hop;
  const ready = load<i32>(state + ((layer - 1) << 2), LAYER_READY);
  const frame = load<i32>(state + (layer << 2), LAYER_FRAME);
  let lanes = 0;
  while (lanes < 4 && frame + lanes < frames && min(total, (frame + lanes) * hop - padding(hop) + N) <= ready) lanes++;
  if (lanes == 0) return 0;
  analyse(first, lanes, layer - 1, frame * hop - padding(hop), hop, total);
  fft(first, N / 2, 1);
  realSpectrum(first, spectrum);
  matchMel(
    spectrum,
    melOf(frame, bands),
    melOf(frame + min(1, lanes - 1), bands),
    melOf(frame + min(2, lanes - 1), bands),
    melOf(frame + min(3, lanes - 1), bands),
  );
  realSignal(spectrum, first);
  overlapAdd(first, lanes, layer, frame, frames, hop);
  store<i32>(state + (layer << 2), frame + lanes, LAYER_FRAME);
  return lanes;
}

/** Writes what a layer has ready behind `written` samples of output; returns how many there are then. */
function emit(layer: i32, written: i32): i32 {
  const samples = ring(layer);
  const ready = load<i32>(state + (layer << 2), LAYER_READY);
  const emitted = load<i32>(state, EMITTED);
  for (let n = emitted; n < ready; ) {
    const count = min(ready - n, RING - (inRing(n) >> 2));
    memory.copy(output + (written << 2), samples + inRing(n), count << 2);
    written += count;
    n += count;
  }
  store<i32>(state, max(emitted, ready), EMITTED);
  return written;
}

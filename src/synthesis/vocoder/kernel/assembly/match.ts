import { COMPLEX, N } from './fft';
import { exp4, log4 } from './math';
import { MAX_BANDS } from './state';

const BINS: i32 = N / 2 + 1;
/** Furthest that a band's level is moved, in nepers, and the least power that counts. */
const REACH: f32 = 2;
const FLOOR: f32 = 1e-9;

// For each bin: the lower of the two bands that hold it, its weight in each, and its share in each.
const lower = memory.data(513 * 4);
const weights = memory.data(513 * 8);
const shares = memory.data(513 * 8);
// Four lanes for each band; two more bands, so that each bin has two.
const levels = memory.data(130 * 16);
let bands: i32 = 0;

function toMel(hz: f64): f64 {
  return 2595.0 * Math.log10(1.0 + hz / 700.0);
}

/** Hz of a corner of the triangles, evenly spaced in mel from 0 to half the sample rate. */
function corner(i: i32, rate: f64): f64 {
  return 700.0 * (10.0 ** ((toMel(rate / 2.0) * <f64>i) / <f64>(bands + 1) / 2595.0) - 1.0);
}

/** Prepares the triangles of height 1 that the mel is made of. */
export function setupMatch(rate: f64, count: i32): void {
  assert(count <= MAX_BANDS);
  bands = count;
  let band = 0;
  for (let k = 0; k < BINS; k++) {
    const hz = (<f64>k * rate) / N;
    // The bin lies between corners `band` and `band + 1`: band - 1 falls there and band rises.
    while (band < bands && hz >= corner(band + 1, rate)) band++;
    const at = (hz - corner(band, rate)) / (corner(band + 1, rate) - corner(band, rate));
    const rise: f64 = band < bands ? max(0.0, min(1.0, at)) : 0;
    const fall: f64 = band > 0 ? max(0.0, 1.0 - at) : 0;
    const sum = max(rise + fall, 1e-6);
    // Places are shifted by one: place 0 is no band.
    store<i32>(lower + (k << 2), band << 4);
    store<f32>(weights + (k << 3), <f32>fall);
    store<f32>(weights + (k << 3), <f32>rise, 4);
    store<f32>(shares + (k << 3), <f32>(fall / sum));
    store<f32>(shares + (k << 3), <f32>(rise / sum), 4);
  }
}

/** Bands of the mel. */
export function melBands(): i32 {
  return bands;
}

/**
 * Gives each band of four spectra the level of the mel.
 * @param spectrum N/2 + 1 complex numbers of four lanes; changed.
 * @param mels of the four frames: pointers to natural logarithms of the mel magnitude.
 */
export function matchMel(spectrum: usize, mel0: usize, mel1: usize, mel2: usize, mel3: usize): void {
  memory.fill(levels, 0, (bands + 2) << 4);
  let at = levels;
  let falling = f32x4.splat(0), rising = falling;
  for (let k = 0; k < BINS; k++) {
    const re = v128.load(spectrum + k * COMPLEX), im = v128.load(spectrum + k * COMPLEX, 16);
    const power = f32x4.add(f32x4.mul(re, re), f32x4.mul(im, im));
    const next = levels + load<i32>(lower + (k << 2));
    if (next != at) {
      v128.store(at, f32x4.add(v128.load(at), falling));
      v128.store(at, f32x4.add(v128.load(at, 16), rising), 16);
      falling = rising = f32x4.splat(0);
      at = next;
    }
    falling = f32x4.add(falling, f32x4.mul(power, v128.load32_splat(weights + (k << 3))));
    rising = f32x4.add(rising, f32x4.mul(power, v128.load32_splat(weights + (k << 3), 4)));
  }
  v128.store(at, f32x4.add(v128.load(at), falling));
  v128.store(at, f32x4.add(v128.load(at, 16), rising), 16);
  // Difference of each band's level from the target, in nepers.
  for (let b = 0; b < bands; b++) {
    at = levels + ((b + 1) << 4);
    let wanted = v128.load32_zero(mel0 + (b << 2));
    wanted = v128.load_lane<f32>(mel1 + (b << 2), wanted, 1);
    wanted = v128.load_lane<f32>(mel2 + (b << 2), wanted, 2);
    wanted = v128.load_lane<f32>(mel3 + (b << 2), wanted, 3);
    const own = f32x4.mul(log4(f32x4.max(v128.load(at), f32x4.splat(FLOOR))), f32x4.splat(0.5));
    v128.store(at, f32x4.min(f32x4.splat(REACH), f32x4.max(f32x4.splat(-REACH), f32x4.sub(wanted, own))));
  }
  v128.store(levels, f32x4.splat(0));
  v128.store(levels + ((bands + 1) << 4), f32x4.splat(0));
  for (let k = 0; k < BINS; k++) {
    at = levels + load<i32>(lower + (k << 2));
    const fall = v128.load32_splat(shares + (k << 3)), rise = v128.load32_splat(shares + (k << 3), 4);
    const gain = exp4(f32x4.add(f32x4.mul(v128.load(at), fall), f32x4.mul(v128.load(at, 16), rise)));
    const p = spectrum + k * COMPLEX;
    v128.store(p, f32x4.mul(v128.load(p), gain));
    v128.store(p, f32x4.mul(v128.load(p, 16), gain), 16);
  }
}

import { log4, sinPi4 } from './math';
import { FILLED, HARMONICS, PHASE, pulse, RANDOM, state, sway, swing, white } from './state';

/** Below this |sin(pi * phase)| the closed form of a pulse divides by almost nothing; its limit is used. */
const NEAR_PULSE: f32 = 1e-4;
/** Samples to each side of a frame's edge over which the pulses come in or go out: 5 ms in all. */
const EDGE: i32 = 60;
const WIDTH: f32 = 121;
/** Hz below which harmonics lie where their number follows the pitch. */
const HIGHEST_HARMONIC: f64 = 11500.0;
/** Samples that are made together. */
const BLOCK: i32 = 4;

/** Uniform in [0, 1): mulberry32, as `random.ts`. */
export function uniform(): f64 {
  const next = load<u32>(state, RANDOM) + 0x6d2b79f5;
  store<u32>(state, next, RANDOM);
  let t = (next ^ (next >>> 15)) * (next | 1);
  t = (t + (t ^ (t >>> 7)) * (t | 61)) ^ t;
  return <f64>(t ^ (t >>> 14)) / 4294967296.0;
}

// For each of the next four numbers of the generator, how much its state has grown; and what is or'ed in.
const STEPS = memory.data<u32>([0x6d2b79f5, 0xda56f3ea, 0x47826ddf, 0xb4ade7d4], 16);
const ODD = memory.data<u32>([1, 1, 1, 1, 61, 61, 61, 61], 16);
// 2^-32, 1, 2; and half a turn for every other angle.
const SCALES = memory.data<f64>([2.3283064365386963e-10, 1, 2], 16);
const HALF_TURNS = memory.data<f32>([0.5, 0, 0.5, 0, -2, -2, -2, -2], 16);

/** Four standard normal numbers: Box and Muller 1958, twice, from the next four of {@link uniform}. */
// @ts-ignore: decorator
@inline
function gaussian4(): v128 {
  const next = i32x4.add(v128.load32_splat(state, RANDOM), v128.load(STEPS));
  store<u32>(state, i32x4.extract_lane(next, 3), RANDOM);
  let t = i32x4.mul(v128.xor(next, i32x4.shr_u(next, 15)), v128.or(next, v128.load(ODD)));
  t = v128.xor(i32x4.add(t, i32x4.mul(v128.xor(t, i32x4.shr_u(t, 7)), v128.or(t, v128.load(ODD, 16)))), t);
  t = v128.xor(t, i32x4.shr_u(t, 14));
  // Each pair: of the first the radius, of the second the angle.
  const scale = v128.load64_splat(SCALES), one = v128.load64_splat(SCALES, 8), two = v128.load64_splat(SCALES, 16);
  const a = f64x2.mul(f64x2.convert_low_i32x4_u(t), scale);
  const b = f64x2.mul(f64x2.convert_low_i32x4_u(v128.shuffle<i32>(t, t, 2, 3, 2, 3)), scale);
  const radii = v128.shuffle<f32>(f32x4.demote_f64x2_zero(f64x2.sub(one, a)), f32x4.demote_f64x2_zero(f64x2.sub(one, b)), 0, 0, 4, 4);
  const angles = v128.shuffle<f32>(
    f32x4.demote_f64x2_zero(f64x2.sub(f64x2.mul(two, a), one)), f32x4.demote_f64x2_zero(f64x2.sub(f64x2.mul(two, b), one)), 1, 1, 5, 5,
  );
  const radius = f32x4.sqrt(f32x4.mul(log4(radii), v128.load(HALF_TURNS, 16)));
  // Of each two, the first takes the cosine of its angle, the second the sine. All angles are half a turn off, which changes both signs.
  return f32x4.neg(f32x4.mul(radius, sinPi4(f32x4.add(angles, v128.load(HALF_TURNS)))));
}

// @ts-ignore: decorator
@inline
function lanes(a: f32, b: f32, c: f32, d: f32): v128 {
  return f32x4.replace_lane(f32x4.replace_lane(f32x4.replace_lane(f32x4.splat(a), 1, b), 2, c), 3, d);
}

/** Two pairs of double precision as four of single precision. */
// @ts-ignore: decorator
@inline
function single(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** Products in double precision, less an even number of half turns. */
// @ts-ignore: decorator
@inline
function turn(low: v128, orderLow: v128, high: v128, orderHigh: v128): v128 {
  const a = f64x2.mul(low, orderLow), b = f64x2.mul(high, orderHigh);
  const half = f64x2.splat(0.5);
  const turnsA = f64x2.nearest(f64x2.mul(a, half)), turnsB = f64x2.nearest(f64x2.mul(b, half));
  return single(f64x2.sub(a, f64x2.add(turnsA, turnsA)), f64x2.sub(b, f64x2.add(turnsB, turnsB)));
}

/**
 * Makes excitation up to sample `end`, rounded up to a multiple of {@link BLOCK}: white noise, a band-limited pulse train where the frames are
 * voiced, and the cosine and sine of its phase, which goes on through unvoiced stretches. A pulse is the sum of the cosines of all harmonics in
 * closed form (Dirichlet kernel), scaled to unit power. Where the state's number of harmonics is 0, it follows the pitch.
 * @param f0 Hz per frame, f32, from frame `first` on.
 * @param voiced 1 or 0 per frame, f32, from frame `first` on.
 * @param frames of the whole utterance.
 */
export function excite(end: i32, f0: usize, voiced: usize, first: i32, frames: i32, hop: i32, rate: f64): void {
  const last = frames - 1;
  const limit = min(end, frames * hop);
  const fixed = <f64>load<i32>(state, HARMONICS);
  let orderLow = f64x2.splat(2.0 * fixed + 1.0), orderHigh = orderLow;
  let power = f32x4.splat(<f32>(Math.sqrt(2.0 / fixed) / 2.0));
  const one = f32x4.splat(1), two = f32x4.splat(2);
  const perHop = 1.0 / <f64>hop, perRate = 1.0 / rate;
  let phase = load<f64>(state, PHASE);
  let n = load<i32>(state, FILLED);
  for (; n < limit; n += BLOCK) {
    let low = f64x2.splat(0), high = low, hertzLow = low, hertzHigh = low;
    for (let i = 0; i < BLOCK; i++) {
      // Frame values are at the frame centres, with linear interpolation between them, as in training.
      const position = min(max((<f64>(n + i) + 0.5) * perHop - 0.5, 0.0), <f64>last);
      const left = <i32>position;
      const right = min(left + 1, last);
      const a = <f64>load<f32>(f0 + ((left - first) << 2));
      const b = <f64>load<f32>(f0 + ((right - first) << 2));
      const hertz = a + (b - a) * (position - <f64>left);
      phase += hertz * perRate;
      if (phase >= 1.0) phase -= floor(phase);
      // About the nearest pulse: sine and kernel are the same a whole turn on, but for signs that cancel.
      const around = phase >= 0.5 ? phase - 1.0 : phase;
      if (i < 2) {
        low = i == 0 ? f64x2.splat(around) : f64x2.replace_lane(low, 1, around);
        hertzLow = i == 0 ? f64x2.splat(hertz) : f64x2.replace_lane(hertzLow, 1, hertz);
      } else {
        high = i == 2 ? f64x2.splat(around) : f64x2.replace_lane(high, 1, around);
        hertzHigh = i == 2 ? f64x2.splat(hertz) : f64x2.replace_lane(hertzHigh, 1, hertz);
      }
    }
    const around = single(low, high);
    const s = sinPi4(around), c = sinPi4(f32x4.add(around, f32x4.splat(0.5)));
    const gate = gates(n, voiced, first, last, hop);
    let value = f32x4.splat(0);
    if (v128.any_true(gate)) {
      let next = f32x4.splat(0);
      if (fixed == 0) {
        // As many harmonics as lie below the limit. The next one comes in gradually as the pitch falls.
        const least = f64x2.splat(1), most = f64x2.splat(HIGHEST_HARMONIC), pair = f64x2.splat(2);
        const countLow = f64x2.max(f64x2.div(most, hertzLow), least), countHigh = f64x2.max(f64x2.div(most, hertzHigh), least);
        const wholeLow = f64x2.floor(countLow), wholeHigh = f64x2.floor(countHigh);
        orderLow = f64x2.add(f64x2.mul(wholeLow, pair), least);
        orderHigh = f64x2.add(f64x2.mul(wholeHigh, pair), least);
        const count = single(countLow, countHigh);
        power = f32x4.mul(f32x4.sqrt(f32x4.div(two, count)), f32x4.splat(0.5));
        const cosine = sinPi4(f32x4.add(turn(low, f64x2.add(orderLow, least), high, f64x2.add(orderHigh, least)), f32x4.splat(0.5)));
        next = f32x4.mul(f32x4.mul(f32x4.sub(count, single(wholeLow, wholeHigh)), cosine), two);
      }
      const near = f32x4.lt(f32x4.abs(s), f32x4.splat(NEAR_PULSE));
      const sine = sinPi4(turn(low, orderLow, high, orderHigh));
      const kernel = v128.bitselect(single(orderLow, orderHigh), f32x4.div(sine, v128.bitselect(one, s, near)), near);
      value = f32x4.mul(f32x4.mul(f32x4.add(f32x4.sub(kernel, one), next), gate), power);
    }
    v128.store(pulse(n), value);
    v128.store(swing(n), f32x4.sub(one, f32x4.mul(two, f32x4.mul(s, s))));
    v128.store(sway(n), f32x4.mul(two, f32x4.mul(s, c)));
    v128.store(white(n), gaussian4());
  }
  store<f64>(state, phase, PHASE);
  store<i32>(state, n, FILLED);
}

/** Voicing at four samples. */
// @ts-ignore: decorator
@inline
function gates(n: i32, voiced: usize, first: i32, last: i32, hop: i32): v128 {
  const frame = min(n / hop, last);
  const inside = n - frame * hop;
  if (inside >= EDGE && inside + BLOCK <= hop - EDGE) return v128.load32_splat(voiced + ((frame - first) << 2));
  return lanes(
    gateAt(n, voiced, first, last, hop), gateAt(n + 1, voiced, first, last, hop),
    gateAt(n + 2, voiced, first, last, hop), gateAt(n + 3, voiced, first, last, hop),
  );
}

/** Voicing at a sample: the mean over the samples within {@link EDGE}. */
function gateAt(n: i32, voiced: usize, first: i32, last: i32, hop: i32): f32 {
  const frame = min(n / hop, last);
  const inside = n - frame * hop;
  const own = load<f32>(voiced + ((frame - first) << 2));
  if (inside < EDGE && frame > 0) {
    const before = load<f32>(voiced + ((frame - 1 - first) << 2));
    return own + ((before - own) * <f32>(EDGE - inside)) / WIDTH;
  }
  if (inside >= hop - EDGE && frame < last) {
    const after = load<f32>(voiced + ((frame + 1 - first) << 2));
    return own + ((after - own) * <f32>(EDGE - (hop - 1 - inside))) / WIDTH;
  }
  return own;
}

import { sinPi, sinPi2 } from './math';
import { FILLED, HARMONICS, HAS_SPARE, PHASE, pulse, RANDOM, SPARE, state, sway, swing, white } from './state';

/** Below this |sin(pi * phase)| the closed form of a pulse divides by almost nothing; its limit is used. */
const NEAR_PULSE: f64 = 1e-4;
/** Samples to each side of a frame's edge over which the pulses come in or go out: 5 ms in all. */
const EDGE: i32 = 60;
/** Hz below which harmonics lie where their number follows the pitch. */
const HIGHEST_HARMONIC: f64 = 11500.0;

/** Uniform in [0, 1): mulberry32, as `random.ts`. */
export function uniform(): f64 {
  const next = load<u32>(state, RANDOM) + 0x6d2b79f5;
  store<u32>(state, next, RANDOM);
  let t = (next ^ (next >>> 15)) * (next | 1);
  t = (t + (t ^ (t >>> 7)) * (t | 61)) ^ t;
  return <f64>(t ^ (t >>> 14)) / 4294967296.0;
}

/** sin(pi x) and cos(pi x). */
// @ts-ignore: decorator
@inline
function sineAndCosine(x: f64): v128 {
  return sinPi2(f64x2.replace_lane(f64x2.splat(x), 1, x + 0.5));
}

/** Standard normal: Box and Muller 1958. */
function gaussian(): f64 {
  if (load<i32>(state, HAS_SPARE)) {
    store<i32>(state, 0, HAS_SPARE);
    return load<f64>(state, SPARE);
  }
  const radius = Math.sqrt(-2.0 * Math.log(1.0 - uniform()));
  const angle = 2.0 * uniform();
  const turned = sineAndCosine(angle);
  store<f64>(state, radius * f64x2.extract_lane(turned, 0), SPARE);
  store<i32>(state, 1, HAS_SPARE);
  return radius * f64x2.extract_lane(turned, 1);
}

/**
 * Makes excitation up to sample `end`: white noise, a band-limited pulse train where the frames are voiced, and the cosine and sine of its
 * phase, which goes on through unvoiced stretches. A pulse is the sum of the cosines of all harmonics in closed form (Dirichlet kernel), scaled
 * to unit power. Where the state's number of harmonics is 0, it follows the pitch.
 * @param f0 Hz per frame, f32, from frame `first` on.
 * @param voiced 1 or 0 per frame, f32, from frame `first` on.
 * @param frames of the whole utterance.
 */
export function excite(end: i32, f0: usize, voiced: usize, first: i32, frames: i32, hop: i32, rate: f64): void {
  const last = frames - 1;
  const limit = min(end, frames * hop);
  const fixed = <f64>load<i32>(state, HARMONICS);
  let order = 2.0 * fixed + 1.0;
  let power = Math.sqrt(2.0 / fixed);
  let phase = load<f64>(state, PHASE);
  let n = load<i32>(state, FILLED);
  for (; n < limit; n++) {
    // Frame values stand at frame centres and are joined by straight lines, as in training.
    const position = min(max((<f64>n + 0.5) / <f64>hop - 0.5, 0.0), <f64>last);
    const left = <i32>position;
    const right = min(left + 1, last);
    const a = <f64>load<f32>(f0 + ((left - first) << 2));
    const b = <f64>load<f32>(f0 + ((right - first) << 2));
    const hz = a + (b - a) * (position - <f64>left);
    phase += hz / rate;
    phase -= floor(phase);
    const gate = gateAt(n, voiced, first, last, hop);
    const turned = sineAndCosine(phase);
    const s = f64x2.extract_lane(turned, 0), c = f64x2.extract_lane(turned, 1);
    let value: f64 = 0;
    if (gate > 0) {
      let next: f64 = 0;
      if (fixed == 0) {
        // As many harmonics as lie below the limit. The next one comes in gradually as the pitch falls.
        const count = max(HIGHEST_HARMONIC / hz, 1.0);
        const whole = floor(count);
        order = 2.0 * whole + 1.0;
        power = Math.sqrt(2.0 / count);
        next = (count - whole) * sinPi(2.0 * (whole + 1.0) * phase + 0.5);
      }
      const kernel = abs(s) < NEAR_PULSE ? order : sinPi(order * phase) / s;
      value = ((kernel - 1.0) / 2.0 + next) * gate * power;
    }
    store<f32>(pulse(n), <f32>value);
    store<f32>(swing(n), <f32>(1.0 - 2.0 * s * s));
    store<f32>(sway(n), <f32>(2.0 * s * c));
    store<f32>(white(n), <f32>gaussian());
  }
  store<f64>(state, phase, PHASE);
  store<i32>(state, n, FILLED);
}

/** Voicing at a sample: the mean over the samples within {@link EDGE}. */
function gateAt(n: i32, voiced: usize, first: i32, last: i32, hop: i32): f64 {
  const frame = n / hop;
  const inside = n - frame * hop;
  const own = <f64>load<f32>(voiced + ((frame - first) << 2));
  const width = <f64>(2 * EDGE + 1);
  if (inside < EDGE && frame > 0) {
    const before = <f64>load<f32>(voiced + ((frame - 1 - first) << 2));
    return own + ((before - own) * <f64>(EDGE - inside)) / width;
  }
  if (inside >= hop - EDGE && frame < last) {
    const after = <f64>load<f32>(voiced + ((frame + 1 - first) << 2));
    return own + ((after - own) * <f64>(EDGE - (hop - 1 - inside))) / width;
  }
  return own;
}

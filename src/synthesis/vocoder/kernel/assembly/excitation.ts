import { cosPi, sinPi } from './math';
import { FILLED, HAS_SPARE, PHASE, pulse, RANDOM, SPARE, state, white } from './state';

/** Below this |sin(pi * phase)| the closed form of a pulse divides by almost nothing; its limit is used. */
const NEAR_PULSE: f64 = 1e-4;

/** Uniform in [0, 1): mulberry32, as `random.ts`. */
export function uniform(): f64 {
  const next = load<u32>(state, RANDOM) + 0x6d2b79f5;
  store<u32>(state, next, RANDOM);
  let t = (next ^ (next >>> 15)) * (next | 1);
  t = (t + (t ^ (t >>> 7)) * (t | 61)) ^ t;
  return <f64>(t ^ (t >>> 14)) / 4294967296.0;
}

/** Standard normal: Box and Muller 1958. */
function gaussian(): f64 {
  if (load<i32>(state, HAS_SPARE)) {
    store<i32>(state, 0, HAS_SPARE);
    return load<f64>(state, SPARE);
  }
  const radius = Math.sqrt(-2.0 * Math.log(1.0 - uniform()));
  const angle = 2.0 * uniform();
  store<f64>(state, radius * sinPi(angle), SPARE);
  store<i32>(state, 1, HAS_SPARE);
  return radius * cosPi(angle);
}

/**
 * Makes excitation up to sample `end`: a band-limited pulse train that follows F0 through unvoiced stretches too (the filters
 * decide how much of it is heard), and white noise. A pulse is the sum of all cosines below Nyquist in closed form (Dirichlet
 * kernel), scaled to unit power.
 * @param f0 Hz per frame, f32, from frame `first` on.
 * @param frames of the whole utterance.
 */
export function excite(end: i32, f0: usize, first: i32, frames: i32, hop: i32, rate: f64): void {
  const last = frames - 1;
  const limit = min(end, frames * hop);
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
    const harmonics = floor(rate / 2.0 / hz) - 1.0;
    const s = sinPi(phase);
    const order = 2.0 * harmonics + 1.0;
    const kernel = abs(s) < NEAR_PULSE ? order : sinPi(order * phase) / s;
    store<f32>(pulse(n), <f32>(((kernel - 1.0) / 2.0) * Math.sqrt(2.0 / max(harmonics, 1.0))));
    store<f32>(white(n), <f32>gaussian());
  }
  store<f64>(state, phase, PHASE);
  store<i32>(state, n, FILLED);
}

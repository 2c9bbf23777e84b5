import { COMPLEX, N } from './fft';
import { exp4 } from './math';

const BINS: i32 = N / 2 + 1;
/** Added to the squared magnitude of the number that gives a phase, as in training. */
const LEAST: f32 = 1e-6;

// Position of each bin among the bands of the modulation: the lower band, and the share of the next.
const lower = memory.data(513 * 4);
const share = memory.data(513 * 4);
let bands: i32 = 0;
// Modulation of four frames: for each carrier and band a vector.
const depths = memory.data(4 * 128 * 16, 16);

/** Spreads the bands of the modulation over the bins by straight lines between their centres. */
export function setupBands(count: i32): void {
  bands = count;
  for (let k = 0; k < BINS; k++) {
    const position = min(max(((<f64>k + 0.5) * <f64>count) / <f64>BINS - 0.5, 0.0), <f64>(count - 1));
    const left = min(<i32>position, max(0, count - 2));
    store<i32>(lower + (k << 2), left);
    store<f32>(share + (k << 2), <f32>(position - <f64>left));
  }
}

/** One value of each of four rows; for a missing row, that of the first. */
function gather(row: usize, stride: usize, lanes: i32): v128 {
  let value = v128.load32_splat(row);
  if (lanes > 1) value = v128.load_lane<f32>(row + stride, value, 1);
  if (lanes > 2) value = v128.load_lane<f32>(row + 2 * stride, value, 2);
  if (lanes > 3) value = v128.load_lane<f32>(row + 3 * stride, value, 3);
  return value;
}

function clamp(x: v128, least: f32, most: f32): v128 {
  return f32x4.min(f32x4.max(x, f32x4.splat(least)), f32x4.splat(most));
}

/** Modulation of a bin by one carrier. */
// @ts-ignore: decorator
@inline
function depthAt(carrier: i32, band: i32, part: v128): v128 {
  const at = depths + <usize>((carrier * bands + band) << 4);
  const left = v128.load(at);
  return f32x4.add(left, f32x4.mul(f32x4.sub(v128.load(at + (bands > 1 ? 16 : 0)), left), part));
}

/**
 * Spectra of the speech: pulses through the harmonic filter, plus noise, as it is and modulated, through the noise filter.
 * @param plain transform of pulses + i · noise.
 * @param single transform of noise · (cos + i · sin) of the phase; 0 where nothing is modulated.
 * @param double the same of twice the phase.
 * @param out N/2 + 1 complex numbers.
 * @param harmonic first frame's natural-log magnitudes; the next frames' lie behind it. So do the others'.
 * @param real with `imaginary` a complex number whose angle is the phase of the harmonic filter.
 * @param modulation four carriers of so many bands each.
 */
export function combine(
  plain: usize,
  single: usize,
  double: usize,
  out: usize,
  harmonic: usize,
  noise: usize,
  real: usize,
  imaginary: usize,
  modulation: usize,
  lanes: i32,
): void {
  const half = f32x4.splat(0.5);
  const row = <usize>(BINS << 2);
  if (single) {
    for (let i = 0; i < 4 * bands; i++) v128.store(depths + (i << 4), gather(modulation + (i << 2), <usize>(bands << 4), lanes));
  }
  for (let k = 0; k < BINS; k++) {
    const here = k * COMPLEX;
    const there = ((N - k) & (N - 1)) * COMPLEX;
    // One complex transform serves two real signals; their spectra part by symmetry.
    let ar = v128.load(plain + here), ai = v128.load(plain + here, 16);
    let br = v128.load(plain + there), bi = v128.load(plain + there, 16);
    const pr = f32x4.add(ar, br), pi = f32x4.sub(ai, bi);
    let nr = f32x4.add(ai, bi), ni = f32x4.sub(br, ar);
    if (single) {
      ar = v128.load(single + here);
      ai = v128.load(single + here, 16);
      br = v128.load(single + there);
      bi = v128.load(single + there, 16);
      const band = load<i32>(lower + (k << 2)), part = v128.load32_splat(share + (k << 2));
      let d = depthAt(0, band, part);
      let e = depthAt(1, band, part);
      nr = f32x4.add(nr, f32x4.add(f32x4.mul(d, f32x4.add(ar, br)), f32x4.mul(e, f32x4.add(ai, bi))));
      ni = f32x4.add(ni, f32x4.add(f32x4.mul(d, f32x4.sub(ai, bi)), f32x4.mul(e, f32x4.sub(br, ar))));
      ar = v128.load(double + here);
      ai = v128.load(double + here, 16);
      br = v128.load(double + there);
      bi = v128.load(double + there, 16);
      d = depthAt(2, band, part);
      e = depthAt(3, band, part);
      nr = f32x4.add(nr, f32x4.add(f32x4.mul(d, f32x4.add(ar, br)), f32x4.mul(e, f32x4.add(ai, bi))));
      ni = f32x4.add(ni, f32x4.add(f32x4.mul(d, f32x4.sub(ai, bi)), f32x4.mul(e, f32x4.sub(br, ar))));
    }
    const column = <usize>(k << 2);
    const h = f32x4.mul(exp4(clamp(gather(harmonic + column, row, lanes), -12, 6)), half);
    const g = f32x4.mul(exp4(clamp(gather(noise + column, row, lanes), -14, 4)), half);
    const x = gather(real + column, row, lanes), y = gather(imaginary + column, row, lanes);
    const length = f32x4.add(f32x4.add(f32x4.mul(x, x), f32x4.mul(y, y)), f32x4.splat(LEAST));
    const unit = f32x4.div(h, f32x4.sqrt(length));
    const hr = f32x4.mul(x, unit), hi = f32x4.mul(y, unit);
    const re = f32x4.add(f32x4.sub(f32x4.mul(pr, hr), f32x4.mul(pi, hi)), f32x4.mul(nr, g));
    const im = f32x4.add(f32x4.add(f32x4.mul(pr, hi), f32x4.mul(pi, hr)), f32x4.mul(ni, g));
    v128.store(out + here, re);
    v128.store(out + here, im, 16);
  }
  // A real signal has real values there; what the phases of the filters made of them is left out, as in training.
  v128.store(out, f32x4.splat(0), 16);
  v128.store(out + (BINS - 1) * COMPLEX, f32x4.splat(0), 16);
}

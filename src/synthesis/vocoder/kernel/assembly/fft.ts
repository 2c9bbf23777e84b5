import { cosPi, sinPi } from './math';

/** Window and transform length N. */
export const N: i32 = 1024;

// exp(-2 pi i k / N), k = 0 … N/2 - 1, interleaved.
const twiddles = memory.data(1024 * 8);

/** Fills the twiddle table; to be called once. */
export function setupFft(): void {
  for (let k = 0; k < N / 2; k++) {
    const x = (2.0 * k) / N;
    store<f64>(twiddles + (k << 4), cosPi(x));
    store<f64>(twiddles + (k << 4) + 8, -sinPi(x));
  }
}

/** Puts complex values into bit-reversed order. */
function permute(data: usize, size: i32): void {
  let j = 0;
  for (let i = 1; i < size; i++) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      const a = data + (i << 4);
      const b = data + (j << 4);
      const t = v128.load(a);
      v128.store(a, v128.load(b));
      v128.store(b, t);
    }
  }
}

/**
 * Complex FFT in place (Cooley and Tukey 1965, radix 2, decimation in time), interleaved f64, not scaled.
 * One complex number is one vector, so that a butterfly takes a handful of instructions.
 * @param size a power of two up to N.
 * @param inverse conjugate twiddles.
 */
export function fft(data: usize, size: i32, inverse: bool): void {
  permute(data, size);
  const flip = inverse ? f64x2(1, -1) : f64x2.splat(1);
  const turn = f64x2(-1, 1);
  for (let half = 1; half < size; half <<= 1) {
    const stride = N / (half << 1);
    for (let k = 0; k < half; k++) {
      const w = f64x2.mul(v128.load(twiddles + ((k * stride) << 4)), flip);
      const wr = v128.shuffle<f64>(w, w, 0, 0);
      const wi = f64x2.mul(v128.shuffle<f64>(w, w, 1, 1), turn);
      for (let i = k; i < size; i += half << 1) {
        const p = data + (i << 4);
        const q = p + (half << 4);
        const b = v128.load(q);
        const product = f64x2.add(f64x2.mul(b, wr), f64x2.mul(v128.shuffle<f64>(b, b, 1, 0), wi));
        const a = v128.load(p);
        v128.store(p, f64x2.add(a, product));
        v128.store(q, f64x2.sub(a, product));
      }
    }
  }
}

/**
 * Spectrum of N real values by a complex FFT of N/2.
 * @param data N real f64 in; N/2 + 1 interleaved complex out (N + 2 values of room).
 */
export function realForward(data: usize): void {
  const half = N / 2;
  fft(data, half, false);
  const re0 = load<f64>(data);
  const im0 = load<f64>(data, 8);
  for (let k = 1; k <= half / 2; k++) {
    const a = data + (k << 4);
    const b = data + ((half - k) << 4);
    const ar = load<f64>(a), ai = load<f64>(a, 8), br = load<f64>(b), bi = load<f64>(b, 8);
    const er = 0.5 * (ar + br), ei = 0.5 * (ai - bi);
    const or = 0.5 * (ai + bi), oi = 0.5 * (br - ar);
    const wr = load<f64>(twiddles + (k << 4)), wi = load<f64>(twiddles + (k << 4), 8);
    const tr = or * wr - oi * wi, ti = or * wi + oi * wr;
    store<f64>(a, er + tr);
    store<f64>(a, ei + ti, 8);
    store<f64>(b, er - tr);
    store<f64>(b, ti - ei, 8);
  }
  store<f64>(data, re0 + im0);
  store<f64>(data, 0, 8);
  store<f64>(data + (half << 4), re0 - im0);
  store<f64>(data + (half << 4), 0, 8);
}

/**
 * N real values of a spectrum by a complex FFT of N/2, scaled by 1/N.
 * @param data N/2 + 1 interleaved complex in; N real f64 out.
 */
export function realInverse(data: usize): void {
  const half = N / 2;
  const first = load<f64>(data);
  const last = load<f64>(data + (half << 4));
  store<f64>(data, 0.5 * (first + last));
  store<f64>(data, 0.5 * (first - last), 8);
  for (let k = 1; k <= half / 2; k++) {
    const a = data + (k << 4);
    const b = data + ((half - k) << 4);
    const ar = load<f64>(a), ai = load<f64>(a, 8), br = load<f64>(b), bi = load<f64>(b, 8);
    const er = 0.5 * (ar + br), ei = 0.5 * (ai - bi);
    const tr = 0.5 * (ar - br), ti = 0.5 * (ai + bi);
    const wr = load<f64>(twiddles + (k << 4)), wi = -load<f64>(twiddles + (k << 4), 8);
    const or = tr * wr - ti * wi, oi = tr * wi + ti * wr;
    store<f64>(a, er - oi);
    store<f64>(a, ei + or, 8);
    store<f64>(b, er + oi);
    store<f64>(b, or - ei, 8);
  }
  fft(data, half, true);
  const scale = f64x2.splat(1.0 / half);
  for (let i = 0; i < half; i++) v128.store(data + (i << 4), f64x2.mul(v128.load(data + (i << 4)), scale));
}

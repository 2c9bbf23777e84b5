import { cosPi, sinPi } from './math';

/** Window and transform length N. */
export const N: i32 = 1024;
/** Bytes of a complex number of four lanes: four real parts, then four imaginary parts. */
export const COMPLEX: i32 = 32;

// exp(-2 pi i k / N), k = 0 … N/2 - 1, interleaved f32.
const twiddles = memory.data(512 * 8);
// Place of each index with its bits in reverse order, for N and for N/2.
const reversed = memory.data(1024 * 2);
const halfReversed = memory.data(512 * 2);

/** Fills the tables; to be called once. */
export function setupFft(): void {
  for (let k = 0; k < N / 2; k++) {
    const x = (2.0 * k) / N;
    store<f32>(twiddles + (k << 3), <f32>cosPi(x));
    store<f32>(twiddles + (k << 3), <f32>-sinPi(x), 4);
  }
  for (let i = 0; i < N; i++) store<u16>(reversed + (i << 1), <u16>reverse(i, 10));
  for (let i = 0; i < N / 2; i++) store<u16>(halfReversed + (i << 1), <u16>reverse(i, 9));
}

function reverse(index: i32, bits: i32): i32 {
  let result = 0;
  for (let b = 0; b < bits; b++) result |= ((index >> b) & 1) << (bits - 1 - b);
  return result;
}

/** Offset in bytes at which value `i` of a transform of {@link N} goes in. */
@inline
export function place(i: i32): i32 {
  return <i32>load<u16>(reversed + (i << 1)) * COMPLEX;
}

/** The same for a transform of N/2. */
@inline
export function halfPlace(i: i32): i32 {
  return <i32>load<u16>(halfReversed + (i << 1)) * COMPLEX;
}

/** exp(-2 pi i k / N): the real part, in all lanes. */
@inline
export function cosine(k: i32): v128 {
  return v128.load32_splat(twiddles + (k << 3));
}

/** exp(-2 pi i k / N): the imaginary part, in all lanes. */
@inline
export function sine(k: i32): v128 {
  return v128.load32_splat(twiddles + (k << 3), 4);
}

/**
 * Four complex FFTs side by side, one a lane, not scaled (Cooley and Tukey 1965, decimation in time; two stages of radix 2 are done in one
 * pass over the data). The values were put in by {@link place} or {@link halfPlace}; they come out in order.
 * @param size N or N/2.
 * @param sign 1 forward, -1 inverse (conjugate twiddles).
 */
export function fft(data: usize, size: i32, sign: f32): void {
  const turn = f32x4.splat(sign);
  let half = 4;
  if (size == N) {
    // The first two stages of radix 2: all factors are 1 or a quarter turn.
    for (let p = data, end = data + <usize>(size * COMPLEX); p < end; p += 128) {
      let xr = v128.load(p), xi = v128.load(p, 16), yr = v128.load(p, 32), yi = v128.load(p, 48);
      const ar = f32x4.add(xr, yr), ai = f32x4.add(xi, yi);
      const br = f32x4.sub(xr, yr), bi = f32x4.sub(xi, yi);
      xr = v128.load(p, 64);
      xi = v128.load(p, 80);
      yr = v128.load(p, 96);
      yi = v128.load(p, 112);
      const cr = f32x4.add(xr, yr), ci = f32x4.add(xi, yi);
      const dr = f32x4.mul(f32x4.sub(xr, yr), turn), di = f32x4.mul(f32x4.sub(xi, yi), turn);
      v128.store(p, f32x4.add(ar, cr));
      v128.store(p, f32x4.add(ai, ci), 16);
      v128.store(p, f32x4.add(br, di), 32);
      v128.store(p, f32x4.sub(bi, dr), 48);
      v128.store(p, f32x4.sub(ar, cr), 64);
      v128.store(p, f32x4.sub(ai, ci), 80);
      v128.store(p, f32x4.sub(br, di), 96);
      v128.store(p, f32x4.add(bi, dr), 112);
    }
  } else {
    // 512 = 2 · 4^4: one stage of radix 2 by itself.
    for (let p = data, end = data + <usize>(size * COMPLEX); p < end; p += 64) {
      const ar = v128.load(p), ai = v128.load(p, 16), br = v128.load(p, 32), bi = v128.load(p, 48);
      v128.store(p, f32x4.add(ar, br));
      v128.store(p, f32x4.add(ai, bi), 16);
      v128.store(p, f32x4.sub(ar, br), 32);
      v128.store(p, f32x4.sub(ai, bi), 48);
    }
    half = 2;
  }
  for (; half < size; half <<= 2) {
    const far = <usize>(half * COMPLEX);
    const stride = N / (half << 2);
    for (let block = 0; block < size; block += half << 2) {
      let p = data + <usize>(block * COMPLEX);
      for (let k = 0; k < half; k++, p += COMPLEX) {
        const w1r = cosine(k * stride * 2), w1i = f32x4.mul(sine(k * stride * 2), turn);
        const w2r = cosine(k * stride), w2i = f32x4.mul(sine(k * stride), turn);
        const q = p + far, r = q + far, s = r + far;
        // First stage: (a, b) and (c, d) by w1.
        let xr = v128.load(q), xi = v128.load(q, 16);
        let yr = f32x4.sub(f32x4.mul(xr, w1r), f32x4.mul(xi, w1i));
        let yi = f32x4.add(f32x4.mul(xr, w1i), f32x4.mul(xi, w1r));
        xr = v128.load(p);
        xi = v128.load(p, 16);
        const ar = f32x4.add(xr, yr), ai = f32x4.add(xi, yi);
        const br = f32x4.sub(xr, yr), bi = f32x4.sub(xi, yi);
        xr = v128.load(s);
        xi = v128.load(s, 16);
        yr = f32x4.sub(f32x4.mul(xr, w1r), f32x4.mul(xi, w1i));
        yi = f32x4.add(f32x4.mul(xr, w1i), f32x4.mul(xi, w1r));
        xr = v128.load(r);
        xi = v128.load(r, 16);
        const cr = f32x4.add(xr, yr), ci = f32x4.add(xi, yi);
        const dr = f32x4.sub(xr, yr), di = f32x4.sub(xi, yi);
        // Second stage: (a, c) by w2, (b, d) by w2 turned a quarter.
        yr = f32x4.sub(f32x4.mul(cr, w2r), f32x4.mul(ci, w2i));
        yi = f32x4.add(f32x4.mul(cr, w2i), f32x4.mul(ci, w2r));
        v128.store(p, f32x4.add(ar, yr));
        v128.store(p, f32x4.add(ai, yi), 16);
        v128.store(r, f32x4.sub(ar, yr));
        v128.store(r, f32x4.sub(ai, yi), 16);
        // w2 · -i · sign: (x + iy)(-i) = y - ix.
        const er = f32x4.sub(f32x4.mul(dr, w2r), f32x4.mul(di, w2i));
        const ei = f32x4.add(f32x4.mul(dr, w2i), f32x4.mul(di, w2r));
        yr = f32x4.mul(ei, turn);
        yi = f32x4.mul(er, turn);
        v128.store(q, f32x4.add(br, yr));
        v128.store(q, f32x4.sub(bi, yi), 16);
        v128.store(s, f32x4.sub(br, yr));
        v128.store(s, f32x4.add(bi, yi), 16);
      }
    }
  }
}

/**
 * Spectra of real signals from a transform of N/2 over their even samples (as real parts) and odd samples (as imaginary parts).
 * @param data the transform's result.
 * @param out N/2 + 1 complex numbers.
 */
export function realSpectrum(data: usize, out: usize): void {
  const half = N / 2;
  const quarter = f32x4.splat(0.5);
  const re0 = v128.load(data), im0 = v128.load(data, 16);
  v128.store(out, f32x4.add(re0, im0));
  v128.store(out, f32x4.splat(0), 16);
  v128.store(out + half * COMPLEX, f32x4.sub(re0, im0));
  v128.store(out + half * COMPLEX, f32x4.splat(0), 16);
  for (let k = 1; k < half; k++) {
    const a = data + k * COMPLEX;
    const b = data + (half - k) * COMPLEX;
    const ar = v128.load(a), ai = v128.load(a, 16), br = v128.load(b), bi = v128.load(b, 16);
    const er = f32x4.add(ar, br), ei = f32x4.sub(ai, bi);
    const or = f32x4.add(ai, bi), oi = f32x4.sub(br, ar);
    const wr = cosine(k), wi = sine(k);
    const re = f32x4.add(er, f32x4.sub(f32x4.mul(or, wr), f32x4.mul(oi, wi)));
    const im = f32x4.add(ei, f32x4.add(f32x4.mul(or, wi), f32x4.mul(oi, wr)));
    v128.store(out + k * COMPLEX, f32x4.mul(re, quarter));
    v128.store(out + k * COMPLEX, f32x4.mul(im, quarter), 16);
  }
}

/**
 * Real signals from their spectra.
 * @param spectrum N/2 + 1 complex numbers.
 * @param data room for N/2 complex numbers: afterwards the even samples as real parts, the odd ones as imaginary parts.
 */
export function realSignal(spectrum: usize, data: usize): void {
  const half = N / 2;
  const scale = f32x4.splat(1.0 / <f32>N);
  for (let k = 0; k < half; k++) {
    const a = spectrum + k * COMPLEX;
    const b = spectrum + (half - k) * COMPLEX;
    const ar = v128.load(a), ai = v128.load(a, 16), br = v128.load(b), bi = v128.load(b, 16);
    const er = f32x4.add(ar, br), ei = f32x4.sub(ai, bi);
    const tr = f32x4.sub(ar, br), ti = f32x4.add(ai, bi);
    const wr = cosine(k), wi = f32x4.neg(sine(k));
    const or = f32x4.sub(f32x4.mul(tr, wr), f32x4.mul(ti, wi));
    const oi = f32x4.add(f32x4.mul(tr, wi), f32x4.mul(ti, wr));
    const to = data + halfPlace(k);
    v128.store(to, f32x4.mul(f32x4.sub(er, oi), scale));
    v128.store(to, f32x4.mul(f32x4.add(ei, or), scale), 16);
  }
  fft(data, half, -1);
}

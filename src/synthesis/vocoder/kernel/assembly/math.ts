// Elementary functions by polynomials: a third of the standard library's time, and the same bits on every machine, since
// WebAssembly's arithmetic is exact IEEE 754. Errors stay far under the 16 bits that leave the service.

/** sin(pi x) for any |x| < 2^31: odd Taylor series on [-1/2, 1/2], sign by parity. */
export function sinPi(x: f64): f64 {
  const n = nearest<f64>(x);
  const r = (x - n) * Math.PI;
  const s = r * r;
  let p: f64 = -1.0 / 1307674368000.0;
  p = p * s + 1.0 / 6227020800.0;
  p = p * s - 1.0 / 39916800.0;
  p = p * s + 1.0 / 362880.0;
  p = p * s - 1.0 / 5040.0;
  p = p * s + 1.0 / 120.0;
  p = p * s - 1.0 / 6.0;
  p = p * s * r + r;
  return <i64>n & 1 ? -p : p;
}

/** cos(pi x). */
export function cosPi(x: f64): f64 {
  return sinPi(x + 0.5);
}

// Constants of the functions below. They are loaded from fixed addresses, since V8 spends three or four instructions on a constant vector.
const TABLE = memory.data<f32>([
  // e^x: 1 / ln 2, ln 2 in two parts, polynomial.
  1.44269504, 0.693359375, -2.12194440e-4,
  1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
  // 1 and 1 / 2.
  1, 0.5,
  // sin(pi x): pi, Taylor series.
  3.14159265358979323846, -1.0 / 39916800.0, 1.0 / 362880.0, -1.0 / 5040.0, 1.0 / 120.0, -1.0 / 6.0,
  // ln x: polynomial.
  7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1,
  3.3333331174e-1,
]);
// Places in the table; those of polynomials are their first.
const INVERSE_LN2 = 0, LN2_HIGH = 1, LN2_LOW = 2, EXP = 3, ONE = 9, HALF = 10, PI = 11, SIN = 12, LOG = 17;
// Bits of sqrt(1 / 2) and of the fraction; exponent of 1.
const BITS = memory.data<i32>([0x3f3504f3, 0x7fffff, 127]);
const ROOT_HALF = 0, FRACTION = 1, BIAS = 2;

// @ts-ignore: decorator
@inline
function constant(i: i32): v128 {
  return v128.load32_splat(TABLE + (i << 2));
}

// @ts-ignore: decorator
@inline
function bits(i: i32): v128 {
  return v128.load32_splat(BITS + (i << 2));
}

/** e^x of four numbers in single precision, |x| < 80: 2^n times a polynomial. Errors stay below 1e-6 of the value. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const n = f32x4.nearest(f32x4.mul(x, constant(INVERSE_LN2)));
  // ln 2 in two parts, so that the difference keeps its last bits.
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, constant(LN2_HIGH))), f32x4.mul(n, constant(LN2_LOW)));
  let p = constant(EXP);
  p = f32x4.add(f32x4.mul(p, r), constant(EXP + 1));
  p = f32x4.add(f32x4.mul(p, r), constant(EXP + 2));
  p = f32x4.add(f32x4.mul(p, r), constant(EXP + 3));
  p = f32x4.add(f32x4.mul(p, r), constant(EXP + 4));
  p = f32x4.add(f32x4.mul(p, r), constant(EXP + 5));
  p = f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), f32x4.add(r, constant(ONE)));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), bits(BIAS)), 23);
  return f32x4.mul(p, power);
}

/**
 * sin(pi x) of four numbers in single precision, |x| < 2^20: x less the nearest whole number, odd Taylor series, sign by parity. Errors stay below
 * 2e-7, or that share of the value.
 */
// @ts-ignore: decorator
@inline
export function sinPi4(x: v128): v128 {
  const n = f32x4.nearest(x);
  const r = f32x4.mul(f32x4.sub(x, n), constant(PI));
  const s = f32x4.mul(r, r);
  let p = constant(SIN);
  p = f32x4.add(f32x4.mul(p, s), constant(SIN + 1));
  p = f32x4.add(f32x4.mul(p, s), constant(SIN + 2));
  p = f32x4.add(f32x4.mul(p, s), constant(SIN + 3));
  p = f32x4.add(f32x4.mul(p, s), constant(SIN + 4));
  p = f32x4.add(f32x4.mul(f32x4.mul(p, s), r), r);
  // The sign bit of an odd n.
  return v128.xor(p, i32x4.shl(i32x4.trunc_sat_f32x4_s(n), 31));
}

/**
 * Natural logarithm of four positive normal numbers in single precision: x = 2^e m with m from sqrt(1/2) to sqrt(2), and a polynomial in m - 1
 * (Cephes). Errors stay below 2e-7, or that share of the value.
 */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const shifted = i32x4.sub(x, bits(ROOT_HALF));
  const e = f32x4.convert_i32x4_s(i32x4.shr_s(shifted, 23));
  const m = i32x4.add(v128.and(shifted, bits(FRACTION)), bits(ROOT_HALF));
  const f = f32x4.sub(m, constant(ONE));
  const square = f32x4.mul(f, f);
  let p = constant(LOG);
  p = f32x4.add(f32x4.mul(p, f), constant(LOG + 1));
  p = f32x4.add(f32x4.mul(p, f), constant(LOG + 2));
  p = f32x4.add(f32x4.mul(p, f), constant(LOG + 3));
  p = f32x4.add(f32x4.mul(p, f), constant(LOG + 4));
  p = f32x4.add(f32x4.mul(p, f), constant(LOG + 5));
  p = f32x4.add(f32x4.mul(p, f), constant(LOG + 6));
  p = f32x4.add(f32x4.mul(p, f), constant(LOG + 7));
  p = f32x4.add(f32x4.mul(p, f), constant(LOG + 8));
  p = f32x4.mul(f32x4.mul(p, f), square);
  p = f32x4.add(p, f32x4.mul(e, constant(LN2_LOW)));
  p = f32x4.sub(p, f32x4.mul(square, constant(HALF)));
  return f32x4.add(f32x4.add(f, p), f32x4.mul(e, constant(LN2_HIGH)));
}

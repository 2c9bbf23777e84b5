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

/** e^x of four numbers in single precision, |x| < 80: 2^n times a polynomial. Errors stay below 1e-6 of the value. */
export function exp4(x: v128): v128 {
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504)));
  // ln 2 in two parts, so that the difference keeps its last bits.
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375))), f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), f32x4.add(r, f32x4.splat(1)));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(p, power);
}

/**
 * sin(pi x) of four numbers in single precision, |x| < 2^20: x less the nearest whole number, odd Taylor series, sign by parity. Errors stay below
 * 2e-7, or that share of the value.
 */
export function sinPi4(x: v128): v128 {
  const n = f32x4.nearest(x);
  const r = f32x4.mul(f32x4.sub(x, n), f32x4.splat(<f32>Math.PI));
  const s = f32x4.mul(r, r);
  let p = f32x4.splat(<f32>(-1.0 / 39916800.0));
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(<f32>(1.0 / 362880.0)));
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(<f32>(-1.0 / 5040.0)));
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(<f32>(1.0 / 120.0)));
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(<f32>(-1.0 / 6.0)));
  p = f32x4.add(f32x4.mul(f32x4.mul(p, s), r), r);
  // The sign bit of an odd n.
  return v128.xor(p, i32x4.shl(i32x4.trunc_sat_f32x4_s(n), 31));
}

/**
 * Natural logarithm of four positive normal numbers in single precision: x = 2^e m with m from sqrt(1/2) to sqrt(2), and a polynomial in m - 1
 * (Cephes). Errors stay below 2e-7, or that share of the value.
 */
export function log4(x: v128): v128 {
  const bits = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const e = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
  const m = i32x4.add(v128.and(bits, i32x4.splat(0x7fffff)), i32x4.splat(0x3f3504f3));
  const f = f32x4.sub(m, f32x4.splat(1));
  const square = f32x4.mul(f, f);
  let p = f32x4.splat(7.0376836292e-2);
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.1514610310e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1.1676998740e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(3.3333331174e-1));
  p = f32x4.mul(f32x4.mul(p, f), square);
  p = f32x4.add(p, f32x4.mul(e, f32x4.splat(-2.12194440e-4)));
  p = f32x4.sub(p, f32x4.mul(square, f32x4.splat(0.5)));
  return f32x4.add(f32x4.add(f, p), f32x4.mul(e, f32x4.splat(0.693359375)));
}

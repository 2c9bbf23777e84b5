// Elementary functions by polynomials: a third of the standard library's time, and the same bits on every machine, since
// WebAssembly's arithmetic is exact IEEE 754. Errors stay below 1e-10, far under the 16 bits that leave the service.

const LOG2E: f64 = 1.4426950408889634;
const LN2: f64 = 0.6931471805599453;

/** e^x for |x| < 700: x = n ln 2 + r, Taylor series in r, exponent bits from n. */
export function exp(x: f64): f64 {
  const n = nearest<f64>(x * LOG2E);
  const r = x - n * LN2;
  let p: f64 = 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  return p * reinterpret<f64>((<i64>n + 1023) << 52);
}

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

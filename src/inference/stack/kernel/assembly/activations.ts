// GELU and the exponential of four numbers at once.

/** e^x in single precision for |x| < 80, to 4e-5 of its value: what becomes of it is rounded to 7 bits. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const scaled = f32x4.mul(x, f32x4.splat(1.44269504));
  // The last bits are the nearest integer.
  const whole = f32x4.add(scaled, f32x4.splat(12582912));
  const r = f32x4.sub(scaled, f32x4.sub(whole, f32x4.splat(12582912)));
  let p = f32x4.splat(0.0096181);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.0555041));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.2402265));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.6931472));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  return i32x4.add(p, i32x4.shl(whole, 23));
}

/**
 * GELU in the form with tanh, as the graphs have it, to 5e-4: what becomes of it is rounded to 7 bits. It is x (1/2 + p(x)), where p is an odd
 * polynomial, fitted for |x| < 3.6 so that it reaches 1/2 there.
 */
// @ts-ignore: decorator
@inline
export function gelu4(x: v128): v128 {
  const t = f32x4.pmax(constant(0), f32x4.pmin(constant(1), x));
  const square = f32x4.mul(t, t);
  let p = constant(2);
  p = f32x4.add(f32x4.mul(p, square), constant(3));
  p = f32x4.add(f32x4.mul(p, square), constant(4));
  p = f32x4.add(f32x4.mul(p, square), constant(5));
  p = f32x4.add(f32x4.mul(p, square), constant(6));
  p = f32x4.add(f32x4.mul(p, square), constant(7));
  return f32x4.mul(x, f32x4.add(f32x4.mul(p, t), constant(8)));
}

// Constants of `gelu4`: loaded, since V8 spends four instructions on a constant vector.
const GELU_CONSTANTS = memory.data<f32>([
  -3.6, 3.6, -5.70747987e-7, 2.987579e-5, -6.57653184e-4, 8.08170971e-3, -6.31042906e-2, 3.96713184e-1, 0.5,
]);

// @ts-ignore: decorator
@inline
function constant(i: i32): v128 {
  return v128.load32_splat(GELU_CONSTANTS + (i << 2));
}

/**
 * {@link gelu4} of a multiple of four floats, in place.
 */
export function gelu(at: usize, count: i32): void {
  for (const end = at + ((<usize>count) << 2); at < end; at += 16) v128.store(at, gelu4(v128.load(at)));
}

/** e^x for -87 < x ≤ 0, to 1e-6 of its value. */
// @ts-ignore: decorator
@inline
function exactExp4(x: v128): v128 {
  const scaled = f32x4.mul(x, f32x4.splat(1.44269504));
  const shifted = f32x4.add(scaled, f32x4.splat(12582912));
  const whole = f32x4.sub(shifted, f32x4.splat(12582912));
  // ln 2 in two parts, of which the first has so few bits that its product is exact.
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(whole, f32x4.splat(0.693359375))), f32x4.mul(whole, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.38888889e-3);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.33333333e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.16666667e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.66666667e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.5));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/**
 * GELU in its exact form, x (1 + erf(x / √2)) / 2, to 1e-6, in place. erf is formula 7.1.26 of Abramowitz and Stegun.
 * @param count of numbers, a multiple of 4.
 */
export function exactGelu(at: usize, count: i32): void {
  const one = f32x4.splat(1), half = f32x4.splat(0.5);
  for (const end = at + ((<usize>count) << 2); at < end; at += 16) {
    const x = v128.load(at);
    const z = f32x4.mul(f32x4.abs(x), f32x4.splat(0.70710678));
    const t = f32x4.div(one, f32x4.add(one, f32x4.mul(z, f32x4.splat(0.3275911))));
    let p = f32x4.splat(1.061405429);
    p = f32x4.add(f32x4.mul(p, t), f32x4.splat(-1.453152027));
    p = f32x4.add(f32x4.mul(p, t), f32x4.splat(1.421413741));
    p = f32x4.add(f32x4.mul(p, t), f32x4.splat(-0.284496736));
    p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.254829592));
    // 1 - erf z, halved.
    const rest = f32x4.mul(f32x4.mul(f32x4.mul(p, t), half), exactExp4(f32x4.pmax(f32x4.splat(-86), f32x4.neg(f32x4.mul(z, z)))));
    const share = v128.bitselect(rest, f32x4.sub(one, rest), f32x4.lt(x, f32x4.splat(0)));
    v128.store(at, f32x4.mul(x, share));
  }
}

// Functions that a runtime's own `Math` may give with other last bits than the next runtime's.

/** cos x by its Taylor series about the nearest multiple of pi. */
export function cosine(x: number): number {
  const n = Math.round(x / Math.PI);
  const r = x - n * Math.PI;
  const square = r * r;
  let sum = 1;
  for (let k = 18; k > 0; k -= 2) sum = 1 - (sum * square) / (k * (k - 1));
  return n % 2 ? -sum : sum;
}

/** e^x for |x| < 700: a power of two times a Taylor series. */
export function exponential(x: number): number {
  const n = Math.round(x / Math.LN2);
  const r = x - n * Math.LN2;
  let sum = 1;
  for (let k = 14; k > 0; k--) sum = 1 + (sum * r) / k;
  return sum * 2 ** n;
}

/** ln (1 + e^x), by the series of the inverse hyperbolic tangent. */
export function softplus(x: number): number {
  const small = exponential(Math.max(-700, -Math.abs(x)));
  const z = small / (2 + small);
  const square = z * z;
  let sum = 0;
  for (let k = 33; k > 0; k -= 2) sum = sum * square + 1 / k;
  return Math.max(0, x) + 2 * z * sum;
}

/** ln x for x > 0: that of a power of two, and the series of the inverse hyperbolic tangent for the rest. */
export function logarithm(x: number): number {
  // The logarithms of these have no digits to differ in.
  if (!(x > 0 && x < Infinity)) return Math.log(x);
  let n = 0;
  let rest = x;
  for (; rest > Math.SQRT2; n++) rest /= 2;
  for (; rest < Math.SQRT1_2; n--) rest *= 2;
  const z = (rest - 1) / (rest + 1);
  const square = z * z;
  let sum = 0;
  for (let k = 23; k > 0; k -= 2) sum = sum * square + 1 / k;
  return n * Math.LN2 + 2 * z * sum;
}

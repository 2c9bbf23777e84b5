/** Standard deviation (of the population) over mean; 0 of fewer than two values. */
export function coefficientOfVariation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  return deviation(values) / Math.abs(mean(values));
}

/** 0 of nothing. */
export function mean(values: readonly number[]): number {
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : 0;
}

/** Of the population. */
export function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}

/**
 * Does a row of values move in one direction? A step back may be a tenth of the whole way: what is measured on speech wavers.
 * @param direction above 0 for upwards, below 0 for downwards.
 */
export function movesMonotonically(values: readonly number[], direction: number): boolean {
  const steps = values.slice(1).map((value, i) => Math.sign(direction) * (value - values[i]));
  const way = steps.reduce((sum, step) => sum + step, 0);
  return way > 0 && steps.every((step) => step >= -0.1 * way);
}

/** Does a value lie between two others, or within a tenth of their distance outside? */
export function liesBetween(value: number, a: number, b: number): boolean {
  const slack = 0.1 * Math.abs(a - b);
  return value >= Math.min(a, b) - slack && value <= Math.max(a, b) + slack;
}

/** A point of a receiver operating characteristic. */
export interface RocPoint {
  /** From this score on a trial is accepted. */
  readonly threshold: number;
  /** Share of impostors accepted. */
  readonly falseAccepts: number;
  /** Share of genuine trials refused. */
  readonly falseRejects: number;
}

/** Both error rates at every score that occurs, from the lowest threshold up, and beyond the highest. */
export function rocOf(genuine: readonly number[], impostors: readonly number[]): RocPoint[] {
  const thresholds = [...new Set([...genuine, ...impostors])].sort((a, b) => a - b);
  return [...thresholds, Number.POSITIVE_INFINITY].map((threshold) => ({
    threshold,
    falseAccepts: impostors.filter((score) => score >= threshold).length / impostors.length,
    falseRejects: genuine.filter((score) => score < threshold).length / genuine.length,
  }));
}

/** Error rate where both errors are equally frequent, linear between the two points where they cross. */
export function equalErrorRate(genuine: readonly number[], impostors: readonly number[]): number {
  const points = rocOf(genuine, impostors);
  const after = points.findIndex(({ falseAccepts, falseRejects }) => falseRejects >= falseAccepts);
  const [b, a] = [points[after], points[Math.max(0, after - 1)]];
  const [gapBefore, gapAfter] = [a.falseAccepts - a.falseRejects, b.falseRejects - b.falseAccepts];
  const share = gapBefore + gapAfter > 0 ? gapBefore / (gapBefore + gapAfter) : 0;
  return a.falseRejects + share * (b.falseRejects - a.falseRejects);
}

/** Chance that a genuine trial scores higher than an impostor's; ties count half. */
export function areaUnderRoc(genuine: readonly number[], impostors: readonly number[]): number {
  const wins = genuine.flatMap((g) => impostors.map((i) => (g > i ? 1 : g === i ? 0.5 : 0)));
  return mean(wins);
}

/** Cosine of the angle between two vectors. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i];
    aa += a[i] ** 2;
    bb += b[i] ** 2;
  }
  return dot / Math.sqrt(aa * bb);
}

/** Power of the difference over the power of the first signal, in dB; -Infinity when they are equal. */
export function differenceDb(signal: Float32Array, other: Float32Array): number {
  let [power, error] = [0, 0];
  for (let n = 0; n < Math.max(signal.length, other.length); n++) {
    power += (signal[n] ?? 0) ** 2;
    error += ((signal[n] ?? 0) - (other[n] ?? 0)) ** 2;
  }
  return 10 * Math.log10(error / power);
}

/** Bounds of a share of which `hits` of `trials` were seen, by Wilson's score: 95 times of 100 it lies between them. */
export function wilsonBounds(hits: number, trials: number): [lower: number, upper: number] {
  if (trials === 0) return [0, 1];
  const z = 1.959964;
  const share = hits / trials;
  const centre = share + z ** 2 / (2 * trials);
  const reach = z * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  const bound = (value: number) => Math.min(1, Math.max(0, value / (1 + z ** 2 / trials)));
  // At the ends the formula is exact, and its sums are not.
  return [hits === 0 ? 0 : bound(centre - reach), hits === trials ? 1 : bound(centre + reach)];
}

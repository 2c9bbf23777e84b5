/** A point of the pad; both axes run from -1 to 1. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

const TAU = 2 * Math.PI;
/** Below this distance from a voice's corner, the mix is that voice alone. */
const TOUCHING = 0.02;

/** The corners of `count` voices: evenly on the unit circle, the first at the top. */
export function corners(count: number): Point[] {
  return Array.from({ length: count }, (_, index) => {
    const angle = (index / count) * TAU - TAU / 4;
    return { x: Math.cos(angle), y: Math.sin(angle) };
  });
}

/** Shares of the voices at a point: inverse squares of the distances to their corners (Shepard 1968). They sum to 1. */
export function weightsAt(point: Point, count: number): number[] {
  const distances = corners(count).map(({ x, y }) => Math.hypot(point.x - x, point.y - y));
  const touching = distances.findIndex((distance) => distance < TOUCHING);
  if (touching >= 0) return distances.map((_, index) => (index === touching ? 1 : 0));
  const inverse = distances.map((distance) => 1 / distance ** 2);
  const total = inverse.reduce((sum, value) => sum + value, 0);
  return inverse.map((value) => value / total);
}

/** The point for shares: their centre of mass on the pad. The sliders move the handle to it. */
export function pointOf(weights: readonly number[]): Point {
  const total = weights.reduce((sum, value) => sum + value, 0) || 1;
  return corners(weights.length).reduce(
    ({ x, y }, corner, index) => ({
      x: x + (corner.x * weights[index]) / total,
      y: y + (corner.y * weights[index]) / total,
    }),
    { x: 0, y: 0 },
  );
}

/** The nearest point within the unit circle. */
export function clampToPad({ x, y }: Point): Point {
  const radius = Math.hypot(x, y);
  return radius <= 1 ? { x, y } : { x: x / radius, y: y / radius };
}

import type { PitchTrack } from './score.ts';

/** A point of a curve over time. */
export interface CurvePoint {
  readonly seconds: number;
  readonly value: number;
}

/**
 * A curve as a function of time: linear between its points, held before the first and after the last. Constant without points.
 * @param points in order of `seconds`; of two at the same time the later one counts from there on.
 * @param otherwise its value without points.
 */
export function curveOf(points: readonly CurvePoint[], otherwise: number): (seconds: number) => number {
  if (points.length === 0) return () => otherwise;
  return (seconds) => {
    let [low, high] = [0, points.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (points[middle].seconds <= seconds) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return points[0].value;
    if (low === points.length) return points[low - 1].value;
    const [before, after] = [points[low - 1], points[low]];
    const share = (seconds - before.seconds) / (after.seconds - before.seconds);
    return before.value + share * (after.value - before.value);
  };
}

/**
 * A stated pitch curve as a function of time: linear between its values.
 * @returns Hz; 0 where the curve has no value.
 */
export function trackOf(track: PitchTrack | undefined): (seconds: number) => number {
  if (!track) return () => 0;
  const { start, step, hz } = track;
  return (seconds) => {
    const place = (seconds - start) / step;
    const index = Math.floor(place);
    const [before, after] = [hz[index] ?? 0, hz[index + 1] ?? 0];
    if (before <= 0 || after <= 0) return place - index < 0.5 ? before : after;
    return before * (after / before) ** (place - index);
  };
}

import type { SpeechControls, Utterance } from '../../text/types.ts';
import { isSilent } from './silent.ts';

/** Start and end of an utterance's part of an element, 0 to 1. */
export interface ContourShare {
  readonly from: number;
  readonly to: number;
}

/** Shares of the elements that an utterance's phonemes lie in, by {@link contourKey}. */
export type ContourShares = ReadonlyMap<string, ContourShare>;

/** Names the element that a contour runs over; `undefined` without a contour. */
export function contourKey(controls: SpeechControls | undefined): string | undefined {
  const { contour, contourSpan } = controls ?? {};
  return contour && contourSpan ? `${contourSpan.start}-${contourSpan.end}` : undefined;
}

/**
 * Divides contours among the utterances that their elements run over. Within an utterance a contour follows the frames; the share of an
 * element in an utterance is estimated by its phonemes, because later utterances have no durations yet.
 * @returns one map per utterance.
 */
export function shareContours(utterances: readonly Utterance[]): ContourShares[] {
  const totals = new Map<string, number>();
  const bounds = utterances.map(({ phonemes }) => {
    const starts = new Map(totals);
    const here = new Set<string>();
    for (const { symbol, controls } of phonemes) {
      const key = contourKey(controls);
      if (key === undefined) continue;
      here.add(key);
      totals.set(key, (totals.get(key) ?? 0) + (isSilent(symbol) ? 0 : 1));
    }
    return [...here].map((key) => ({ key, start: starts.get(key) ?? 0, end: totals.get(key) ?? 0 }));
  });
  return bounds.map(
    (parts) =>
      new Map(
        parts.map(({ key, start, end }) => {
          const total = Math.max(1, totals.get(key) ?? 1);
          return [key, { from: start / total, to: end / total }];
        }),
      ),
  );
}

/**
 * A contour's shift at a place: linear between its points, the nearest one's before the first and after the last (SSML 1.1,
 * section 3.2.4).
 * @param at 0 to 1.
 * @returns semitones.
 */
export function contourAt(contour: NonNullable<SpeechControls['contour']>, at: number): number {
  const after = contour.findIndex((point) => point.at >= at);
  if (after <= 0) return contour[after === 0 ? 0 : contour.length - 1]?.semitones ?? 0;
  const [left, right] = [contour[after - 1], contour[after]];
  const fraction = right.at > left.at ? (at - left.at) / (right.at - left.at) : 1;
  return left.semitones + fraction * (right.semitones - left.semitones);
}

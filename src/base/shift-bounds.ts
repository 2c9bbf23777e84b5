/**
 * Moves every bound between neighbouring stretches to the left. The first stretch still begins at 0 and the last one still ends at the sum.
 * @param lengths of stretches that follow each other, in any unit [N].
 * @param by how far, in the same unit; a bound stops at 0.
 * @returns the new lengths [N], with the same sum.
 */
export function shiftBounds(lengths: ArrayLike<number>, by: number): number[] {
  let bound = 0;
  let from = 0;
  return Array.from(lengths, (length, i) => {
    bound += length;
    const to = i === lengths.length - 1 ? bound : Math.max(0, bound - by);
    const shifted = to - from;
    from = to;
    return shifted;
  });
}

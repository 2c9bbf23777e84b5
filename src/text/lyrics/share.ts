/**
 * Assigns a word's spoken syllables to its notes, in order.
 *
 * Where the counts agree each note gets one. A word with more syllables than notes (`every` on two) puts several on one note; a word with
 * fewer (`fire` on two) holds some over several notes. The written text decides which ones: the assignment minimizes the squared
 * differences between the shares of letters and of sounds.
 * @param written length of the text under each note.
 * @param spoken number of sounds of each syllable.
 * @returns for each note the numbers of its syllables, from the first to the one after the last; an empty range where the last syllable goes on.
 */
export function shareSyllables(
  written: readonly number[],
  spoken: readonly number[],
): { readonly from: number; readonly to: number }[] {
  if (spoken.length >= written.length) {
    return partition(spoken, written).map(([from, to]) => ({ from, to }));
  }
  const groups = partition(written, spoken);
  return groups.flatMap(([from, to], syllable) =>
    Array.from({ length: to - from }, (_, i) =>
      i === 0 ? { from: syllable, to: syllable + 1 } : { from: syllable + 1, to: syllable + 1 },
    ),
  );
}

/** Cuts `fine` into as many runs as there are `coarse`, none empty. */
function partition(fine: readonly number[], coarse: readonly number[]): [number, number][] {
  const scale = total(fine) / Math.max(1e-9, total(coarse));
  const sums = [0];
  for (const size of fine) sums.push(sums[sums.length - 1] + size);
  const count = coarse.length;
  // best[g][i]: least cost of the first g groups holding the first i of `fine`.
  const best = Array.from({ length: count + 1 }, () => new Float64Array(fine.length + 1).fill(Infinity));
  const from = Array.from({ length: count + 1 }, () => new Int32Array(fine.length + 1));
  best[0][0] = 0;
  for (let g = 1; g <= count; g++) {
    for (let i = g; i <= fine.length - (count - g); i++) {
      for (let j = g - 1; j < i; j++) {
        const cost = best[g - 1][j] + (sums[i] - sums[j] - scale * coarse[g - 1]) ** 2;
        if (cost < best[g][i]) {
          best[g][i] = cost;
          from[g][i] = j;
        }
      }
    }
  }
  const groups: [number, number][] = [];
  for (let g = count, i = fine.length; g > 0; i = from[g][i], g--) groups.unshift([from[g][i], i]);
  return groups;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

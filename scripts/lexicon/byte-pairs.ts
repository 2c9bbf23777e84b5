/** Byte-pair codes and the sequences written with them. */
export interface PairCoding {
  /** Code to the units that it stands for. */
  readonly codes: readonly (readonly number[])[];
  /** The input sequences as codes. */
  readonly sequences: readonly (readonly number[])[];
}

/**
 * Merges the most frequent neighbours into one code until `limit` codes are used up (Gage 1994). Deterministic: among pairs
 * that are equally frequent the one with the smaller codes wins.
 * @param sequences units 0 to 255.
 */
export function pairEncode(sequences: readonly (readonly number[])[], limit = 256): PairCoding {
  const units = [...new Set(sequences.flat())].sort((a, b) => a - b);
  const codes: number[][] = units.map((unit) => [unit]);
  const codeOf = new Map(units.map((unit, code) => [unit, code]));
  let current = sequences.map((sequence) => sequence.map((unit) => codeOf.get(unit)!));
  while (codes.length < limit) {
    const counts = new Uint32Array(limit * limit);
    for (const sequence of current) {
      for (let i = 1; i < sequence.length; i++) counts[sequence[i - 1] * limit + sequence[i]]++;
    }
    let best = 0;
    for (let pair = 1; pair < counts.length; pair++) if (counts[pair] > counts[best]) best = pair;
    if (counts[best] < 2) break;
    const left = Math.floor(best / limit);
    const right = best % limit;
    current = current.map((sequence) => merge(sequence, left, right, codes.length));
    codes.push([...codes[left], ...codes[right]]);
  }
  return { codes, sequences: current };
}

function merge(sequence: number[], left: number, right: number, code: number): number[] {
  if (!sequence.includes(left)) return sequence;
  const merged: number[] = [];
  for (let i = 0; i < sequence.length; i++) {
    if (sequence[i] === left && sequence[i + 1] === right) {
      merged.push(code);
      i++;
    } else merged.push(sequence[i]);
  }
  return merged;
}

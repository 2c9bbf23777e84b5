/** Byte-pair codes and the sequences written with them. */
export interface PairCoding {
  /** Units of each code. */
  readonly codes: readonly (readonly number[])[];
  /** The input sequences as codes. */
  readonly sequences: readonly (readonly number[])[];
}

/** Separates two sequences in the flat array, so that no pair spans both. */
const GAP = -1;

/**
 * Merges the most frequent neighbours into one code until `limit` codes are used up (Gage 1994). Deterministic: among pairs
 * that are equally frequent the one with the smaller codes wins.
 * @param sequences units 0 to 255.
 */
export function pairEncode(sequences: readonly (readonly number[])[], limit = 256): PairCoding {
  const units = [...new Set(sequences.flat())].sort((a, b) => a - b);
  const codes: number[][] = units.map((unit) => [unit]);
  const codeOf = new Map(units.map((unit, code) => [unit, code]));
  const flat = Int16Array.from(
    sequences.flatMap((sequence) => [...sequence.map((unit) => codeOf.get(unit)!), GAP]),
  );
  const counts = new Uint32Array(limit * limit);
  for (let i = 1; i < flat.length; i++) {
    if (flat[i - 1] !== GAP && flat[i] !== GAP) counts[flat[i - 1] * limit + flat[i]]++;
  }
  let length = flat.length;
  while (codes.length < limit) {
    const pair = mostFrequent(counts);
    if (pair < 0) break;
    const [left, right] = [Math.floor(pair / limit), pair % limit];
    length = merge({ flat, length, counts, limit }, left, right, codes.length);
    codes.push([...codes[left], ...codes[right]]);
  }
  return { codes, sequences: split(flat, length) };
}

/** The index of the highest count, or -1 if no pair occurs twice. */
function mostFrequent(counts: Uint32Array): number {
  let best = 0;
  for (let pair = 1; pair < counts.length; pair++) if (counts[pair] > counts[best]) best = pair;
  return counts[best] < 2 ? -1 : best;
}

/** All sequences, and how often each pair of neighbours occurs in them, by `left * limit + right`. */
interface Counted {
  readonly flat: Int16Array;
  readonly length: number;
  readonly counts: Uint32Array;
  readonly limit: number;
}

/** Writes `code` for every `left right`, in place, and counts the new pairs; returns the new length. */
function merge({ flat, length, counts, limit }: Counted, left: number, right: number, code: number): number {
  const count = (one: number, other: number, change: number) => {
    if (one !== GAP && other !== GAP) counts[one * limit + other] += change;
  };
  let to = 0;
  for (let from = 0; from < length; from++, to++) {
    if (flat[from] === left && from + 1 < length && flat[from + 1] === right) {
      const before = to > 0 ? flat[to - 1] : GAP;
      const after = from + 2 < length ? flat[from + 2] : GAP;
      count(left, right, -1);
      count(before, left, -1);
      count(before, code, 1);
      count(right, after, -1);
      count(code, after, 1);
      flat[to] = code;
      from++;
    } else flat[to] = flat[from];
  }
  return to;
}

function split(flat: Int16Array, length: number): number[][] {
  const sequences: number[][] = [];
  for (let start = 0; start < length; ) {
    const end = flat.indexOf(GAP, start);
    sequences.push(Array.from(flat.subarray(start, end)));
    start = end + 1;
  }
  return sequences;
}

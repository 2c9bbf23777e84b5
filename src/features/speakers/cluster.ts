import type { Work } from '../../base/turns.ts';

/** Something to group: a vector, and a mark of what may not be grouped together. */
export interface Item {
  readonly vector: Float32Array;
  /** Items of one window with different numbers are never in one group. */
  readonly window: number;
  readonly number: number;
}

/** Options of {@link cluster}. */
export interface ClusterOptions {
  readonly likeness: (a: Float32Array, b: Float32Array) => number;
  readonly mean: (vectors: readonly Float32Array[]) => Float32Array;
  /** Groups that are less similar than this are not joined. */
  readonly threshold: number;
}

interface Group {
  readonly members: readonly number[];
  readonly mean: Float32Array;
  /** The number of its items in each of their windows. */
  readonly windows: ReadonlyMap<number, number>;
}

/**
 * Agglomerative clustering: the two groups with the most similar means are joined, until no two that may be joined reach the threshold.
 * The similarity of each pair is computed once, so it takes time and memory in proportion to the square of the number of items.
 * @returns the number of each item's group, from 0, in the order of their first items.
 */
export function* cluster(
  items: readonly Item[],
  { likeness, mean, threshold }: ClusterOptions,
): Work<number[]> {
  const groups: (Group | undefined)[] = items.map(({ vector, window, number }, i) => ({
    members: [i],
    mean: vector,
    windows: new Map([[window, number]]),
  }));
  const scores = items.map(() => new Float32Array(items.length));
  // The best partner with a higher number of each group; -1 for none.
  const best = new Int32Array(items.length).fill(-1);
  const score = (i: number, j: number): number => {
    const [a, b] = [groups[i], groups[j]];
    if (a === undefined || b === undefined || areApart(a, b)) return Number.NEGATIVE_INFINITY;
    return likeness(a.mean, b.mean);
  };
  const choose = (i: number): void => {
    best[i] = -1;
    for (let j = i + 1; j < items.length; j++) {
      if (groups[j] !== undefined && (best[i] < 0 || scores[i][j] > scores[i][best[i]])) best[i] = j;
    }
  };
  for (let i = 0; i < items.length; i++) {
    for (let j = i + 1; j < items.length; j++) scores[i][j] = score(i, j);
    choose(i);
    yield;
  }
  for (;;) {
    let first = -1;
    for (let i = 0; i < items.length; i++) {
      if (groups[i] === undefined || best[i] < 0) continue;
      if (first < 0 || scores[i][best[i]] > scores[first][best[first]]) first = i;
    }
    if (first < 0 || !(scores[first][best[first]] >= threshold)) break;
    join(first, best[first]);
    yield;
  }
  const labels = new Array<number>(items.length);
  for (const [label, { members }] of groups.filter((group) => group !== undefined).entries()) {
    for (const member of members) labels[member] = label;
  }
  return labels;

  /** Joins group `j` to group `i`, which is before it. */
  function join(i: number, j: number): void {
    const [a, b] = [groups[i], groups[j]];
    if (a === undefined || b === undefined) return;
    const members = [...a.members, ...b.members];
    groups[i] = {
      members,
      mean: mean(members.map((member) => items[member].vector)),
      windows: new Map([...a.windows, ...b.windows]),
    };
    groups[j] = undefined;
    for (let k = 0; k < items.length; k++) {
      if (k < i) scores[k][i] = score(k, i);
      else if (k > i) scores[i][k] = score(i, k);
    }
    choose(i);
    for (let k = 0; k < j; k++) {
      if (groups[k] === undefined || k === i) continue;
      if (best[k] === i || best[k] === j) choose(k);
      else if (k < i && scores[k][i] > scores[k][best[k]]) best[k] = i;
    }
  }
}

function areApart(a: Group, b: Group): boolean {
  return [...b.windows].some(([window, number]) => (a.windows.get(window) ?? number) !== number);
}

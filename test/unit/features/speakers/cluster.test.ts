import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { atOnce } from '../../../../src/base/turns.ts';
import { cluster, type Item } from '../../../../src/features/speakers/cluster.ts';

const likeness = (a: Float32Array, b: Float32Array) => 1 - Math.abs(a[0] - b[0]);
const mean = (vectors: readonly Float32Array[]) =>
  Float32Array.of(vectors.reduce((sum, [value]) => sum + value, 0) / vectors.length);
const item = (value: number, window: number, number = 0): Item => ({
  vector: Float32Array.of(value),
  window,
  number,
});
const labelsOf = (items: readonly Item[], threshold = 0.8) =>
  atOnce(cluster(items, { likeness, mean, threshold }));

describe('cluster', () => {
  test('groups what is similar, numbered by the first of each group', () => {
    const values = [0.9, 0.1, 0.95, 0.12, 0.5, 0.88];
    expect(labelsOf(values.map((value, i) => item(value, i)))).toEqual([0, 1, 0, 1, 2, 0]);
  });

  test('items of one window with different numbers stay apart, also through others', () => {
    expect(labelsOf([item(0.5, 0, 0), item(0.52, 0, 1)])).toEqual([0, 1]);
    expect(labelsOf([item(0.5, 0, 1), item(0.52, 0, 1)])).toEqual([0, 0]);
    // 0.51 joins its nearest, whose number the group then has in that window.
    expect(labelsOf([item(0.5, 0, 0), item(0.53, 0, 1), item(0.51, 1)])).toEqual([0, 1, 0]);
  });

  test('compares means: a chain of small steps is not one group', () => {
    const labels = labelsOf([0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9].map((value, i) => item(value, i)));
    expect(new Set(labels).size).toBeGreaterThan(2);
  });

  test('nothing, and one item', () => {
    expect(labelsOf([])).toEqual([]);
    expect(labelsOf([item(0.3, 0)])).toEqual([0]);
  });

  test('is what a search of all pairs at every step gives', () => {
    const items = fc.array(fc.tuple(fc.integer({ min: 0, max: 1000 }), fc.nat(5), fc.nat(1)), {
      maxLength: 14,
    });
    fc.assert(
      fc.property(items, (drawn) => {
        const all = drawn.map(([value, window, number]) => item(value / 1000, window, number));
        const expected = slowly(all);
        const labels = labelsOf(all);
        // Equal scores may be joined in another order.
        if (new Set(drawn.map(([value]) => value)).size === drawn.length && !expected.hasTie)
          expect(labels).toEqual(expected.labels);
        for (const [i, a] of all.entries())
          for (const [j, b] of all.entries())
            if (i < j && labels[i] === labels[j]) expect(isApart(a, b)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

const isApart = (a: Item, b: Item) => a.window === b.window && a.number !== b.number;

/** The definition, with all pairs compared before each join. */
function slowly(items: readonly Item[]): { labels: number[]; hasTie: boolean } {
  let groups = items.map((_, i) => [i]);
  let hasTie = false;
  const meanOf = (group: readonly number[]) => mean(group.map((i) => items[i].vector));
  for (;;) {
    const pairs = groups
      .flatMap((a, i) => groups.slice(i + 1).map((b) => ({ a, b, score: likeness(meanOf(a), meanOf(b)) })))
      .filter(({ a, b }) => !a.some((i) => b.some((j) => isApart(items[i], items[j]))))
      .sort((x, y) => y.score - x.score);
    // Rounding decides whether a score at the threshold counts.
    if (pairs.some(({ score }) => Math.abs(score - 0.8) < 1e-6)) hasTie = true;
    if (pairs.length === 0 || pairs[0].score < 0.8) break;
    if (pairs.length > 1 && pairs[0].score - pairs[1].score < 1e-6) hasTie = true;
    const { a, b } = pairs[0];
    groups = groups.filter((group) => group !== b).map((group) => (group === a ? [...a, ...b] : group));
  }
  const labels: number[] = [];
  for (const [label, group] of groups.entries()) for (const i of group) labels[i] = label;
  return { labels, hasTie };
}

/** A node of the model: an n-gram, its log probability given its history, and its backoff weight. */
export interface NgramNode {
  readonly token: number;
  readonly logProbability: number;
  /** ln of the backoff weight of this n-gram as a history. */
  readonly logBackoff: number;
  /** By token. */
  readonly children: readonly NgramNode[];
}

/** Trie of all n-grams while training. */
interface Counts {
  readonly parent: number[];
  readonly token: number[];
  readonly order: number[];
  readonly count: number[];
  readonly suffix: number[];
  readonly children: number[][];
}

/**
 * Trains a backoff n-gram model over token sequences: interpolated modified Kneser-Ney (Chen & Goodman 1998), then drops the n-grams whose
 * removal reduces the likelihood least (Seymore & Rosenfeld 1996) until `maxNodes` are left.
 * @param sequences tokens 0 … vocabulary - 1; each is trained with a start token before and an end token after.
 * @returns the root: the empty history. Token `vocabulary` is the end; the start is `vocabulary + 1`, a history only.
 */
export function trainNgrams(
  sequences: readonly (readonly number[])[],
  vocabulary: number,
  { order = 6, maxNodes = 175_000 } = {},
): NgramNode {
  const trie = countNgrams(sequences, vocabulary, order);
  const probability = smooth(trie, kneserNeyCounts(trie, vocabulary + 1, order), vocabulary, order);
  const kept = prune(trie, probability, maxNodes);
  return build(trie, probability, kept, 0);
}

/** Below the highest order, an n-gram counts by how many different tokens go before it, unless it starts the word. */
function kneserNeyCounts(trie: Counts, start: number, order: number): readonly number[] {
  const continuations = new Array<number>(trie.count.length).fill(0);
  const first = new Array<number>(trie.count.length).fill(-1);
  for (let node = 1; node < continuations.length; node++) {
    first[node] = trie.parent[node] === 0 ? trie.token[node] : first[trie.parent[node]];
    if (trie.count[node] > 0 && trie.order[node] > 1) continuations[trie.suffix[node]]++;
  }
  return trie.count.map((count, node) =>
    count === 0 || trie.order[node] === order || first[node] === start ? count : continuations[node],
  );
}

function countNgrams(sequences: readonly (readonly number[])[], vocabulary: number, order: number): Counts {
  const trie: Counts = { parent: [-1], token: [-1], order: [0], count: [0], suffix: [-1], children: [[]] };
  const index = new Map<number, number>();
  const width = vocabulary + 2;
  const child = (parent: number, token: number): number => {
    const key = parent * width + token;
    let node = index.get(key);
    if (node === undefined) {
      node = trie.parent.length;
      index.set(key, node);
      trie.parent.push(parent);
      trie.token.push(token);
      trie.order.push(trie.order[parent] + 1);
      trie.count.push(0);
      trie.suffix.push(-1);
      trie.children.push([]);
      trie.children[parent].push(node);
    }
    return node;
  };
  for (const sequence of sequences) {
    const tokens = [vocabulary + 1, ...sequence, vocabulary];
    for (let end = 0; end < tokens.length; end++) {
      // The start token is history only, never predicted.
      for (let length = 1; length <= order && length <= end + 1; length++) {
        let node = 0;
        for (let k = end - length + 1; k <= end; k++) node = child(node, tokens[k]);
        if (end > 0) trie.count[node]++;
      }
    }
  }
  for (let node = 1; node < trie.parent.length; node++) {
    const parent = trie.parent[node];
    trie.suffix[node] = parent === 0 ? 0 : (index.get(trie.suffix[parent] * width + trie.token[node]) ?? 0);
  }
  return trie;
}

/** Interpolated probability of each n-gram given its history. */
function smooth(trie: Counts, counts: readonly number[], vocabulary: number, order: number): Float64Array {
  const discounts = Array.from({ length: order + 1 }, (_, n) => discountsOf(trie, counts, n));
  const probability = new Float64Array(trie.parent.length);
  // Processed order by order, since suffix histories have a lower order.
  const histories = trie.parent.map((_, node) => node).sort((a, b) => trie.order[a] - trie.order[b] || a - b);
  for (const history of histories) {
    const children = trie.children[history].filter((node) => counts[node] > 0);
    if (children.length === 0) continue;
    const total = children.reduce((sum, node) => sum + counts[node], 0);
    const d = discounts[trie.order[history] + 1];
    const held = children.reduce((sum, node) => sum + d[Math.min(3, counts[node])], 0) / total;
    for (const node of children) {
      const lower = history === 0 ? 1 / (vocabulary + 1) : probability[trie.suffix[node]];
      probability[node] = (counts[node] - d[Math.min(3, counts[node])]) / total + held * lower;
    }
  }
  return probability;
}

/** Modified discounts for counts 1, 2 and 3 or more. */
function discountsOf(trie: Counts, counts: readonly number[], order: number): number[] {
  const n = [0, 0, 0, 0, 0];
  for (let node = 1; node < trie.parent.length; node++) {
    const count = counts[node];
    if (trie.order[node] === order && count > 0 && count <= 4) n[count]++;
  }
  if (n[1] === 0 || n[2] === 0 || n[3] === 0 || n[4] === 0) return [0, 0.5, 0.5, 0.5];
  const y = n[1] / (n[1] + 2 * n[2]);
  return [0, 1 - (2 * y * n[2]) / n[1], 2 - (3 * y * n[3]) / n[2], 3 - (4 * y * n[4]) / n[3]];
}

/** Nodes to keep: the `maxNodes` whose removal would cost most, and the histories above them. */
function prune(trie: Counts, probability: Float64Array, maxNodes: number): Uint8Array {
  const size = trie.parent.length;
  const gain = new Float64Array(size);
  for (let node = 1; node < size; node++) {
    if (trie.order[node] === 1) gain[node] = Number.POSITIVE_INFINITY;
    else if (trie.count[node] > 0) {
      const history = trie.parent[node];
      const children = trie.children[history];
      const total = children.reduce((sum, c) => sum + trie.count[c], 0);
      const mass = children.reduce((sum, c) => sum + probability[c], 0);
      const lowerMass = children.reduce((sum, c) => sum + probability[trie.suffix[c]], 0);
      const backoff =
        Math.max(1e-6, 1 - mass + probability[node]) /
        Math.max(1e-6, 1 - lowerMass + probability[trie.suffix[node]]);
      const lower = backoff * probability[trie.suffix[node]];
      gain[node] = total * probability[node] * Math.log(probability[node] / lower);
    }
  }
  // The value of a history is that of its best continuation.
  const byOrder = Array.from({ length: size }, (_, node) => node).sort(
    (a, b) => trie.order[b] - trie.order[a] || a - b,
  );
  for (const node of byOrder) {
    const parent = trie.parent[node];
    if (parent > 0 && gain[node] > gain[parent]) gain[parent] = gain[node];
  }
  const ranked = byOrder
    .filter((node) => node > 0)
    .sort((a, b) => gain[b] - gain[a] || trie.order[a] - trie.order[b] || a - b);
  const kept = new Uint8Array(size);
  kept[0] = 1;
  for (const node of ranked.slice(0, maxNodes)) if (gain[node] > 0) kept[node] = 1;
  return kept;
}

function build(trie: Counts, probability: Float64Array, kept: Uint8Array, node: number): NgramNode {
  const children = trie.children[node].filter((c) => kept[c]).sort((a, b) => trie.token[a] - trie.token[b]);
  const predicted = children.filter((c) => trie.count[c] > 0);
  const mass = predicted.reduce((sum, c) => sum + probability[c], 0);
  const lowerMass = predicted.reduce((sum, c) => sum + probability[trie.suffix[c]], 0);
  const backoff = node === 0 ? 1 : Math.max(1e-5, 1 - mass) / Math.max(1e-5, 1 - lowerMass);
  return {
    token: trie.token[node],
    logProbability: probability[node] > 0 ? Math.log(probability[node]) : Number.NEGATIVE_INFINITY,
    logBackoff: Math.log(backoff),
    children: children.map((c) => build(trie, probability, kept, c)),
  };
}

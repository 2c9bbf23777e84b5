import { FALLBACK_LEVELS, FALLBACK_MAGIC } from '../../src/text/en/graphone-trie.ts';
import { COMBINED_MAGIC } from '../../src/text/en/letter-to-sound.ts';
import { type Alignment, align } from './align.ts';
import type { Pronunciations } from './cmudict.ts';
import { dropDerivable } from './encode-dictionary.ts';
import { type NgramNode, trainNgrams } from './ngram.ts';

/** Minimum log probability. Start tokens, which are never predicted, get it too. */
const MAX_COST = 14;

/** Options that trade the size of the model for its accuracy. */
export interface FallbackOptions {
  readonly order?: number;
  readonly maxNodes?: number;
  /** Minimum count of a graphone; default 20. */
  readonly minCount?: number;
}

/**
 * Trains the letter-to-sound model and writes it as `src/text/en/graphone-trie.ts` describes. Deterministic. Words that the rules derive
 * from others are left out: at run time the rules are applied first, so the model needs only the other words.
 */
export function trainFallback(words: Pronunciations, options: FallbackOptions = {}): Uint8Array {
  return encodeFallback(align(dropDerivable(words), { minCount: options.minCount }), options);
}

/** Puts n-grams and the trained network of `scripts/train/letter-to-sound` into one file. */
export function combine(ngrams: Uint8Array, network: Uint8Array): Uint8Array {
  const header = Buffer.alloc(8);
  header.write(COMBINED_MAGIC, 'latin1');
  header.writeUInt32LE(ngrams.length, 4);
  return Uint8Array.from(Buffer.concat([header, ngrams, network]));
}

/** The second half of {@link trainFallback}. */
export function encodeFallback(
  { graphones, sequences }: Alignment,
  options: FallbackOptions = {},
): Uint8Array {
  if (graphones.length > 510)
    throw new RangeError(`${graphones.length} graphones are more than nine bits hold`);
  const root = trainNgrams(sequences, graphones.length, options);

  const nodes: NgramNode[] = [];
  const internals: NgramNode[] = [root];
  const hasChildren = [true];
  for (let queue = [root]; queue.length > 0; ) {
    const level = queue.flatMap((node) => node.children);
    for (const node of level) {
      nodes.push(node);
      hasChildren.push(node.children.length > 0);
      if (node.children.length > 0) internals.push(node);
    }
    queue = level;
  }
  const costs = quantize(nodes.map(({ logProbability }) => Math.min(MAX_COST, -logProbability)));
  const backoffs = quantize(
    internals.map(({ logBackoff }) => Math.max(-MAX_COST, Math.min(MAX_COST, logBackoff))),
  );
  const header = new DataView(new ArrayBuffer(16 + 8 * FALLBACK_LEVELS));
  for (const [i, char] of Array.from(FALLBACK_MAGIC).entries()) header.setUint8(i, char.charCodeAt(0));
  header.setUint16(4, graphones.length, true);
  header.setUint32(8, nodes.length, true);
  header.setUint32(12, internals.length, true);
  for (const [i, level] of [...costs.levels, ...backoffs.levels].entries())
    header.setFloat32(16 + 4 * i, level, true);
  return Uint8Array.from([
    ...new Uint8Array(header.buffer),
    ...graphones.flatMap(({ letters, symbols }) => [
      letters.length,
      ...Array.from(letters, (letter) => letter.charCodeAt(0)),
      symbols.length,
      ...symbols,
    ]),
    ...nodes.map(({ token }) => token & 255),
    ...bits(nodes.map(({ token }) => token > 255)),
    ...nibbles(costs.codes),
    ...nibbles(backoffs.codes),
    ...bits(hasChildren),
    ...internals.flatMap(({ children }) =>
      children.length < 256 ? [children.length] : [0, children.length & 255, children.length >> 8],
    ),
  ]);
}

/** Sixteen levels that minimize the squared error (Lloyd 1982), and each value's nearest. */
function quantize(values: readonly number[]): { levels: number[]; codes: number[] } {
  const sorted = Float64Array.from(values).sort();
  let levels = Array.from(
    { length: FALLBACK_LEVELS },
    (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / FALLBACK_LEVELS)],
  );
  for (let round = 0; round < 30; round++) {
    const sums = new Float64Array(FALLBACK_LEVELS);
    const counts = new Float64Array(FALLBACK_LEVELS);
    for (const value of sorted) {
      const code = nearest(levels, value);
      sums[code] += value;
      counts[code]++;
    }
    levels = levels.map((level, i) => (counts[i] > 0 ? sums[i] / counts[i] : level));
  }
  return { levels, codes: values.map((value) => nearest(levels, value)) };
}

function nearest(levels: readonly number[], value: number): number {
  let best = 0;
  for (let i = 1; i < levels.length; i++) {
    if (Math.abs(levels[i] - value) < Math.abs(levels[best] - value)) best = i;
  }
  return best;
}

function nibbles(codes: readonly number[]): Uint8Array {
  const bytes = new Uint8Array((codes.length + 1) >> 1);
  for (const [i, code] of codes.entries()) bytes[i >> 1] |= code << (4 * (i & 1));
  return bytes;
}

function bits(flags: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array((flags.length + 7) >> 3);
  for (const [i, flag] of flags.entries()) if (flag) bytes[i >> 3] |= 1 << (i & 7);
  return bytes;
}

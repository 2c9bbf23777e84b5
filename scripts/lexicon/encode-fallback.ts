import { FALLBACK_MAGIC } from '../../src/pipeline/text/letter-to-sound.ts';
import { type Alignment, align } from './align.ts';
import type { Pronunciations } from './cmudict.ts';
import { type NgramNode, trainNgrams } from './ngram.ts';

/** Quantization step of log probabilities, in 1/256: 0.0625 is far below what changes an answer. */
const STEP = 16;

/** Size of the model against its accuracy. */
export interface FallbackOptions {
  readonly order?: number;
  readonly maxNodes?: number;
}

/** Trains the letter-to-sound model and writes it as `src/pipeline/text/letter-to-sound.ts` describes. Deterministic. */
export function trainFallback(words: Pronunciations, options: FallbackOptions = {}): Uint8Array {
  return encodeFallback(align(words), options);
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
  const header = new DataView(new ArrayBuffer(16));
  for (const [i, char] of Array.from(FALLBACK_MAGIC).entries()) header.setUint8(i, char.charCodeAt(0));
  header.setUint16(4, graphones.length, true);
  header.setUint8(7, STEP);
  header.setUint32(8, nodes.length, true);
  header.setUint32(12, internals.length, true);
  return Uint8Array.from([
    ...new Uint8Array(header.buffer),
    ...graphones.flatMap(({ letters, symbols }) => [
      letters.length,
      ...Array.from(letters, (letter) => letter.charCodeAt(0)),
      symbols.length,
      ...symbols,
    ]),
    ...nodes.map(({ token }) => token & 255),
    ...nodes.map(({ logProbability }) => Math.min(255, Math.round((-logProbability * 256) / STEP))),
    ...bits(nodes.map(({ token }) => token > 255)),
    ...bits(hasChildren),
    ...internals.flatMap(({ children }) => [children.length & 255, children.length >> 8]),
    ...internals.map(
      ({ logBackoff }) => Math.max(-128, Math.min(127, Math.round((logBackoff * 256) / STEP))) & 255,
    ),
  ]);
}

function bits(flags: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array((flags.length + 7) >> 3);
  for (const [i, flag] of flags.entries()) if (flag) bytes[i >> 3] |= 1 << (i & 7);
  return bytes;
}

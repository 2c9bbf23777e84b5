import { TAGGER_SCALE, TAGGER_WEIGHTS } from './tagger-weights.ts';
import type { Sentence } from './word-class.ts';

/** Verb without ending, third person, past tense, participle, noun, adjective, adverb. */
export const TAGS = ['verb', 'third', 'past', 'participle', 'noun', 'adjective', 'adverb'] as const;
/** One of {@link TAGS}. */
export type Tag = (typeof TAGS)[number];

const BUCKETS = 16_384;

let weights: Int8Array | undefined;

/**
 * Score of each part of speech for word `i`: a log-linear model over hashed features of the three words before and the two after. Of the
 * word itself it uses only a final `s`, so that it works equally for heteronyms and other words.
 * @returns log scores, not normalized, by tag.
 */
export function tagScores(sentence: Sentence, i: number): Readonly<Record<Tag, number>> {
  weights ??= Int8Array.from(atob(TAGGER_WEIGHTS), (char) => char.charCodeAt(0));
  const scores = new Array<number>(TAGS.length).fill(0);
  for (const feature of features(sentence, i)) {
    const at = bucket(feature) * TAGS.length;
    for (let tag = 0; tag < TAGS.length; tag++) scores[tag] += weights[at + tag];
  }
  return Object.fromEntries(TAGS.map((tag, k) => [tag, scores[k] * TAGGER_SCALE])) as Record<Tag, number>;
}

/** Log odds of one group of tags against the other. */
export function tagOdds(sentence: Sentence, i: number, one: readonly Tag[], other: readonly Tag[]): number {
  const scores = tagScores(sentence, i);
  const sum = (tags: readonly Tag[]) => {
    const top = Math.max(...tags.map((tag) => scores[tag]));
    return top + Math.log(tags.reduce((total, tag) => total + Math.exp(scores[tag] - top), 0));
  };
  return sum(one) - sum(other);
}

/** FNV-1a. */
function bucket(feature: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < feature.length; i++) hash = Math.imul(hash ^ feature.charCodeAt(i), 0x01000193) >>> 0;
  return hash % BUCKETS;
}

/**
 * The word at `i + k`. Special marks represent the ends of the sentence and a pause next to the word; '' represents words beyond a pause.
 */
function neighbour({ words, pauses }: Sentence, i: number, k: number): string {
  const j = i + k;
  if (k < 0) {
    if (j < 0) return j === -1 ? '<s>' : '';
    for (let q = j; q < i; q++) {
      if (pauses[q]) return (q === i - 1 && k === -1) || k === -1 ? '<,>' : '';
    }
    return words[j];
  }
  if (j >= words.length) return j === words.length ? '</s>' : '';
  for (let q = i; q < j; q++) if (pauses[q]) return k === 1 ? '<,>' : '';
  return words[j];
}

function features(sentence: Sentence, i: number): string[] {
  const [a, b, c, d, e] = [-1, -2, 1, 2, -3].map((k) => neighbour(sentence, i, k));
  const own = sentence.words[i].endsWith('s') ? 's' : '';
  return [
    `a${a}`,
    `b${b}`,
    `c${c}`,
    `d${d}`,
    `e${b} ${a}`,
    `f${a} ${c}`,
    `g${c} ${d}`,
    `h${a.slice(-3)}`,
    `i${c.slice(-3)}`,
    `j${a.slice(-2)}`,
    `k${c.slice(-2)}`,
    `l${e}`,
    `m${b.slice(-2)} ${a.slice(-2)}`,
    `n${a.slice(-2)} ${c.slice(-2)}`,
    `o${own}`,
  ];
}

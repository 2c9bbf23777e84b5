import type { Sentence } from './word-class.ts';

/** ARPAbet of the word at `i`, or `undefined` to treat it as any other word. */
export type Rule = (sentence: Sentence, i: number) => string | undefined;

/** Whether one of these words is within `reach` of word `i`. */
export function near({ words }: Sentence, i: number, set: ReadonlySet<string>, reach = 12): boolean {
  for (let k = Math.max(0, i - reach); k < Math.min(words.length, i + reach + 1); k++) {
    if (k !== i && set.has(words[k])) return true;
  }
  return false;
}

/** Whether a word is in a set. */
export const is = (word: string | undefined, set: ReadonlySet<string>) => word !== undefined && set.has(word);

import type { IpaAccent } from '../ipa.ts';
import { reduce, type Surroundings } from './function-words.ts';
import { letterName } from './letter-names.ts';
import type { Pronouncer } from './pronounce.ts';

/** Rules and words in which one accent of English differs from another. */
export interface Accent {
  /** How IPA is read. */
  readonly ipa: IpaAccent;
  readonly pronouncer: Pronouncer;
  letterName(letter: string): readonly string[] | undefined;
  /** The accent's form of an American pronunciation of a word, as the table of heteronyms has it. */
  adopt(word: string, american: readonly string[]): readonly string[];
  /** Pronunciation of a word at its place in a sentence; see {@link reduce}. */
  reduce(word: string, symbols: readonly string[], place: Surroundings): readonly string[];
  /** Symbols as they are spoken before `next`, the first symbol of the next word where no pause is between. */
  link(symbols: readonly string[], next: string | undefined): readonly string[];
}

/** American English. */
export function americanAccent(pronouncer: Pronouncer): Accent {
  return {
    ipa: 'american',
    pronouncer,
    letterName,
    adopt: (_, american) => american,
    reduce,
    link: (symbols) => symbols,
  };
}

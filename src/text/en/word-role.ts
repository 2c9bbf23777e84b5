import type { WordRole } from '../script.ts';
import type { SpokenToken } from '../types.ts';
import type { Sentence } from './heteronyms.ts';

/** Contexts that fix the part of speech of the word between them. */
const FRAMES: Readonly<Record<WordRole, readonly [readonly string[], readonly string[]]>> = {
  verb: [['they', 'will'], []],
  past: [['he', 'has'], ['it']],
  noun: [['the'], ['is']],
  adjective: [['a', 'very'], ['thing']],
};

/**
 * A sentence that gives a word the part of speech stated in markup, and the word's index in it, as input for the heteronym rules.
 */
export function inRole(role: WordRole, token: Exclude<SpokenToken, { kind: 'pause' }>): [Sentence, number] {
  const [before, after] = FRAMES[role];
  const written = 'source' in token ? token.source : token.text;
  const words = [...before, token.text.toLowerCase(), ...after];
  const sources = [...before, written, ...after];
  return [{ words, sources, pauses: words.map((_, i) => i === words.length - 1) }, before.length];
}

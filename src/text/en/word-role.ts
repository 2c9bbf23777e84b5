import type { WordRole } from '../script.ts';
import type { SpokenToken } from '../types.ts';
import type { Sentence } from './heteronyms.ts';

/** Words before and after which a word can have no other part of speech than the one stated. */
const FRAMES: Readonly<Record<WordRole, readonly [readonly string[], readonly string[]]>> = {
  verb: [['they', 'will'], []],
  past: [['he', 'has'], ['it']],
  noun: [['the'], ['is']],
  adjective: [['a', 'very'], ['thing']],
};

/**
 * A sentence in which a word has the part of speech that markup states, and the word's index in it: what the rules for heteronyms take.
 */
export function inRole(role: WordRole, token: Exclude<SpokenToken, { kind: 'pause' }>): [Sentence, number] {
  const [before, after] = FRAMES[role];
  const written = 'source' in token ? token.source : token.text;
  const words = [...before, token.text.toLowerCase(), ...after];
  const sources = [...before, written, ...after];
  return [{ words, sources, pauses: words.map((_, i) => i === words.length - 1) }, before.length];
}

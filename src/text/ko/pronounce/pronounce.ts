import { markWords, type Neighbours } from './lexical.ts';
import { applyRules, spell } from './rules.ts';
import type { Sound } from './syllables.ts';

/**
 * Pronounces the words of one phrase by the Standard Pronunciation rules (표준 발음법).
 * @param words Hangul syllables, as spelled.
 * @returns every syllable as it is spoken. Where the standard allows two ways, the one of everyday speech: 의 inside a word is 이, the
 *   particle 의 is 에, ㅖ after a consonant other than ㄹ is ㅔ.
 */
export function pronounce(words: readonly string[], neighbours: Neighbours = {}): Sound[] {
  const sounds = markWords(words, neighbours);
  applyRules(sounds);
  return sounds;
}

/**
 * As {@link pronounce}, spelled in Hangul.
 * @example
 * spellPronunciation(['값이', '없다']); // '갑씨 업따'
 */
export function spellPronunciation(words: readonly string[]): string {
  return spell(pronounce(words));
}

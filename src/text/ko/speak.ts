import { endsVoiced, symbolsOf } from './phonemes.ts';
import { type Juncture, junctures } from './phrases.ts';
import { pronounce } from './pronounce/pronounce.ts';
import { spell } from './pronounce/rules.ts';
import type { Sound } from './pronounce/syllables.ts';

/** A word as spoken in its phrase. */
export interface SpokenKorean {
  /** Index of the word among those given. */
  readonly word: number;
  /** Korean symbols, see symbols.ts. */
  readonly symbols: readonly string[];
  /** As it is spoken, spelled in Hangul. */
  readonly spelled: string;
  /** Juncture after it; `undefined` after the last word. */
  readonly juncture: Juncture | undefined;
}

/**
 * Pronounces words without pauses between them.
 * @param words Hangul syllables, as spelled; at least one syllable each.
 */
export function speak(words: readonly string[]): SpokenKorean[] {
  const between = junctures(words);
  const spoken: SpokenKorean[] = [];
  for (let start = 0; start < words.length; ) {
    let end = start + 1;
    while (end < words.length && between[end - 1] === 'linked') end++;
    spoken.push(...speakPhrase(words, start, end, between));
    start = end;
  }
  return spoken;
}

function speakPhrase(
  all: readonly string[],
  start: number,
  end: number,
  between: readonly Juncture[],
): SpokenKorean[] {
  const words = all.slice(start, end);
  const sounds = pronounce(words, { before: all[start - 1], after: all[end] });
  const symbols: string[][] = words.map(() => []);
  const parts: Sound[][] = words.map(() => []);
  for (const [i, sound] of sounds.entries()) {
    const last = sounds[i - 1];
    const voiced = last !== undefined && endsVoiced(last);
    symbols[sound.word].push(...symbolsOf(sound, voiced, last?.final === 'ㄹ'));
    parts[sound.word].push(sound);
  }
  return words.map((_, i) => ({
    word: start + i,
    symbols: symbols[i],
    spelled: spell(parts[i]),
    juncture: between[start + i],
  }));
}

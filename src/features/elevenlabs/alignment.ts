import type { Cue } from '../../synthesis/alignment.ts';

/** ElevenLabs' times of characters. */
export interface CharacterAlignment {
  readonly characters: string[];
  readonly character_start_times_seconds: number[];
  readonly character_end_times_seconds: number[];
}

/**
 * Times of the characters of a text: a word's characters share its time evenly, and those between two words share the pause between them.
 * @param text the text that the cues' spans point into.
 * @param from offset of the first character to include.
 * @param to offset after the last one.
 * @param startMs time of the first character, where a part of the text follows another.
 */
export function charactersOf(
  text: string,
  words: readonly Cue[],
  { from = 0, to = text.length, startMs = 0 } = {},
): CharacterAlignment {
  const alignment: CharacterAlignment = {
    characters: [],
    character_start_times_seconds: [],
    character_end_times_seconds: [],
  };
  const seconds = (ms: number) => Math.round(ms) / 1000;
  const add = (part: string, start: number, end: number) => {
    const characters = Array.from(part);
    characters.forEach((character, index) => {
      const step = (end - start) / characters.length;
      alignment.characters.push(character);
      alignment.character_start_times_seconds.push(seconds(start + index * step));
      alignment.character_end_times_seconds.push(seconds(start + (index + 1) * step));
    });
  };
  let at = from;
  let now = startMs;
  for (const { span, start_ms, end_ms } of words) {
    // Words that one written word is read as share its span.
    if (span.start < at) continue;
    add(text.slice(at, span.start), now, Math.max(now, start_ms));
    add(text.slice(span.start, span.end), Math.max(now, start_ms), end_ms);
    at = span.end;
    now = end_ms;
  }
  add(text.slice(at, Math.max(at, to)), now, now);
  return alignment;
}

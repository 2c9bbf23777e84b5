import type { Lyric } from '../../../synthesis/singing/score.ts';

/** Lyrics that continue the previous syllable. */
const HOLDS = new Set(['-', '–', '—', '_', '~', 'ー', '+~', '+*', '...', '…']);
/** The lyric that means the next syllable of an earlier word. */
const NEXT = '+';

/** Whether a lyric continues the previous syllable. */
export function isHold(text: string): boolean {
  return HOLDS.has(text.trim());
}

/**
 * Reads a lyric as in editors for singing: `Twin-` continues in the next note, `+` is the next syllable of an earlier word, `-` and an
 * empty lyric continue the previous syllable.
 * @param before the previous lyric of the part.
 */
export function readLyric(
  text: string | undefined,
  before: Lyric | undefined,
  phonemes?: string,
): Lyric | undefined {
  const written = text?.trim() ?? '';
  if (phonemes === undefined && (written === '' || isHold(written))) return undefined;
  const open = before !== undefined && !before.ends;
  if (written === NEXT) return { text: '', begins: !before, ends: true, phonemes };
  const ends = !/[-‐‑]$/.test(written);
  return { text: ends ? written : written.slice(0, -1), begins: !open, ends, phonemes };
}

/** Lets words that go on by `+` end with its last one. Lyrics of a part, in order. */
export function joinNext(lyrics: readonly (Lyric | undefined)[]): (Lyric | undefined)[] {
  const joined = [...lyrics];
  let last = -1;
  for (const [i, lyric] of lyrics.entries()) {
    if (!lyric) continue;
    const before = joined[last];
    if (lyric.text === '' && lyric.phonemes === undefined && before) {
      joined[last] = { ...before, ends: false };
      joined[i] = { ...lyric, begins: false };
    }
    last = i;
  }
  return joined;
}

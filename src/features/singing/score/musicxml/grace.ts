import type { Lyric } from '../../../../synthesis/singing/score.ts';

/** What a note needs to be a grace note or to have some. */
interface Ornamented {
  readonly offset: number;
  readonly beats: number;
  readonly tied: boolean;
  readonly lyrics: ReadonlyMap<number, Lyric>;
}

/** Quarter notes of a grace note, and the share of its main note that all of them take at most. */
const GRACE_BEATS = 1 / 8;
const MOST_SHARE = 1 / 3;

/**
 * Gives grace notes a length, which they take from the beginning of their main note. The syllable begins on the first of them, and the main
 * note holds it.
 */
export function withGraces<Note extends Ornamented>(graces: readonly Note[], main: Note): Note[] {
  if (graces.length === 0 || main.tied) return [main];
  const each = Math.min(GRACE_BEATS, (main.beats * MOST_SHARE) / graces.length);
  const hasOwn = graces.some(({ lyrics }) => lyrics.size > 0);
  const sung = graces.map((grace, i): Note => {
    const lyrics = !hasOwn && i === 0 ? main.lyrics : grace.lyrics;
    return { ...grace, lyrics, offset: main.offset + i * each, beats: each };
  });
  const taken = each * graces.length;
  const rest = { ...main, offset: main.offset + taken, beats: main.beats - taken };
  return [...sung, hasOwn ? rest : { ...rest, lyrics: new Map() }];
}

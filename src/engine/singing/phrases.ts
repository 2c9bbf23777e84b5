import { nextTurn } from '../../base/turns.ts';
import type { SungNote, SungPhrase, SungSyllable } from '../../synthesis/singing/phrase.ts';
import { type Note, type Part, type Tempo, TempoMap } from '../../synthesis/singing/score.ts';
import type { FrontEnd } from '../../text/frontend.ts';
import { type LyricOptions, type LyricSyllable, readLyrics } from '../../text/lyrics/lyrics.ts';

/** Seconds of rest from which a new phrase begins: before a word, and within one. */
const REST_BEFORE_WORD = 0.25;
const REST_WITHIN_WORD = 1;
/** Notes after which a phrase ends at the next word, and after which it always ends: limits for the input of the text encoder. */
const MANY_NOTES = 80;
const MOST_NOTES = 240;
/** Time that a breath without a rest takes from the previous note: a share, and the most seconds. */
const BREATH_SHARE = 0.3;
const BREATH_SECONDS = 0.35;
/** The syllable of notes without a lyric. */
const WORDLESS = { text: 'la', begins: true, ends: true };

/** A note of a part in seconds. */
export interface PlacedNote extends SungNote {
  /** Number of the note in its part. */
  readonly index: number;
  readonly source: Note;
}

/** A phrase and its notes. */
export interface PhraseOfPart {
  readonly phrase: SungPhrase;
  readonly notes: readonly PlacedNote[];
  /** Number in `notes` of each syllable's first note. */
  readonly firsts: readonly number[];
}

/**
 * Notes of a part in seconds.
 * @param leadIn seconds before the score's first beat.
 * @param transpose semitones.
 */
export function placeNotes(
  part: Part,
  tempos: readonly Tempo[],
  leadIn: number,
  transpose: number,
): PlacedNote[] {
  const map = new TempoMap(tempos);
  return part.notes.map((source, index) => {
    const start = leadIn + map.seconds(source.beat);
    const end = leadIn + map.seconds(source.beat + source.beats);
    const next = part.notes[index + 1];
    const gap = next ? leadIn + map.seconds(next.beat) - end : Number.POSITIVE_INFINITY;
    const breath =
      source.breath && gap < BREATH_SECONDS ? Math.min(BREATH_SHARE * (end - start), BREATH_SECONDS) : 0;
    return {
      index,
      source,
      start,
      end: end - breath,
      pitch: source.pitch + transpose,
      vibrato: source.vibrato,
    };
  });
}

/** Cuts the notes of a part where the singer breathes. */
export function cutPhrases(notes: readonly PlacedNote[]): PlacedNote[][] {
  const phrases: PlacedNote[][] = [];
  let phrase: PlacedNote[] = [];
  for (const [i, note] of notes.entries()) {
    const before = notes[i - 1];
    const { lyric } = note.source;
    const gap = before ? note.start - before.end : 0;
    const atWord = lyric?.begins === true;
    const ends =
      before !== undefined &&
      (before.source.breath === true ||
        (atWord && note.source.emotion !== undefined) ||
        gap >= (atWord ? REST_BEFORE_WORD : REST_WITHIN_WORD) ||
        (phrase.length >= MANY_NOTES && atWord) ||
        phrase.length >= MOST_NOTES);
    if (ends) {
      phrases.push(phrase);
      phrase = [];
    }
    phrase.push(note);
  }
  if (phrase.length > 0) phrases.push(phrase);
  return phrases;
}

/**
 * Reads the lyrics of a part and shares them out among its notes.
 * @throws {SoriError} `invalid_lyrics`, `invalid_pronunciation`.
 */
export async function phrasesOf(
  notes: readonly PlacedNote[],
  frontEnd: FrontEnd,
  options: LyricOptions,
): Promise<PhraseOfPart[]> {
  const wordless = notes.every(({ source }) => source.lyric === undefined);
  let last: LyricSyllable | undefined;
  let emotion: Note['emotion'];
  const phrases: PhraseOfPart[] = [];
  for (const own of cutPhrases(notes)) {
    const lyrics = own.flatMap(({ source: { lyric, place } }) => {
      const text = lyric ?? (wordless ? WORDLESS : undefined);
      return text ? [{ ...text, place }] : [];
    });
    const read = readLyrics(lyrics, frontEnd, options);
    let next = 0;
    const drafts: { syllable: LyricSyllable; notes: SungNote[]; first: number }[] = [];
    for (const [i, note] of own.entries()) {
      const written = note.source.lyric !== undefined || wordless;
      const syllables = written ? read[next++] : [];
      const open = drafts.at(-1);
      if (syllables.length > 0) drafts.push(...crowded(note, syllables, i));
      else if (open) open.notes.push(plain(note));
      // A phrase that begins without a lyric takes up the last vowel.
      else drafts.push({ syllable: heldOn(last), notes: [plain(note)], first: i });
      last = drafts[drafts.length - 1].syllable;
    }
    const syllables: SungSyllable[] = drafts.map(({ syllable, notes }) => ({ ...syllable, notes }));
    emotion = own[0].source.emotion ?? emotion;
    phrases.push({
      phrase: { syllables, emotion, breath: own[0].source.beat > 0 || own[0].start > 1 },
      notes: own,
      firsts: drafts.map(({ first }) => first),
    });
    await nextTurn();
  }
  return phrases;
}

/** Several syllables on one note share its time evenly. */
function crowded(note: PlacedNote, syllables: readonly LyricSyllable[], first: number) {
  const step = (note.end - note.start) / syllables.length;
  return syllables.map((syllable, i) => {
    const start = note.start + i * step;
    return { syllable, notes: [{ ...plain(note), start, end: start + step }], first };
  });
}

function plain({ start, end, pitch, vibrato }: PlacedNote): SungNote {
  return { start, end, pitch, vibrato };
}

function heldOn(last: LyricSyllable | undefined): LyricSyllable {
  return { onset: [], nucleus: last?.nucleus ?? 'ˈɑ', coda: [], begins: true };
}

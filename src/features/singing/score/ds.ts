import { z } from 'zod';
import {
  hzOf,
  type Lyric,
  type Note,
  type PitchTrack,
  type Score,
} from '../../../synthesis/singing/score.ts';
import { englishOnset } from '../../../text/lyrics/syllables.ts';
import { isVowel } from '../../../text/symbols.ts';
import { ipaOf, isSilence } from './arpabet.ts';
import { badScore, schemaFault, shown } from './fault.ts';
import { checkedScore, SCORE_LIMITS } from './limits.ts';
import { parsePitch } from './pitch.ts';

const list = z.union([
  z.string().max(2_000_000),
  z.array(z.union([z.string(), z.number()])).max(SCORE_LIMITS.pitches),
]);

const segmentSchema = z.looseObject({
  offset: z.coerce.number().min(0).max(SCORE_LIMITS.seconds).default(0),
  text: z.string().max(20_000).optional(),
  ph_seq: list.optional(),
  ph_num: list.optional(),
  ph_dur: list.optional(),
  note_seq: list,
  note_dur: list,
  note_slur: list.optional(),
  f0_seq: list.optional(),
  f0_timestep: z.coerce.number().min(0.001).max(1).optional(),
});
type Segment = z.infer<typeof segmentSchema>;

/** Seconds between values of the curve that the segments' curves are put into. */
const STEP = 0.005;
/** Seconds that a vowel may begin before its note, as singers' vowels do. */
const EARLY = 0.06;

/**
 * Reads a DiffSinger score (`.ds`, JSON): one segment or a list. Notes are sung with the phonemes of `ph_seq`, which must be ARPAbet or IPA, or
 * with the words of `text` where there are none. `f0_seq` takes the place of the notes' pitches.
 * @param value what `JSON.parse` gives.
 * @throws {SoriError} `invalid_score`, with the segment and field.
 */
export function readDs(value: unknown): Score {
  const given = Array.isArray(value) ? value : [value];
  if (given.length === 0) throw badScore(undefined, 'the list of segments is empty');
  if (given.length > 1000) throw badScore(undefined, 'the score has more than 1000 segments');
  const segments = given.map((one, s) => {
    const parsed = segmentSchema.safeParse(one);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw badScore([`segment ${s + 1}`, ...issue.path].join(', '), schemaFault(issue));
  });
  const notes = segments.flatMap((segment, s) => notesOf(segment, `segment ${s + 1}`));
  const notices = segments.some(({ ph_dur }) => ph_dur)
    ? ['ph_dur is used only for the order of syllables: consonants get the lengths of the duration model.']
    : [];
  return checkedScore({
    // At 60 quarter notes a minute beats are seconds.
    tempos: [{ beat: 0, bpm: 60 }],
    meters: [],
    parts: [{ name: 'part 1', notes, f0: curveOf(segments) }],
    notices,
  });
}

function notesOf(segment: Segment, where: string): Note[] {
  const names = words(segment.note_seq);
  const lengths = numbers(segment.note_dur, `${where}, note_dur`);
  if (names.length !== lengths.length) {
    throw badScore(where, `note_seq has ${names.length} notes and note_dur ${lengths.length} lengths`);
  }
  const slurs = segment.note_slur ? numbers(segment.note_slur, `${where}, note_slur`) : names.map(() => 0);
  let at = segment.offset;
  const notes: Note[] = [];
  const slurred: boolean[] = [];
  for (const [n, name] of names.entries()) {
    const place = `${where}, note_seq[${n}]`;
    const pitch = /^\d/.test(name) ? Number(name) : parsePitch(name);
    if (!isRest(name)) {
      if (pitch === undefined || !Number.isFinite(pitch))
        throw badScore(place, `${shown(name)} is not a note: expected a name such as C4, or rest`);
      if (lengths[n] > 0) {
        notes.push({ beat: at, beats: lengths[n], pitch, place });
        slurred.push(slurs[n] > 0);
      }
    }
    at += lengths[n];
  }
  const sung = segment.ph_seq ? byPhonemes(segment, notes, where) : byText(segment, notes, slurred);
  return notes.map((note, i) => ({ ...note, lyric: slurred[i] ? undefined : sung[i] }));
}

function isRest(name: string): boolean {
  return /^(?:rest|r|0)$/i.test(name);
}

/** Words of the text, one for each note that is not slurred. */
function byText(
  { text }: Segment,
  notes: readonly Note[],
  slurred: readonly boolean[],
): (Lyric | undefined)[] {
  const spoken = words(text ?? '').filter((word) => !isSilence(word));
  let next = 0;
  return notes.map((_, i) => {
    if (slurred[i]) return undefined;
    const word = spoken[next++];
    return word === undefined ? undefined : { text: word, begins: true, ends: true };
  });
}

/** Syllables of the phonemes: each goes to the note in which its vowel begins. */
function byPhonemes(segment: Segment, notes: readonly Note[], where: string): (Lyric | undefined)[] {
  const phonemes = words(segment.ph_seq ?? '');
  const lengths = segment.ph_dur === undefined ? undefined : numbers(segment.ph_dur, `${where}, ph_dur`);
  if (lengths && lengths.length !== phonemes.length) {
    throw badScore(where, `ph_seq has ${phonemes.length} phonemes and ph_dur ${lengths.length} lengths`);
  }
  const lyrics: (Lyric | undefined)[] = notes.map(() => undefined);
  const syllables = syllablesOf(phonemes, lengths, segment.offset, where);
  let n = -1;
  for (const { at, ipa, text } of syllables) {
    // Without lengths syllables go to the notes in order.
    const here =
      at === undefined
        ? n + 1
        : notes.findIndex(({ beat, beats }) => at >= beat - EARLY && at < beat + beats - EARLY);
    n = here >= 0 ? here : n + 1;
    if (!notes[n])
      throw badScore(where, `ph_seq has more syllables than note_seq has notes, from "${text}" on`);
    const before = lyrics[n];
    lyrics[n] = {
      text: `${before?.text ?? ''}${text}`,
      begins: true,
      ends: true,
      phonemes: `${before?.phonemes ?? ''}${ipa}`,
    };
  }
  return lyrics;
}

interface PhonemeSyllable {
  /** Seconds at which its vowel begins. */
  readonly at?: number;
  readonly ipa: string;
  readonly text: string;
}

function syllablesOf(
  phonemes: readonly string[],
  lengths: readonly number[] | undefined,
  offset: number,
  where: string,
): PhonemeSyllable[] {
  const done: PhonemeSyllable[] = [];
  let onset: { ipa: string; text: string }[] = [];
  let rested = true;
  let at = offset;
  for (const [p, text] of phonemes.entries()) {
    const start = at;
    at += lengths?.[p] ?? 0;
    if (isSilence(text)) {
      // Consonants before a silence end the syllable before it.
      endWith(done, onset);
      onset = [];
      rested = true;
      continue;
    }
    const ipa = ipaOf(text);
    if (ipa === undefined) {
      throw badScore(`${where}, ph_seq[${p}]`, `${shown(text)} is not an English phoneme in ARPAbet or IPA`);
    }
    if (!isVowel(ipa)) onset.push({ ipa, text });
    else {
      const first = done.length > 0 && !rested ? onsetStart(onset.map((one) => one.ipa)) : 0;
      endWith(done, onset.slice(0, first));
      onset = onset.slice(first);
      rested = false;
      const begin = onset.map((one) => one.ipa).join('');
      done.push({
        at: lengths && start,
        ipa: begin + ipa,
        text: onset.map((one) => one.text).join('') + text,
      });
      onset = [];
    }
  }
  endWith(done, onset);
  return done;
}

/** Number of consonants before a vowel that end the syllable before it. */
function onsetStart(consonants: readonly string[]): number {
  for (let start = 0; start < consonants.length; start++) {
    if (englishOnset(consonants.slice(start))) return start;
  }
  return consonants.length;
}

/** Lets the last syllable end with consonants. */
function endWith(
  syllables: PhonemeSyllable[],
  consonants: readonly { readonly ipa: string; readonly text: string }[],
): void {
  const last = syllables.pop();
  if (!last) return;
  const ipa = consonants.map((one) => one.ipa).join('');
  const text = consonants.map((one) => one.text).join('');
  syllables.push({ ...last, ipa: last.ipa + ipa, text: last.text + text });
}

/** The segments' curves in one. */
function curveOf(segments: readonly Segment[]): PitchTrack | undefined {
  const curves = segments.flatMap((segment, s) => {
    if (segment.f0_seq === undefined) return [];
    const step = segment.f0_timestep;
    if (step === undefined) throw badScore(`segment ${s + 1}`, 'f0_seq needs f0_timestep');
    const hz = numbers(segment.f0_seq, `segment ${s + 1}, f0_seq`);
    if (hz.some((value) => value !== 0 && !(value >= hzOf(0) && value <= 4000))) {
      throw badScore(`segment ${s + 1}, f0_seq`, 'a value is not a frequency in Hz');
    }
    return [{ offset: segment.offset, step, hz }];
  });
  if (curves.length === 0) return undefined;
  const end = Math.min(
    SCORE_LIMITS.seconds,
    Math.max(...curves.map(({ offset, step, hz }) => offset + step * hz.length)),
  );
  const joined = new Array<number>(Math.ceil(end / STEP)).fill(0);
  for (const { offset, step, hz } of curves) {
    const first = Math.ceil(offset / STEP);
    for (let i = first; i < joined.length && (i * STEP - offset) / step < hz.length; i++) {
      joined[i] = hz[Math.floor((i * STEP - offset) / step)];
    }
  }
  return { start: 0, step: STEP, hz: joined };
}

function words(value: string | readonly (string | number)[]): string[] {
  return typeof value === 'string' ? value.split(/\s+/).filter(Boolean) : value.map(String);
}

function numbers(value: string | readonly (string | number)[], where: string): number[] {
  return words(value).map((word, i) => {
    const number = Number(word);
    if (!Number.isFinite(number) || number < 0)
      throw badScore(`${where}[${i}]`, `${shown(word)} is not a number of 0 or more`);
    return number;
  });
}

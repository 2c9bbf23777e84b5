/**
 * Music to sing. Places and lengths are counted in beats; a beat is a quarter note, whatever the meter.
 * Every score format is read into this, and everything after reading works on this alone.
 */
export interface Score {
  readonly title?: string;
  /** In order of `beat`; the first is at beat 0. */
  readonly tempos: readonly Tempo[];
  /** In order of `beat`; the first is at beat 0. For the click. */
  readonly meters: readonly Meter[];
  /** Voices that sing at the same time; at least one. */
  readonly parts: readonly Part[];
  /** Contents of the file that the score does not have: dropped notes of a chord, ignored marks. */
  readonly notices: readonly string[];
}

/** A tempo from a beat on. */
export interface Tempo {
  readonly beat: number;
  /** Quarter notes a minute. */
  readonly bpm: number;
}

/** A meter from a beat on. */
export interface Meter {
  readonly beat: number;
  /** Upper number of the time signature. */
  readonly count: number;
  /** Lower number of the time signature: 4 is a quarter note. */
  readonly unit: number;
}

/** One voice: notes that follow each other. */
export interface Part {
  readonly name: string;
  /** Voice that sings it; default: the request's. */
  readonly voice?: string;
  /** BCP 47 tag of its lyrics; default: the request's. */
  readonly language?: string;
  /** In order of `beat`; no two sound at once. */
  readonly notes: readonly Note[];
  /** Level in dB; 0 when not given. */
  readonly gain?: number;
  /** Shifts of the pitch from the notes', linear between the points. In order of `beat`. */
  readonly bend?: readonly BendPoint[];
  /** Levels in dB, linear between the points, held before the first and after the last. In order of `beat`. */
  readonly dynamics?: readonly DynamicsPoint[];
  /** Pitch that takes the place of the notes' and of all expression where it is above 0. */
  readonly f0?: PitchTrack;
}

/** A point of a pitch bend. */
export interface BendPoint {
  readonly beat: number;
  readonly cents: number;
}

/** A point of the dynamics. */
export interface DynamicsPoint {
  readonly beat: number;
  readonly db: number;
}

/** A sampled pitch curve. */
export interface PitchTrack {
  /** Seconds from the start of the score to the first value. */
  readonly start: number;
  /** Seconds between values. */
  readonly step: number;
  /** Hz; 0 where the notes decide. */
  readonly hz: readonly number[];
}

/** A note. The time between two notes is a rest. */
export interface Note {
  readonly beat: number;
  /** Length in beats, above 0. */
  readonly beats: number;
  /** MIDI note number: 60 is middle C, 69 is A at 440 Hz. Fractions are cents. */
  readonly pitch: number;
  /** The syllable; absent if the previous syllable continues (melisma, tie, slur). */
  readonly lyric?: Lyric;
  /** Whether there is a breath after it, although no rest follows. */
  readonly breath?: boolean;
  /** Level in dB, added to the part's. */
  readonly db?: number;
  /** Overrides of the vibrato for this note. */
  readonly vibrato?: Vibrato;
  /** Emotions and weights of the phrase that the note begins. */
  readonly emotion?: Readonly<Record<string, number>>;
  /** Its position in the file, for messages: `measure 3`, `notes[7]`. */
  readonly place?: string;
}

/** The syllable of a note. */
export interface Lyric {
  /** As written, punctuation included. */
  readonly text: string;
  /** Whether a word starts with it. */
  readonly begins: boolean;
  /** Whether the word ends with it. */
  readonly ends: boolean;
  /** IPA that takes the place of the text's pronunciation. */
  readonly phonemes?: string;
}

/** A note's own vibrato; what is not given is the request's. */
export interface Vibrato {
  /** Cents above and below the note. */
  readonly depth?: number;
  /** Hz. */
  readonly rate?: number;
  /** Seconds of steady note before it starts. */
  readonly delay?: number;
}

/** Converts beats of a tempo map to seconds. */
export class TempoMap {
  readonly #steps: readonly { readonly beat: number; readonly seconds: number; readonly perBeat: number }[];

  constructor(tempos: readonly Tempo[]) {
    let seconds = 0;
    let last = { beat: 0, perBeat: 60 / (tempos[0]?.bpm ?? 120) };
    this.#steps = tempos.map(({ beat, bpm }) => {
      seconds += (beat - last.beat) * last.perBeat;
      last = { beat, perBeat: 60 / bpm };
      return { beat, seconds, perBeat: last.perBeat };
    });
  }

  /** Seconds from the start of the score to a beat. */
  seconds(beat: number): number {
    let [low, high] = [0, this.#steps.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#steps[middle].beat <= beat) low = middle;
      else high = middle - 1;
    }
    const { beat: from, seconds, perBeat } = this.#steps[low] ?? { beat: 0, seconds: 0, perBeat: 0.5 };
    return seconds + (beat - from) * perBeat;
  }
}

/** Seconds of a score as it is sung, those of all parts added: what its computing takes. */
export function sungSeconds({ tempos, parts }: Pick<Score, 'tempos' | 'parts'>): number {
  const map = new TempoMap(tempos);
  return parts.reduce((total, { notes }) => {
    return notes.reduce((sum, { beat, beats }) => sum + map.seconds(beat + beats) - map.seconds(beat), total);
  }, 0);
}

/** Hz of a MIDI note number, A4 = 440 Hz. */
export function hzOf(pitch: number): number {
  return 440 * 2 ** ((pitch - 69) / 12);
}

/** MIDI note number of a frequency. */
export function pitchOf(hz: number): number {
  return 69 + 12 * Math.log2(hz / 440);
}

const NAMES = ['C', 'C#', 'D', 'D#', 'E', 'F', 'F#', 'G', 'G#', 'A', 'A#', 'B'];

/** Name of the nearest note: `C4` is 60. */
export function pitchName(pitch: number): string {
  const note = Math.round(pitch);
  return `${NAMES[((note % 12) + 12) % 12]}${Math.floor(note / 12) - 1}`;
}

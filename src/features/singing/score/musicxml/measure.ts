import type { Lyric } from '../../../../synthesis/singing/score.ts';
import { badScore } from '../fault.ts';
import { isHold } from '../lyric.ts';
import { child, childrenOf, numberOf, textOf, type XmlNode } from '../xml.ts';
import { withGraces } from './grace.ts';
import { JUMP_SIGNS, type JumpSign, type MeasureMarks } from './unfold.ts';

/** A note as it is written in a measure. */
export interface WrittenNote {
  /** Quarter notes from the measure's beginning. */
  readonly offset: number;
  readonly beats: number;
  /** MIDI number as it sounds. */
  readonly pitch: number;
  readonly voice: string;
  /** Whether it is tied to the previous note. */
  readonly tied: boolean;
  readonly breath: boolean;
  /** Lyrics by the number of their verse, `1` first. */
  readonly lyrics: ReadonlyMap<number, Lyric>;
  readonly line: number;
}

/** Something that happens at a place of a measure. */
export interface At<T> {
  readonly offset: number;
  readonly value: T;
}

/** A measure as it is written. */
export interface WrittenMeasure {
  readonly number: string;
  /** Quarter notes. */
  readonly beats: number;
  readonly notes: readonly WrittenNote[];
  readonly tempos: readonly At<number>[];
  readonly meters: readonly At<{ readonly count: number; readonly unit: number }>[];
  /** dB; a hairpin's start is `undefined`. */
  readonly levels: readonly At<number | undefined>[];
  readonly marks: MeasureMarks;
  /** Parts of the score that are ignored. */
  readonly ignored: readonly string[];
}

/** State that continues from measure to measure. */
export interface Running {
  divisions: number;
  transpose: number;
}

const STEPS: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };
const DYNAMICS: Readonly<Record<string, number>> = {
  pppp: -22,
  ppp: -18,
  pp: -14,
  p: -9,
  mp: -4,
  mf: 0,
  f: 3,
  ff: 5,
  fff: 6,
  ffff: 6,
  sf: 3,
  sfz: 3,
  fz: 3,
  fp: -9,
  rf: 3,
  rfz: 3,
};
/** Words of jumps, for scores that have no `sound` with them. */
const JUMP_WORDS: readonly (readonly [pattern: RegExp, sign: JumpSign])[] = [
  [/^(?:d\.\s*c\.?(?!\w)|da capo\b)/i, 'dacapo'],
  [/^(?:d\.\s*s\.?(?!\w)|dal segno\b)/i, 'dalsegno'],
  [/^to coda\b/i, 'tocoda'],
  [/^fine\.?$/i, 'fine'],
];
const BEAT_UNITS: Readonly<Record<string, number>> = {
  breve: 8,
  whole: 4,
  half: 2,
  quarter: 1,
  eighth: 0.5,
  '16th': 0.25,
  '32nd': 0.125,
};

/**
 * Reads a measure of a part.
 * @throws {SoriError} `invalid_score`, with the line.
 */
export function readMeasure(node: XmlNode, running: Running): WrittenMeasure {
  return new MeasureReader(running).read(node);
}

class MeasureReader {
  readonly #running: Running;
  readonly #notes: WrittenNote[] = [];
  readonly #tempos: At<number>[] = [];
  readonly #meters: At<{ count: number; unit: number }>[] = [];
  readonly #levels: At<number | undefined>[] = [];
  readonly #ignored: string[] = [];
  readonly #signs = new Set<JumpSign>();
  /** Grace notes before the next note. */
  #graces: WrittenNote[] = [];
  #at = 0;
  #last = 0;
  #longest = 0;
  #marks: { forward: boolean; backward?: number; ending?: number[]; endingStarts: boolean } = {
    forward: false,
    endingStarts: false,
  };

  constructor(running: Running) {
    this.#running = running;
  }

  read(node: XmlNode): WrittenMeasure {
    for (const element of node.children) {
      if (element.name === 'note') this.#note(element);
      else if (element.name === 'backup') this.#move(-this.#duration(element));
      else if (element.name === 'forward') this.#move(this.#duration(element));
      else if (element.name === 'attributes') this.#attributes(element);
      else if (element.name === 'direction') this.#direction(element);
      else if (element.name === 'sound') this.#sound(element);
      else if (element.name === 'barline') this.#barline(element);
    }
    if (this.#graces.length > 0) this.#ignored.push('grace notes without a note after them');
    return {
      number: node.attributes.number ?? '?',
      beats: this.#longest,
      notes: this.#notes,
      tempos: this.#tempos,
      meters: this.#meters,
      levels: this.#levels,
      marks: { ...this.#marks, signs: this.#signs },
      ignored: this.#ignored,
    };
  }

  #move(beats: number): void {
    this.#at = Math.max(0, this.#at + beats);
    this.#longest = Math.max(this.#longest, this.#at);
  }

  #duration(node: XmlNode): number {
    const duration = numberOf(node, 'duration');
    if (duration === undefined || duration < 0)
      throw badScore(`line ${node.line}`, `<${node.name}> needs a <duration> of 0 or more`);
    return duration / this.#running.divisions;
  }

  #attributes(node: XmlNode): void {
    const divisions = numberOf(node, 'divisions');
    if (divisions !== undefined) {
      if (!(divisions > 0)) throw badScore(`line ${node.line}`, '<divisions> must be above 0');
      this.#running.divisions = divisions;
    }
    const transpose = child(node, 'transpose');
    if (transpose) {
      this.#running.transpose =
        (numberOf(transpose, 'chromatic') ?? 0) + 12 * (numberOf(transpose, 'octave-change') ?? 0);
    }
    const time = child(node, 'time');
    const count = textOf(time, 'beats')
      ?.split('+')
      .reduce((sum, part) => sum + Number(part), 0);
    const unit = numberOf(time, 'beat-type');
    if (count && unit && count > 0 && unit > 0)
      this.#meters.push({ offset: this.#at, value: { count, unit } });
  }

  #direction(node: XmlNode): void {
    const shift = (numberOf(node, 'offset') ?? 0) / this.#running.divisions;
    const offset = Math.max(0, this.#at + shift);
    for (const type of childrenOf(node, 'direction-type')) {
      const metronome = child(type, 'metronome');
      const perMinute = Number(textOf(metronome, 'per-minute')?.match(/\d+(?:\.\d+)?/)?.[0]);
      const unit = BEAT_UNITS[textOf(metronome, 'beat-unit') ?? ''];
      if (perMinute > 0 && unit) {
        const dotted = child(metronome, 'beat-unit-dot') ? 1.5 : 1;
        this.#tempos.push({ offset, value: perMinute * unit * dotted });
      }
      for (const mark of childrenOf(type, 'dynamics').flatMap(({ children }) => children)) {
        const level = DYNAMICS[mark.name];
        if (level !== undefined) this.#levels.push({ offset, value: level });
      }
      for (const sign of ['segno', 'coda'] as const) if (child(type, sign)) this.#sign(sign);
      for (const words of childrenOf(type, 'words')) {
        const sign = JUMP_WORDS.find(([pattern]) => pattern.test(words.text.trim()))?.[1];
        if (sign !== undefined) this.#sign(sign);
      }
      const wedge = child(type, 'wedge')?.attributes.type;
      if (wedge === 'crescendo' || wedge === 'diminuendo') this.#levels.push({ offset, value: undefined });
    }
    const sound = child(node, 'sound');
    if (sound) this.#sound(sound, offset);
  }

  /** Many programs write a coda sign at both places; one that is written after its measure's beginning is `to coda`. */
  #sign(sign: JumpSign): void {
    this.#signs.add(sign === 'coda' && this.#at > 0 ? 'tocoda' : sign);
  }

  #sound({ attributes }: XmlNode, offset = this.#at): void {
    const tempo = Number(attributes.tempo);
    if (tempo > 0) this.#tempos.push({ offset, value: tempo });
    for (const sign of JUMP_SIGNS) if (sign in attributes) this.#signs.add(sign);
  }

  #barline(node: XmlNode): void {
    const repeat = child(node, 'repeat');
    if (repeat?.attributes.direction === 'forward') this.#marks.forward = true;
    if (repeat?.attributes.direction === 'backward')
      this.#marks.backward = Math.min(99, Number(repeat.attributes.times) || 0);
    const ending = child(node, 'ending');
    if (!ending) return;
    const numbers = (ending.attributes.number ?? '').match(/\d+/g)?.map(Number) ?? [];
    if (ending.attributes.type === 'start') this.#marks.endingStarts = true;
    this.#marks.ending = numbers.length > 0 ? numbers.slice(0, 99) : [1];
  }

  #note(node: XmlNode): void {
    const pitch = child(node, 'pitch');
    if (child(node, 'grace')) {
      // Further notes of a chord are not sung.
      if (pitch && !child(node, 'chord') && !child(node, 'cue'))
        this.#graces.push(this.#written(node, pitch, { offset: this.#at, beats: 0 }));
      return;
    }
    const beats = this.#duration(node);
    const chord = child(node, 'chord') !== undefined;
    const offset = chord ? this.#last : this.#at;
    if (!chord) {
      this.#last = this.#at;
      this.#move(beats);
    }
    if (child(node, 'cue') || !pitch || beats === 0) return;
    const note = this.#written(node, pitch, { offset, beats });
    const graces = chord ? [] : this.#graces.filter(({ voice }) => voice === note.voice);
    if (graces.length > 0) this.#graces = this.#graces.filter(({ voice }) => voice !== note.voice);
    this.#notes.push(...withGraces(graces, note));
  }

  #written(node: XmlNode, pitch: XmlNode, time: Pick<WrittenNote, 'offset' | 'beats'>): WrittenNote {
    return {
      ...time,
      pitch: this.#pitch(pitch),
      voice: textOf(node, 'voice') ?? '1',
      tied: childrenOf(node, 'tie').some(({ attributes }) => attributes.type === 'stop'),
      breath: childrenOf(node, 'notations').some((notations) =>
        childrenOf(notations, 'articulations').some((marks) => child(marks, 'breath-mark') !== undefined),
      ),
      lyrics: lyricsOf(node),
      line: node.line,
    };
  }

  #pitch(node: XmlNode): number {
    const step = STEPS[textOf(node, 'step') ?? ''];
    const octave = numberOf(node, 'octave');
    if (step === undefined || octave === undefined) {
      throw badScore(`line ${node.line}`, 'a <pitch> needs a <step> from A to G and an <octave>');
    }
    return 12 * (octave + 1) + step + (numberOf(node, 'alter') ?? 0) + this.#running.transpose;
  }
}

function lyricsOf(note: XmlNode): Map<number, Lyric> {
  const lyrics = new Map<number, Lyric>();
  for (const [i, node] of childrenOf(note, 'lyric').entries()) {
    const verse = Number(node.attributes.number?.match(/\d+/)?.[0] ?? i + 1);
    const text = childrenOf(node, 'text')
      .map((part) => part.text)
      .join('')
      .trim();
    const wordless = child(node, 'humming') ? 'hmm' : child(node, 'laughing') ? 'ha' : undefined;
    if ((text === '' || isHold(text)) && !wordless) continue;
    const syllabics = childrenOf(node, 'syllabic').map((part) => part.text.trim());
    const first = syllabics[0] ?? 'single';
    const last = syllabics.at(-1) ?? 'single';
    if (lyrics.has(verse)) continue;
    lyrics.set(verse, {
      text: wordless ?? text,
      begins: first === 'single' || first === 'begin',
      ends: last === 'single' || last === 'end',
    });
  }
  return lyrics;
}

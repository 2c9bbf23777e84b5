import { type MidiData, type MidiEvent, parseMidi } from 'midi-file';
import type { Lyric, Meter, Note, Part, Score, Tempo } from '../../../synthesis/singing/score.ts';
import { badScore } from './fault.ts';
import { checkedScore, SCORE_LIMITS } from './limits.ts';
import { isHold } from './lyric.ts';

/** Channel 10 of General MIDI: drums. */
const DRUMS = 9;
/** Most events that a file may hold. */
const MAX_EVENTS = 200_000;

/** An event and its position. */
interface Timed {
  readonly tick: number;
  readonly event: MidiEvent;
}

/** Whether a file starts like a standard MIDI file. */
export function isMidi(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, 4)) === 'MThd';
}

/**
 * Reads a standard MIDI file: notes, tempo, meter, velocities, and lyrics (lyric events, else the text events of karaoke files). A track and
 * channel is a part; tracks without lyrics are left out when others have some, drums always.
 * @throws {SoriError} `invalid_score`, with track and byte.
 */
export function readMidi(bytes: Uint8Array): Score {
  const data = parse(bytes);
  const tracks = data.tracks.map(timed);
  const events = tracks.reduce((sum, track) => sum + track.length, 0);
  if (events > MAX_EVENTS)
    throw badScore(undefined, `the file has ${events} events; at most ${MAX_EVENTS} are read`);
  const { ticksPerBeat, framesPerSecond, ticksPerFrame } = data.header;
  // Ticks of a second count as beats at 60 a minute.
  const perSecond = framesPerSecond && ticksPerFrame ? framesPerSecond * ticksPerFrame : undefined;
  const perBeat = ticksPerBeat ?? perSecond;
  if (!perBeat) throw badScore('byte 12', 'the file does not say how long a tick is');
  const beats = (tick: number) => tick / perBeat;
  const all = tracks.flat();
  const tempos = perSecond
    ? [{ beat: 0, bpm: 60 }]
    : all.flatMap(({ tick, event }): Tempo[] =>
        event.type === 'setTempo' && event.microsecondsPerBeat > 0
          ? [{ beat: beats(tick), bpm: 6e7 / event.microsecondsPerBeat }]
          : [],
      );
  const meters = all.flatMap(({ tick, event }): Meter[] =>
    event.type === 'timeSignature' && event.numerator > 0
      ? [{ beat: beats(tick), count: event.numerator, unit: event.denominator }]
      : [],
  );
  const notices: string[] = [];
  const parts = partsOf(tracks, beats, notices);
  return checkedScore({ tempos, meters, parts, notices });
}

function parse(bytes: Uint8Array): MidiData {
  checkChunks(bytes);
  try {
    return parseMidi(bytes);
  } catch (cause) {
    throw badScore(`byte ${placeOfFault(bytes)}`, `the MIDI file is damaged (${String(cause).slice(0, 80)})`);
  }
}

/** Checks the chunks, whose lengths are usually wrong in a damaged file. */
function checkChunks(bytes: Uint8Array): void {
  if (!isMidi(bytes)) throw badScore('byte 0', 'this is not a standard MIDI file');
  for (const { at, id, length } of chunksOf(bytes)) {
    if (at + 8 + length > bytes.length) {
      throw badScore(
        `byte ${at}`,
        `the chunk '${id}' says that it has ${length} bytes; the file ends after ${bytes.length - at - 8}`,
      );
    }
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 14 || view.getUint32(4) < 6) throw badScore('byte 4', 'the header chunk is too short');
  if (view.getUint16(8) > 2)
    throw badScore('byte 8', `format ${view.getUint16(8)} is not a format of MIDI files`);
}

interface Chunk {
  readonly at: number;
  readonly id: string;
  readonly length: number;
}

function* chunksOf(bytes: Uint8Array): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4);
    yield { at, id: String.fromCharCode(...bytes.subarray(at, at + 4)).replace(/[^ -~]/g, '?'), length };
    at += 8 + length;
  }
}

/** Offset of the first damaged chunk. */
function placeOfFault(bytes: Uint8Array): number {
  const header = bytes.slice(0, 14);
  for (const { at, id, length } of chunksOf(bytes)) {
    if (id !== 'MTrk') {
      if (id !== 'MThd') return at;
      continue;
    }
    const alone = new Uint8Array(14 + 8 + length);
    alone.set(header);
    alone.set([0, 1], 10);
    alone.set(bytes.subarray(at, at + 8 + length), 14);
    try {
      parseMidi(alone);
    } catch {
      return at;
    }
  }
  return 0;
}

function timed(track: readonly MidiEvent[]): Timed[] {
  let tick = 0;
  return track.map((event) => {
    tick += Number.isFinite(event.deltaTime) ? event.deltaTime : 0;
    return { tick, event };
  });
}

function partsOf(
  tracks: readonly (readonly Timed[])[],
  beats: (tick: number) => number,
  notices: string[],
): Part[] {
  const parts = tracks.flatMap((track, t) => {
    const name = nameOf(track) ?? `track ${t + 1}`;
    const channels = [
      ...new Set(track.flatMap(({ event }) => (event.type === 'noteOn' ? [event.channel] : []))),
    ];
    return channels
      .filter((channel) => channel !== DRUMS)
      .map((channel) => ({
        track: t,
        name: channels.length > 1 ? `${name}, channel ${channel + 1}` : name,
        notes: notesOf(track, channel, t),
      }));
  });
  const texts = tracks.map(lyricsOf);
  const taken = new Map<(typeof parts)[number], Lyric[]>();
  for (const [t, lyrics] of texts.entries()) {
    if (lyrics.length === 0) continue;
    const own = parts.filter(({ track }) => track === t);
    const candidates = own.length > 0 ? own : parts.filter((part) => !taken.has(part));
    const [best] = [...candidates].sort(
      (one, other) => matches(other.notes, lyrics) - matches(one.notes, lyrics),
    );
    if (best) taken.set(best, []);
    if (best) place(best.notes, lyrics);
  }
  const sung = taken.size > 0 ? parts.filter((part) => taken.has(part)) : parts;
  for (const { name } of parts) {
    if (taken.size > 0 && !sung.some((part) => part.name === name))
      notices.push(`'${name}' has no lyrics and is not sung.`);
  }
  return sung.map(({ name, notes }) => ({
    name,
    notes: notes.map(({ tick, end, pitch, velocity, lyric, place }): Note => {
      const beat = beats(tick);
      return { beat, beats: beats(end) - beat, pitch, lyric, db: levelOf(velocity), place };
    }),
  }));
}

/** Velocity 80 is the usual level; a doubling is 6 dB. */
function levelOf(velocity: number): number | undefined {
  const level = Math.max(-18, Math.min(4, 20 * Math.log10(velocity / 80)));
  return Math.abs(level) < 0.05 ? undefined : level;
}

interface MidiNote {
  readonly tick: number;
  end: number;
  readonly pitch: number;
  readonly velocity: number;
  lyric?: Lyric;
  readonly place: string;
}

function notesOf(track: readonly Timed[], channel: number, t: number): MidiNote[] {
  const notes: MidiNote[] = [];
  const open = new Map<number, MidiNote>();
  const close = (pitch: number, tick: number) => {
    const note = open.get(pitch);
    if (note) note.end = tick;
    open.delete(pitch);
  };
  for (const { tick, event } of track) {
    if (event.type !== 'noteOn' && event.type !== 'noteOff') continue;
    if (event.channel !== channel) continue;
    close(event.noteNumber, tick);
    if (event.type === 'noteOff' || event.velocity === 0) continue;
    const note = {
      tick,
      end: tick,
      pitch: event.noteNumber,
      velocity: event.velocity,
      place: `track ${t + 1}, tick ${tick}`,
    };
    if (notes.length >= 4 * SCORE_LIMITS.notes) throw badScore(note.place, 'the track has too many notes');
    notes.push(note);
    open.set(event.noteNumber, note);
  }
  for (const note of open.values()) {
    throw badScore(note.place, `the note ${note.pitch} is never ended`);
  }
  return notes.filter(({ tick, end }) => end > tick);
}

function nameOf(track: readonly Timed[]): string | undefined {
  const named = track.find(({ event }) => event.type === 'trackName')?.event;
  return named?.type === 'trackName' ? decode(named.text).trim().slice(0, 64) || undefined : undefined;
}

interface TimedText {
  readonly tick: number;
  readonly text: string;
}

/** Texts of a track that are sung: lyric events, or else text events, of which those with `@` are about the file. */
function lyricsOf(track: readonly Timed[]): (TimedText & Lyric)[] {
  const of = (type: 'lyrics' | 'text') =>
    track.flatMap(({ tick, event }): TimedText[] =>
      event.type === type ? [{ tick, text: decode(event.text) }] : [],
    );
  const lyrics = of('lyrics');
  const texts = lyrics.length > 0 ? lyrics : karaoke(of('text'));
  return syllables(texts.filter(({ text }) => text.trim() !== '' && !isHold(text)));
}

/** Text events are lyrics only where some begin a line as karaoke files do. */
function karaoke(texts: readonly TimedText[]): TimedText[] {
  const sung = texts.filter(({ text }) => !text.startsWith('@'));
  return sung.some(({ text }) => /^[\\/]/.test(text)) ? sung : [];
}

/** Words are recognized by hyphens, or in files that have them by the spaces around syllables. */
function syllables(texts: readonly TimedText[]): (TimedText & Lyric)[] {
  const spaced = texts.some(({ text }) => /^ | $/.test(text.replace(/[\r\n]+$/, '')));
  let open = false;
  return texts.map(({ tick, text }, i) => {
    const next = texts[i + 1]?.text ?? ' ';
    const hyphen = /-\s*$/.test(text);
    const ends = spaced ? /[\s]$/.test(text) || /^[\s\\/]/.test(next) : !hyphen;
    const begins = !open;
    open = !ends;
    const plain = text
      .replace(/[\\/\r\n]/g, '')
      .replace(/-\s*$/, '')
      .trim();
    return { tick, text: plain, begins, ends };
  });
}

/** midi-file reads bytes as Latin-1; most files are UTF-8. */
function decode(latin: string): string {
  const bytes = Uint8Array.from(latin, (character) => character.charCodeAt(0) & 0xff);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return latin;
  }
}

function matches(notes: readonly MidiNote[], lyrics: readonly TimedText[]): number {
  const starts = new Set(notes.map(({ tick }) => tick));
  return lyrics.filter(({ tick }) => starts.has(tick)).length;
}

/** Puts each lyric under the note that begins nearest to it. */
function place(notes: readonly MidiNote[], lyrics: readonly (TimedText & Lyric)[]): void {
  let n = 0;
  for (const { tick, text, begins, ends } of lyrics) {
    while (n + 1 < notes.length && Math.abs(notes[n + 1].tick - tick) <= Math.abs(notes[n].tick - tick)) n++;
    if (!notes[n] || text === '') continue;
    const lyric = notes[n].lyric;
    // Two lyrics at one note are sung on it together.
    notes[n].lyric = lyric
      ? { text: `${lyric.text}${text}`, begins: lyric.begins, ends }
      : { text, begins, ends };
  }
}

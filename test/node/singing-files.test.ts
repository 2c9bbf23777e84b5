import fc from 'fast-check';
import { type MidiEvent, writeMidi } from 'midi-file';
import { beforeAll, describe, expect, it } from 'vitest';
import { createNodeEngines } from '../../scripts/lib/node-engine.ts';
import { createApp } from '../../src/app.ts';
import { createEncoder } from '../../src/audio/encoders/encoder.ts';
import {
  ATTRIBUTES,
  DS_SCORE,
  JSON_SCORE,
  MUSIC_XML,
  midi,
  musicXml,
  mxl,
  REPEATED_XML,
  USTX,
  xmlLyric,
  xmlNote,
} from '../fixtures/scores.ts';
import { damagedFile } from '../support/damaged-file.ts';

let app: ReturnType<typeof createApp>;
beforeAll(() => {
  app = createApp({ access: 'off', ...createNodeEngines(), createEncoder });
});

const bytes = (text: string) => new TextEncoder().encode(text);
const json = (value: unknown) => bytes(JSON.stringify(value, null, 1));

/** Uploads a score file as the documentation's curl does. */
async function upload(name: string, file: Uint8Array): Promise<Response> {
  const form = new FormData();
  form.set('score', new Blob([Uint8Array.from(file)]), name);
  form.set('model', 'sori-2');
  form.set('voice', 'hazel');
  form.set('language', 'en');
  form.set('response_format', 'wav');
  return await app.request('/v1/audio/singing', { method: 'POST', body: form });
}

/** Bytes of WAV that are read of an answer: 10 s, since a damaged score may last for minutes. */
const ENOUGH = 10 * 48_000;

async function sungBytes(response: Response): Promise<number> {
  let size = 0;
  for await (const chunk of response.body!) {
    size += chunk.length;
    if (size >= ENOUGH) break;
  }
  return size;
}

const faultOf = async (response: Response) =>
  ((await response.json()) as { error: { code: string; message: string; param: string } }).error;

/** Codes of what can be wrong with a file. */
const CODES = /^(?:invalid_score|invalid_lyrics|invalid_pronunciation|out_of_range)$/;
/** Matches a message that names the line, the byte, the note or the field, or what the file lacks. */
const PLACED =
  /^(?:line \d+|byte \d+|track \d+, tick \d+|segment \d+|parts\b|tempo\b|meter\b|title\b|unit\b|\w+: |Part '.*', (?:line|track|segment|parts)|the (?:archive|score|file|tempo)\b|unrecognized key)/;

describe('50 damaged files of each format are sung, or refused with 400 and the place', () => {
  it.each([
    ['star.json', json(JSON_SCORE)],
    ['star.musicxml', bytes(MUSIC_XML)],
    ['repeated.musicxml', bytes(REPEATED_XML)],
    ['star.mxl', mxl(MUSIC_XML)],
    ['star.mid', midi()],
    ['star.ds', json(DS_SCORE)],
    ['star.ustx', bytes(USTX)],
  ])('%s', async (name, file) => {
    let refused = 0;
    for (const damaged of fc.sample(damagedFile(file), { numRuns: 50, seed: 19 })) {
      const response = await upload(name, damaged);
      if (response.status === 200) {
        expect(await sungBytes(response)).toBeGreaterThan(10_000);
        continue;
      }
      expect(response.status).toBe(400);
      const { code, message } = await faultOf(response);
      expect(code).toMatch(CODES);
      expect(message).toMatch(PLACED);
      refused++;
    }
    // The damage is real: most files cannot be read.
    expect(refused).toBeGreaterThan(25);
  });
});

/** The second of two notes, changed. */
const note = (change: object) => {
  const la = { pitch: 'C4', duration: 1, lyric: 'la' };
  return json({ parts: [{ notes: [la, { ...la, ...change }] }] });
};
const segment = (change: object) => json([{ ...DS_SCORE[0], ...change }]);
const high = midi().map((byte, i, all) => (byte === 67 && (all[i - 1] & 0xe0) === 0x80 ? 103 : byte));
const unended = midi().map((byte, i, all) => (byte === 67 && all[i - 1] === 0x90 ? 66 : byte));
const RANGE = "above what the voice 'hazel' can sing, F#2 to F#5";
const NONE_FITS = 'No transposition within two octaves fits all parts: choose another voice.';

describe('usual faults are refused with a message that helps', () => {
  it.each<[string, string, Uint8Array, string, string]>([
    [
      'a truncated file',
      'a.json',
      json(JSON_SCORE).slice(0, 150),
      'invalid_score',
      'line 11: this is not valid JSON (it ends too early).',
    ],
    [
      'a missing quotation mark',
      'a.json',
      bytes('{\n "parts": [{"notes": [{"pitch": C4, "duration": 1}]}]\n}\n'),
      'invalid_score',
      'line 2: this is not valid JSON (unexpected "C4, \\"duratio").',
    ],
    [
      'a wrong lyric',
      'a.json',
      note({ lyric: '♪' }),
      'invalid_lyrics',
      'parts[0].notes[1]: "♪" can\'t be pronounced.',
    ],
    [
      'an unknown phoneme',
      'a.json',
      note({ phonemes: 'lq' }),
      'invalid_pronunciation',
      'parts[0].notes[1]: "q" (U+0071, position 2) in the pronunciation "lq" is not an English IPA symbol that this model can speak.',
    ],
    [
      'a note that is none',
      'a.json',
      note({ pitch: 'H4' }),
      'invalid_score',
      'parts[0].notes[1].pitch: H4 is not a note: expected a name such as C4, F#3 or Bb5, or a MIDI number.',
    ],
    [
      'a number that is too large',
      'a.json',
      note({ pitch: 140 }),
      'invalid_score',
      'parts[0].notes[1].pitch: expected at most 120.',
    ],
    [
      'a note without a length',
      'a.json',
      note({ duration: undefined }),
      'invalid_score',
      'parts[0].notes[1].duration: expected number, but it is missing.',
    ],
    [
      'a note out of range',
      'a.json',
      note({ pitch: 'C7' }),
      'out_of_range',
      `Part 'part 1', parts[0].notes[1]: C7 (2093 Hz) is ${RANGE}. Transposing the score by -18 semitones fits ("transpose": -18 or "auto").`,
    ],
    [
      'a truncated file',
      'a.musicxml',
      bytes(MUSIC_XML.slice(0, 700)),
      'invalid_score',
      'line 7: the XML is not well formed (unclosed tag: syllabic).',
    ],
    [
      'a wrong lyric',
      'a.musicxml',
      bytes(MUSIC_XML.replace('star', '♪')),
      'invalid_lyrics',
      'line 7 (measure 1): "♪" can\'t be pronounced.',
    ],
    [
      'a note that is none',
      'a.musicxml',
      bytes(MUSIC_XML.replace('<step>G', '<step>H')),
      'invalid_score',
      'line 7: a <pitch> needs a <step> from A to G and an <octave>.',
    ],
    [
      'a note without a length',
      'a.musicxml',
      bytes(MUSIC_XML.replace('<duration>4</duration>', '')),
      'invalid_score',
      'line 7: <note> needs a <duration> of 0 or more.',
    ],
    [
      'a note out of range',
      'a.musicxml',
      bytes(MUSIC_XML.replaceAll('<octave>4', '<octave>8')),
      'out_of_range',
      `Part 'Voice', line 7 (measure 1): C8 (4186 Hz) is ${RANGE}. ${NONE_FITS}`,
    ],
    ['a truncated file', 'a.mxl', mxl(MUSIC_XML).slice(0, 300), 'invalid_score', 'the archive is damaged.'],
    [
      'a truncated file',
      'a.mid',
      midi().slice(0, 90),
      'invalid_score',
      "byte 33: the chunk 'MTrk' says that it has 73 bytes; the file ends after 49.",
    ],
    ['another file', 'a.mid', bytes('RIFF'), 'invalid_score', 'byte 0: this is not a standard MIDI file.'],
    [
      'a wrong lyric',
      'a.mid',
      midi(['Twin-', 'kle', '♪', '']),
      'invalid_lyrics',
      'track 2, tick 960: "♪" can\'t be pronounced.',
    ],
    [
      'a note that is never ended',
      'a.mid',
      unended,
      'invalid_score',
      'track 2, tick 960: the note 66 is never ended.',
    ],
    [
      'a note out of range',
      'a.mid',
      high,
      'out_of_range',
      `Part 'Voice', track 2, tick 960: G7 (3136 Hz) is ${RANGE}. ${NONE_FITS}`,
    ],
    [
      'a truncated file',
      'a.ds',
      json(DS_SCORE).slice(0, 100),
      'invalid_score',
      'line 6: this is not valid JSON (it ends too early).',
    ],
    [
      'an unknown phoneme',
      'a.ds',
      segment({ ph_seq: 'AP t w ih ng k ax l s t qq r' }),
      'invalid_score',
      'segment 1, ph_seq[10]: qq is not an English phoneme in ARPAbet or IPA.',
    ],
    [
      'a wrong lyric',
      'a.ds',
      segment({ ph_seq: undefined, ph_dur: undefined, text: 'AP ♪ star' }),
      'invalid_lyrics',
      'segment 1, note_seq[1]: "♪" can\'t be pronounced.',
    ],
    [
      'a note that is none',
      'a.ds',
      segment({ note_seq: 'rest C4 X4 G4 A4' }),
      'invalid_score',
      'segment 1, note_seq[2]: X4 is not a note: expected a name such as C4, or rest.',
    ],
    [
      'lengths that are missing',
      'a.ds',
      segment({ note_dur: '0.5 0.5' }),
      'invalid_score',
      'segment 1: note_seq has 5 notes and note_dur 2 lengths.',
    ],
    [
      'a note out of range',
      'a.ds',
      segment({ note_seq: 'rest C4 C4 G7 A4' }),
      'out_of_range',
      `Part 'part 1', segment 1, note_seq[3]: G7 (3136 Hz) is ${RANGE}. ${NONE_FITS}`,
    ],
    [
      'a truncated file',
      'a.ustx',
      bytes(USTX.slice(0, USTX.indexOf('lyric: "+"'))),
      'invalid_score',
      "line 20, column 46: the YAML can't be read (Flow map in block collection must be sufficiently indented and end with a }).",
    ],
    [
      'a wrong lyric',
      'a.ustx',
      bytes(USTX.replace('lyric: twinkle', 'lyric: ♪')),
      'invalid_lyrics',
      "line 19 (track 'Voice', part 1, note 1): \"♪\" can't be pronounced.",
    ],
    [
      'an unknown phoneme',
      'a.ustx',
      bytes(USTX.replace('s t aa r', 's t qq r')),
      'invalid_score',
      'line 21 (track \'Voice\', part 1, note 3): "qq" in the hint is not an English phoneme in ARPAbet or IPA.',
    ],
    [
      'a field that is missing',
      'a.ustx',
      bytes(USTX.replace('{position: 960', '{start: 960')),
      'invalid_score',
      'line 21, voice_parts.0.notes.2.position: expected number, but it is missing.',
    ],
    [
      'a note out of range',
      'a.ustx',
      bytes(USTX.replace('tone: 67', 'tone: 100')),
      'out_of_range',
      `Part 'Voice', line 21 (track 'Voice', part 1, note 3): E7 (2637 Hz) is ${RANGE}. ${NONE_FITS}`,
    ],
  ])('%s in %s', async (_, name, file, code, message) => {
    const response = await upload(name, file);
    expect(response.status).toBe(400);
    expect(await faultOf(response)).toMatchObject({ code, message, param: 'score' });
  });
});

describe('notes that overlap are shortened, which the answer reports', () => {
  const overlapping = musicXml([
    `${ATTRIBUTES}${xmlNote('C', 2, xmlLyric('la'))}<backup><duration>4</duration></backup>${xmlNote('D', 1, xmlLyric('la'))}`,
  ]);
  const key = (deltaTime: number, noteNumber: number, velocity: number): MidiEvent => {
    return { deltaTime, type: 'noteOn', channel: 0, noteNumber, velocity };
  };
  const legato = writeMidi({
    header: { format: 0, numTracks: 1, ticksPerBeat: 480 },
    tracks: [
      [
        key(0, 60, 80),
        key(480, 62, 80),
        key(240, 60, 0),
        key(240, 62, 0),
        { deltaTime: 0, meta: true, type: 'endOfTrack' },
      ],
    ],
  });

  it.each<[string, Uint8Array, string]>([
    [
      'a.json',
      note({ start: 0.5 }),
      "Part 'part 1': 1 note is shortened because the next note begins earlier, first at parts[0].notes[0].",
    ],
    [
      'a.musicxml',
      bytes(overlapping),
      "Part 'Voice': 1 note is shortened because the next note begins earlier, first at line 7 (measure 1).",
    ],
    [
      'a.mid',
      Uint8Array.from(legato),
      "Part 'track 1': 1 note is shortened because the next note begins earlier, first at track 1, tick 0.",
    ],
    [
      'a.ds',
      json([DS_SCORE[0], { ...DS_SCORE[0], offset: 2.25 }]),
      "Part 'part 1': 1 note is shortened because the next note begins earlier, first at segment 1, note_seq[4].",
    ],
    [
      'a.ustx',
      bytes(USTX.replace('position: 960, duration: 480', 'position: 720, duration: 720')),
      "Part 'Voice': 1 note is shortened because the next note begins earlier, first at line 20 (track 'Voice', part 1, note 2).",
    ],
  ])('%s', async (name, file, notice) => {
    const response = await upload(name, file);
    expect(response.status).toBe(200);
    expect(decodeURI(response.headers.get('x-sori-notice') ?? '')).toContain(notice);
    expect(await sungBytes(response)).toBeGreaterThan(40_000);
  });
});

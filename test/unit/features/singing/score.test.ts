import { describe, expect, it } from 'vitest';
import { SoriError } from '../../../../src/base/errors.ts';
import { readDs } from '../../../../src/features/singing/score/ds.ts';
import { readJsonScore } from '../../../../src/features/singing/score/json.ts';
import { readScore } from '../../../../src/features/singing/score/read.ts';
import { readUstx } from '../../../../src/features/singing/score/ustx.ts';
import type { Score } from '../../../../src/synthesis/singing/score.ts';
import {
  DS_SCORE,
  JSON_SCORE,
  MUSIC_XML,
  midi,
  musicXml,
  mxl,
  REPEATED_XML,
  RICH_XML,
  USTX,
} from '../../../fixtures/scores.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const rows = ({ parts }: Score) =>
  parts.map(({ notes }) =>
    notes.map(({ beat, beats, pitch, lyric }) => [beat, beats, pitch, lyric?.text ?? null]),
  );

const SONG = [
  [0, 1, 60, 'Twin'],
  [1, 1, 60, 'kle'],
  [2, 1, 67, 'star'],
  [3, 1, 69, null],
];

function faultOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof SoriError && error.code === 'invalid_score') return error.message;
    throw error;
  }
  throw new Error('it was read');
}

describe('every format gives the same notes', () => {
  it.each([
    ['JSON', bytes(JSON.stringify(JSON_SCORE))],
    ['MusicXML', bytes(MUSIC_XML)],
    ['compressed MusicXML', mxl(MUSIC_XML)],
    ['MIDI', midi()],
  ])('%s', (_, file) => {
    const score = readScore(file);
    expect(rows(score)).toEqual([SONG]);
    expect(score.tempos).toEqual([{ beat: 0, bpm: 120 }]);
    const [first, second] = score.parts[0].notes;
    expect([first.lyric?.begins, first.lyric?.ends, second.lyric?.begins, second.lyric?.ends]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('OpenUtau, where + is the next syllable of a word, and - holds the note', () => {
    const { parts } = readUstx(USTX);
    expect(rows({ ...readUstx(USTX), parts })).toEqual([
      [
        [0, 1, 60, 'twinkle'],
        [1, 1, 60, ''],
        [2, 1, 67, 'star'],
        [3, 1, 69, null],
      ],
    ]);
    expect(parts[0].notes[0].lyric?.ends).toBe(false);
    expect(parts[0].notes[2].lyric?.phonemes).toBe('stˈɑɹ');
    expect(parts[0].notes[3].vibrato).toEqual({ depth: 40, rate: 5 });
    expect(parts[0].bend).toEqual([
      { beat: 0, cents: 0 },
      { beat: 1, cents: 20 },
    ]);
    expect(parts[0].dynamics).toEqual([{ beat: 0, db: -6 }]);
  });

  it('DiffSinger, in seconds, with its phonemes and its pitch curve', () => {
    const score = readDs(DS_SCORE);
    expect(score.tempos).toEqual([{ beat: 0, bpm: 60 }]);
    const [{ notes, f0 }] = score.parts;
    expect(notes.map(({ beat, pitch }) => [beat, pitch])).toEqual([
      [1, 60],
      [1.5, 60],
      [2, 67],
      [2.5, 69],
    ]);
    expect(notes.map(({ lyric }) => lyric?.phonemes)).toEqual(['twˈɪŋ', 'kəl', 'stˈɑɹ', undefined]);
    expect(f0?.hz[300]).toBeCloseTo(261.6);
  });
});

describe('MusicXML', () => {
  it('writes out repeats, endings and verses', () => {
    expect(rows(readScore(bytes(REPEATED_XML)))).toEqual([
      [
        [0, 4, 60, 'one'],
        [4, 4, 62, 'first'],
        [8, 4, 60, 'two'],
        [12, 4, 64, 'last'],
        [16, 4, 65, 'end'],
      ],
    ]);
  });

  it('joins ties, transposes, takes the top note of chords, and reports what it leaves out', () => {
    const score = readScore(bytes(RICH_XML));
    expect(rows(score)).toEqual([
      [
        [0, 4, 60, 'long'],
        [4, 2, 62, 'breath'],
      ],
    ]);
    expect(score.parts[0].notes[1].breath).toBe(true);
    expect(score.parts[0].dynamics).toEqual([{ beat: 0, db: -9 }]);
    expect(score.notices.join(' ')).toMatch(/'Piano' has no lyrics.*chords/);
  });

  it.each([
    ['<score-partwise><part></score-partwise>', /^line 1: the XML is not well formed/],
    ['<score-timewise/>', /score-partwise/],
    ['<html></html>', /no MusicXML/],
    [
      musicXml(['<note>\n<pitch><step>H</step><octave>4</octave></pitch><duration>4</duration></note>']),
      /^line 8: a <pitch> needs/,
    ],
    [
      musicXml(['<note><pitch><step>C</step><octave>four</octave></pitch><duration>4</duration></note>']),
      /<octave> must hold a number/,
    ],
    [musicXml(['']), /no note to sing/],
  ])('refuses %#', (source, message) => {
    expect(faultOf(() => readScore(bytes(source), 'musicxml'))).toMatch(message);
  });

  it('does not expand entities, and unpacks no zip bomb', () => {
    const entity = '<!DOCTYPE x [<!ENTITY a "aaaa">]><score-partwise>&a;</score-partwise>';
    expect(faultOf(() => readScore(bytes(entity)))).toMatch(/line 1/);
    expect(
      faultOf(() => readScore(mxl(`<score-partwise>${' '.repeat(9_000_000)}</score-partwise>`))),
    ).toMatch(/larger than 8 MiB/);
  });
});

describe('MIDI', () => {
  it('reads syllables that are separated by spaces, in UTF-8', () => {
    const [{ notes }] = readScore(midi(['Dé', 'jà ', 'vu ', ''])).parts;
    expect(notes.map(({ lyric }) => lyric && [lyric.text, lyric.begins, lyric.ends])).toEqual([
      ['Dé', true, false],
      ['jà', false, true],
      ['vu', true, true],
      undefined,
    ]);
  });

  it('reports the byte where a truncated chunk ends', () => {
    expect(faultOf(() => readScore(midi().slice(0, -10), 'midi'))).toMatch(/^byte \d+: the chunk 'MTrk'/);
  });
});

describe('JSON', () => {
  it.each([
    [{ parts: [] }, /^parts: /],
    [{ parts: [{ notes: [{ pitch: 'H4', duration: 1 }] }] }, /^parts\[0\]\.notes\[0\]\.pitch: H4 is no note/],
    [{ parts: [{ notes: [{ pitch: 60, duration: 0 }] }] }, /^parts\[0\]\.notes\[0\]\.duration: /],
    [{ parts: [{ notes: [{ duration: 1 }] }] }, /needs a pitch/],
    [{ parts: [{ notes: [{ rest: true, duration: 1 }] }] }, /no note to sing/],
    [{ tempo: 120, parts: [{ notes: [{ pitch: 60, duration: 1, ptich: 3 }] }] }, /notes\[0\]/],
    [{ unit: 'seconds', parts: [{ notes: [{ pitch: 60, duration: 61 }] }] }, /60 seconds at most/],
  ])('refuses %#', (score, message) => {
    expect(faultOf(() => readJsonScore(score))).toMatch(message);
  });

  it('places notes one after the other, with rests and explicit starts', () => {
    const score = readJsonScore({
      parts: [
        {
          notes: [
            { pitch: 60, duration: 1 },
            { rest: true, duration: 2 },
            { pitch: 'Bb4+50', duration: 1 },
            { pitch: 62, duration: 1, start: 8 },
          ],
        },
      ],
    });
    expect(rows(score)[0].map(([beat, , pitch]) => [beat, pitch])).toEqual([
      [0, 60],
      [3, 70.5],
      [8, 62],
    ]);
  });
});

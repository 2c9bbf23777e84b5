import { describe, expect, it } from 'vitest';
import { SoriError } from '../../../../src/base/errors.ts';
import { readDs } from '../../../../src/features/singing/score/ds.ts';
import { readJsonScore } from '../../../../src/features/singing/score/json.ts';
import { readScore } from '../../../../src/features/singing/score/read.ts';
import { readUstx } from '../../../../src/features/singing/score/ustx.ts';
import type { Score } from '../../../../src/synthesis/singing/score.ts';
import {
  ATTRIBUTES,
  DS_SCORE,
  JSON_SCORE,
  MUSIC_XML,
  midi,
  musicXml,
  mxl,
  REPEATED_XML,
  RICH_XML,
  USTX,
  xmlLyric,
  xmlNote,
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

  it('OpenUtau, with the pitch points of notes added to the curve', () => {
    const pitched = USTX.replace(
      'tone: 67,',
      'tone: 67, pitch: {data: [{x: -40, y: -70, shape: io}, {x: 50, y: -20, shape: io}, {x: 150, y: 10, shape: l}], snap_first: true},',
    ).replace('xs: [0, 480], ys: [0, 20]', 'xs: [0, 1920], ys: [0, 40]');
    // A beat has 500 ms: the points are 0.1 and 0.3 beats after the note's beginning.
    const at = (beat: number, cents: number) => ({
      beat: expect.closeTo(beat, 9),
      cents: expect.closeTo(cents, 9),
    });
    expect(readUstx(pitched).parts[0].bend).toEqual([
      at(0, 0),
      at(2, 20),
      at(2.1, -200 + 21),
      at(2.3, 100 + 23),
      at(3, 30),
      at(4, 40),
    ]);
    const usual = 'tone: 67, pitch: {data: [{x: -40, y: 0}, {x: 40, y: 0}], snap_first: true},';
    expect(readUstx(USTX.replace('tone: 67,', usual)).parts).toEqual(readUstx(USTX).parts);
    expect(faultOf(() => readUstx(USTX.replace('tone: 67,', 'tone: 67, pitch: {data: [{x: a}]},')))).toMatch(
      /^line 2\d, voice_parts/,
    );
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

  describe('jumps', () => {
    const sound = (sign: string) => `<direction><sound ${sign}/></direction>`;
    const words = (text: string) =>
      `<direction><direction-type><words>${text}</words></direction-type></direction>`;
    const symbol = (name: string) => `<direction><direction-type><${name}/></direction-type></direction>`;
    const repeat = (direction: string) => `<barline><repeat direction="${direction}"/></barline>`;
    const ending = (number: number, type: string) =>
      `<barline><ending number="${number}" type="${type}"/></barline>`;
    /** A measure of one note, with what is written before and after it. */
    const m = (step: string, before = '', after = '') => before + xmlNote(step, 4, xmlLyric(step)) + after;
    const sung = (...measures: string[]) =>
      readScore(bytes(musicXml([ATTRIBUTES + measures[0], ...measures.slice(1)])))
        .parts[0].notes.map(({ lyric }) => lyric?.text)
        .join('');

    it.each<[string, string[], string]>([
      ['da capo', [m('A'), m('B', '', sound('dacapo="yes"'))], 'ABAB'],
      [
        'da capo al fine',
        [m('A', '', sound('fine="yes"')), m('B', '', sound('dacapo="yes"')), m('C')],
        'ABA',
      ],
      ['D.C. al Fine in words', [m('A', '', words('Fine')), m('B', '', words('D.C. al Fine'))], 'ABA'],
      ['dal segno', [m('A'), m('B', symbol('segno')), m('C', '', sound('dalsegno="s"'))], 'ABCBC'],
      ['dal segno without a sign', [m('A'), m('B', '', words('D.S.'))], 'ABAB'],
      [
        'dal segno al coda',
        [
          m('A', sound('segno="s"')),
          m('B', '', sound('tocoda="c"')),
          m('C', '', sound('dalsegno="s"')),
          m('D', sound('coda="c"')),
        ],
        'ABCABD',
      ],
      [
        'da capo al coda by signs alone',
        [m('A', '', symbol('coda')), m('B', '', words('D.C. al Coda')), m('C', symbol('coda'))],
        'ABAC',
      ],
      [
        'no repeats after a jump, and the last ending',
        [
          m('A', repeat('forward')),
          m('B', ending(1, 'start'), ending(1, 'stop') + repeat('backward')),
          m('C', ending(2, 'start'), ending(2, 'stop')),
          m('D', '', sound('dacapo="yes"')),
        ],
        'ABACDACD',
      ],
      [
        'to coda without a coda',
        [m('A', '', sound('tocoda="c"')), m('B', '', sound('dacapo="yes"'))],
        'ABAB',
      ],
      ['fine without a jump', [m('A', '', words('Fine')), m('B')], 'AB'],
      ['words that are no jump', [m('A', words('D. Cooper, finely')), m('B')], 'AB'],
    ])('%s', (_, measures, expected) => expect(sung(...measures)).toBe(expected));
  });

  it('sings grace notes at the beginning of their note, on its syllable', () => {
    const grace = (step: string, more = '') =>
      `<note><grace/><pitch><step>${step}</step><octave>4</octave></pitch><voice>1</voice>${more}</note>`;
    const score = readScore(
      bytes(
        musicXml([
          ATTRIBUTES +
            grace('B') +
            xmlNote('C', 2, xmlLyric('one')) +
            grace('D') +
            grace('E') +
            xmlNote('F', 0.5, xmlLyric('two')) +
            grace('G', xmlLyric('own')) +
            xmlNote('A', 1, xmlLyric('three')) +
            grace('A'),
        ]),
      ),
    );
    const sixth = expect.closeTo(0.5 / 6, 9);
    expect(rows(score)).toEqual([
      [
        [0, 0.125, 71, 'one'],
        [0.125, 1.875, 60, null],
        [2, sixth, 62, 'two'],
        [expect.closeTo(2 + 0.5 / 6, 9), sixth, 64, null],
        [expect.closeTo(2 + 1 / 6, 9), expect.closeTo(1 / 3, 9), 65, null],
        [2.5, 0.125, 67, 'own'],
        [2.625, 0.875, 69, 'three'],
      ],
    ]);
    expect(score.notices.join(' ')).toContain('grace notes without a note after them');
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
    ['<html></html>', /not MusicXML/],
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
    [
      { parts: [{ notes: [{ pitch: 'H4', duration: 1 }] }] },
      /^parts\[0\]\.notes\[0\]\.pitch: H4 is not a note/,
    ],
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

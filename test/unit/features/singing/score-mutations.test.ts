import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SoriError } from '../../../../src/base/errors.ts';
import { readScore, type ScoreFormat } from '../../../../src/features/singing/score/read.ts';
import { DS_SCORE, JSON_SCORE, midi, mxl, REPEATED_XML, RICH_XML, USTX } from '../../../fixtures/scores.ts';
import { damagedFile } from '../../../support/damaged-file.ts';

const text = new TextEncoder();

const FILES: readonly [string, ScoreFormat, Uint8Array][] = [
  ['JSON', 'json', text.encode(JSON.stringify(JSON_SCORE, null, 1))],
  ['MusicXML', 'musicxml', text.encode(RICH_XML)],
  ['MusicXML with repeats', 'musicxml', text.encode(REPEATED_XML)],
  ['compressed MusicXML', 'musicxml', mxl(RICH_XML)],
  ['MIDI', 'midi', midi()],
  ['DiffSinger', 'ds', text.encode(JSON.stringify(DS_SCORE, null, 1))],
  ['OpenUtau', 'ustx', text.encode(USTX)],
];

/** Matches an error that names the line, byte, note or field at fault, or what the file lacks. */
const PLACED =
  /^(?:line \d+|byte \d+|track|part|segment|measure|note|\[|[\w.[\]]+: |the (?:archive|project|score|tempo|file|XML|YAML)\b)/;

it.each(FILES)('%s: 50 damaged files are read, or refused with a message', (_, format, file) => {
  fc.assert(
    fc.property(damagedFile(file), (damaged) => {
      try {
        const { parts } = readScore(damaged, format);
        expect(parts.length).toBeGreaterThan(0);
        for (const { notes } of parts) {
          expect(
            notes.every(({ beat, beats, pitch }) => beat >= 0 && beats > 0 && Number.isFinite(pitch)),
          ).toBe(true);
        }
      } catch (error) {
        if (!(error instanceof SoriError)) throw error;
        expect(error.code).toBe('invalid_score');
        expect(error.message).toMatch(PLACED);
      }
    }),
    { numRuns: 50, seed: 19 },
  );
});

it('any bytes are read or refused', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(undefined, 'json', 'musicxml', 'midi', 'ds', 'ustx') as fc.Arbitrary<
        ScoreFormat | undefined
      >,
      (bytes, format) => {
        try {
          readScore(bytes, format);
        } catch (error) {
          if (!(error instanceof SoriError)) throw error;
        }
      },
    ),
    { numRuns: 200, seed: 19 },
  );
});

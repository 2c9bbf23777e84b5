import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { subRip, webVtt } from '../../../../src/features/speech/answer/captions.ts';
import type { Cue } from '../../../../src/synthesis/alignment.ts';
import { anyText } from '../../../support/any-text.ts';
import { parseSrt, parseVtt } from '../../../support/captions.ts';

const span = { start: 0, end: 0 };
const cue = (text: string, start_ms = 0, end_ms = 1000): Cue => ({ start_ms, end_ms, text, span });
const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

describe('WebVTT', () => {
  it('follows the specification', () => {
    expect(
      webVtt([cue('Tom & Jerry', 12.5, 1262.4), cue('at last', 3_723_004, 360_000_000)], 360_000_000),
    ).toBe(
      'WEBVTT\n\n1\n00:00:00.013 --> 00:00:01.262\nTom &amp; Jerry\n\n2\n01:02:03.004 --> 100:00:00.000\nat last\n',
    );
    expect(webVtt([], 0)).toBe('WEBVTT\n');
  });

  it.each([
    '<b>bold</b> & <v Bob>',
    'a --> b',
    '00:00:00.000 --> 00:00:01.000',
    'a\n\nb\r\n\tc',
    'NOTE',
    '&lt;',
  ])('carries %j', (text) =>
    expect(parseVtt(webVtt([cue(text)], 1000))).toEqual([{ start: 0, end: 1000, text: oneLine(text) }]),
  );

  it('carries any text', () => {
    fc.assert(
      fc.property(anyText({ minLength: 1 }), (text) => {
        const expected = oneLine(text);
        fc.pre(expected !== '' && !/[\n\r]/.test(expected));
        expect(parseVtt(webVtt([cue(text)], 1000))[0].text).toBe(expected);
      }),
    );
  });
});

describe('SubRip', () => {
  it('follows the format that players read', () => {
    expect(subRip([cue('Tom & Jerry', 12.5, 1262.4), cue('2 < 3 > 1', 1262.4, 2000)], 2000)).toBe(
      '1\n00:00:00,013 --> 00:00:01,262\nTom & Jerry\n\n2\n00:00:01,262 --> 00:00:02,000\n2 < 3 > 1\n',
    );
    expect(subRip([], 0)).toBe('');
  });

  it.each([
    ['<b>bold</b>', '‹b›bold‹/b›'],
    ['a --> b', 'a → b'],
    ['<i a --> b>', '‹i a → b›'],
    ['<<b>i>', '<‹b›i>'],
  ])('shows %j without its markup', (text, shown) => {
    expect(parseSrt(subRip([cue(text)], 1000))).toEqual([{ start: 0, end: 1000, text: shown }]);
  });
});

it('a mark lasts until the next one, and no cue ends where it starts', () => {
  const marks = [cue('a', 0, 0), cue('b', 500, 500), cue('c', 500, 500), cue('d', 2000, 2000)];
  for (const read of [parseVtt(webVtt(marks, 2000)), parseSrt(subRip(marks, 2000))]) {
    expect(read.map(({ start, end }) => [start, end])).toEqual([
      [0, 500],
      [500, 501],
      [500, 2000],
      [2000, 2001],
    ]);
  }
});

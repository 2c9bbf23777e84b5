import { describe, expect, it } from 'vitest';
import { type Alignment, cuesOf } from '../../../src/synthesis/alignment.ts';
import { Timeline } from '../../../src/synthesis/timeline.ts';
import { isSsml, plainText } from '../../../src/text/markup.ts';
import type { Phoneme } from '../../../src/text/types.ts';

/** Words of one frame per phoneme: each symbol speaks the stretch of the input that holds it. */
function align(input: string, words: readonly (readonly [string, string])[]): Alignment {
  const timeline = new Timeline({ hop: 300, soundLead: 0 });
  let at = 0;
  const phonemes = words.map(([symbol, text]): Phoneme => {
    const start = input.indexOf(text, at);
    if (text.length > 1) at = start;
    return { symbol, span: { start, end: start + text.length } };
  });
  const edge = (symbol: string): Phoneme => ({ symbol, span: { start: 0, end: 0 } });
  const all = [edge('^'), ...phonemes, edge('$')];
  timeline.add({
    utterance: {
      phonemes: all,
      span: { start: 0, end: input.length },
      sentence: 0,
      marks: [{ name: 'here', before: 2, span: { start: 1, end: 2 } }],
    },
    lengths: { frames: new Int32Array(all.length).fill(1), silences: new Int32Array(all.length) },
    lead: 0,
    trail: 0,
  });
  return timeline.alignment;
}

describe('cuesOf', () => {
  const input = 'In 1999 we met.';
  const alignment = align(input, [
    ['ɪ', 'In'],
    [' ', ' '],
    ['n', '1999'],
    [' ', '1999'],
    ['aɪ', '1999'],
    [' ', ' '],
    ['w', 'we'],
    ['i', 'we'],
    [' ', ' '],
    ['m', 'met'],
    ['.', '.'],
  ]);

  it('lists each written word once, with the times of everything spoken for it', () => {
    const cues = cuesOf(alignment, input, 'word');
    expect(cues.map(({ text }) => text)).toEqual(['In', '1999', 'we', 'met']);
    expect(cues[1]).toEqual({ start_ms: 37.5, end_ms: 75, text: '1999', span: { start: 3, end: 7 } });
  });

  it('lists a sentence with its marks, phonemes without pauses, and marks without duration', () => {
    expect(cuesOf(alignment, input, 'sentence')).toMatchObject([
      { text: input, start_ms: 12.5, span: { start: 0, end: 15 } },
    ]);
    const phonemes = cuesOf(alignment, input, 'phoneme');
    expect(phonemes.map(({ text }) => text)).toEqual(['ɪ', 'n', 'aɪ', 'w', 'i', 'm']);
    expect(cuesOf(alignment, input, 'mark')).toEqual([
      { start_ms: 25, end_ms: 25, text: 'here', span: { start: 1, end: 2 } },
    ]);
  });

  it('shows the text of SSML without its markup', () => {
    const ssml = '<speak>Tom &amp; <emphasis>Ann</emphasis> met.</speak>';
    const [cue] = cuesOf(
      align(ssml, [
        ['t', 'Tom'],
        [' ', ' '],
        ['æ', 'Ann'],
        [' ', ' '],
        ['m', 'met'],
        ['.', '.'],
      ]),
      ssml,
      'sentence',
    );
    expect(cue.text).toBe('Tom & Ann met.');
    expect(ssml.slice(cue.span.start, cue.span.end)).toMatch(/^Tom.*met\.$/);
  });
});

describe('isSsml', () => {
  it.each(['<speak>', ' \n<speak xml:lang="en">', '<?xml version="1.0"?>\n<speak/>', '\uFEFF<speak>'])(
    'finds %j',
    (input) => {
      expect(isSsml(input)).toBe(true);
    },
  );
  it.each(['Please <speak> up.', '<speaker>', 'speak', ''])('treats %j as text', (input) => {
    expect(isSsml(input)).toBe(false);
  });
});

it('plainText drops tags and comments and resolves entities', () => {
  expect(plainText('a<!-- <b> -->b <sub alias="x">&lt;c&gt; &#65;&#x42;</sub>\n &nbsp;<broken')).toBe(
    'a b <c> AB &nbsp;',
  );
});

import { equal, notEqual, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clean } from '../../../src/text/en/normalize/clean.ts';
import type { Meter } from '../../../src/text/en/normalize/cursor.ts';
import { tokenize } from '../../../src/text/en/normalize/tokenizer.ts';
import { normalize } from '../../../src/text/en/normalize.ts';
import type { SpokenToken } from '../../../src/text/types.ts';
import { anyText } from '../../support/any-text.ts';

const SENTENCE_END = /^[.?!…]$/;

/** Pieces that rules match, so that random strings contain them often. */
const PIECES = [
  '$1.5M', 'Dr.', 'St.', 'U.S.', 'e.g.', '10-15', '1990s', '5\'10"', '½', '1/2', 'v2.1.3', '3:45', 'p.m.', 'Jan.', '5', '2026-01-05',
  'XIV', 'Henry', 'FBI', 'iPhone', "don't", 'B2B', '#tag', '@name', 'a@b.com', 'https://x.org/a?b=c', 'file.pdf', '/usr/bin', '👍🏽', '👩‍💻',
  '🇫🇷', '🇫', '\ud83d', '\udc4d', '\u200d', '\u0301', '\u202e', '\ufeff', 'é', 'ﬁ', '１２', '한국', 'Привет', '[a](/ə/)', '[a](b)', '[', '](', '(',
  ')', '"', "'", '.', ',', '?', '!', '…', '—', '–', '-', '−', '+', '×', '%', '°C', 'km/h', 'kg', '&', '*', '_', '/', '\\', '|', '<', '>', '=', ' ', ' ', '\n',
  '\u00a0', '\t', '\0', 'A', 'a', 'I', 'x', 'of', 'the', '007', '1,000', '555-123-4567', '24/7', 'AT&T', 'C++', 'w/', "'n'", '²', '^2', ':)',
]; // biome-ignore format: short rows
const text = fc.oneof(
  anyText({ maxLength: 80 }),
  fc.string({ unit: 'binary-ascii', maxLength: 80 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
    .map((codes) => String.fromCharCode(...codes)),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => pieces.join('')),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => pieces.join(' ')),
);

function shift(tokens: readonly SpokenToken[], by: number): SpokenToken[] {
  return tokens.map((token) => ({
    ...token,
    span: { start: token.span.start + by, end: token.span.end + by },
  }));
}

describe('on any string', () => {
  test('tokens are well formed, and their positions are ordered and within the text', () => {
    fc.assert(
      fc.property(text, (input) => {
        let start = 0;
        let pausedBefore = true;
        // `ok`, because `expect` takes longer than reading the text.
        for (const token of normalize(input)) {
          ok(token.span.start >= start);
          ok(token.span.end >= token.span.start);
          ok(token.span.end <= input.length);
          start = token.span.start;
          if (token.kind === 'word') {
            ok(/^[a-z]+('[a-z]+)*$/.test(token.text));
            ok(token.text.length <= 200);
            equal(token.source, input.slice(token.span.start, token.span.end));
            notEqual(token.source, '');
          } else if (token.kind === 'letter') ok(/^[a-z]$/.test(token.text));
          else if (token.kind === 'ipa') notEqual(token.ipa, '');
          else equal(pausedBefore, false);
          pausedBefore = token.kind === 'pause';
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('the same text gives the same tokens, whatever was read before', () => {
    fc.assert(
      fc.property(text, text, (input, other) => {
        const first = normalize(input);
        normalize(other);
        expect(normalize(input)).toEqual(first);
      }),
      { numRuns: 300 },
    );
  });

  test('paragraphs are read independently of each other', () => {
    fc.assert(
      fc.property(text, text, (one, two) => {
        // A carriage return and the line feed behind it are one break.
        fc.pre(!one.endsWith('\r'));
        const left = normalize(one);
        const right = shift(normalize(two), one.length + 2);
        const last = left.at(-1);
        const at = { start: one.length, end: one.length + 1 };
        if (last !== undefined && !(last.kind === 'pause' && SENTENCE_END.test(last.text))) {
          if (last.kind === 'pause') left.pop();
          left.push({ kind: 'pause', text: '.', span: at });
        }
        expect(normalize(`${one}\n\n${two}`)).toEqual([...left, ...right]);
      }),
      { numRuns: 1000 },
    );
  });

  test('a colon before a line without a spoken form does not last beyond the paragraph', () => {
    const spoken = (input: string) =>
      normalize(input).map((token) => (token.kind === 'ipa' ? '' : token.text));
    expect(spoken('Bring these:\n²\n\nHello')).toEqual(['bring', 'these', '.', 'hello']);
    expect(spoken('Bring these:\n²\nmilk')).toEqual(['bring', 'these', ':', 'milk']);
  });

  test('cleaning keeps a map to the original', () => {
    fc.assert(
      fc.property(text, (input) => {
        const { text: cleaned, starts, ends } = clean(input);
        expect(starts).toHaveLength(cleaned.length);
        expect(ends).toHaveLength(cleaned.length);
        for (let i = 0; i < starts.length; i++) {
          ok(ends[i] > starts[i]);
          if (i > 0) ok(starts[i] >= starts[i - 1]);
        }
      }),
    );
  });
});

describe('positions', () => {
  const spansOf = (input: string): [string, string][] =>
    normalize(input).map((token) => [
      token.kind === 'ipa' ? token.ipa : token.text,
      input.slice(token.span.start, token.span.end),
    ]);

  test('all words of an amount have the position of the amount', () => {
    expect(spansOf('Pay $1.5M now')).toEqual([
      ['pay', 'Pay'],
      ...'one point five million dollars'.split(' ').map((word) => [word, '$1.5M']),
      ['now', 'now'],
    ]);
  });

  test('a date has the positions of its parts', () => {
    expect(spansOf('Jan. 5, 2026')).toEqual([
      ['january', 'Jan.'],
      ['fifth', '5'],
      [',', ','],
      ['twenty', '2026'],
      ['twenty', '2026'],
      ['six', '2026'],
    ]);
  });

  test('are right after accents, ligatures, dropped characters and emoji', () => {
    expect(spansOf('\ufeffe\u0301te\u0301 ﬁx\u200bed 👍🏽 ok')).toEqual([
      ['ete', 'e\u0301te\u0301'],
      ['fixed', 'ﬁx\u200bed'],
      [',', ''],
      ['thumbs', '👍🏽'],
      ['up', '👍🏽'],
      [',', ''],
      ['okay', 'ok'],
    ]);
  });

  test('a pronunciation override speaks its IPA for the visible word', () => {
    expect(normalize('It is [Sori](/ˈsɔːɹi/).')).toMatchObject([
      { kind: 'word', text: 'it', span: { start: 0, end: 2 }, source: 'It' },
      { kind: 'word', text: 'is', span: { start: 3, end: 5 }, source: 'is' },
      { kind: 'ipa', ipa: 'ˈsɔːɹi', text: 'Sori', span: { start: 7, end: 11 } },
      { kind: 'pause', text: '.', span: { start: 22, end: 23 } },
    ]);
  });

  test('the source text keeps its case', () => {
    expect(normalize('Polish us')).toMatchObject([{ source: 'Polish' }, { source: 'us' }]);
  });
});

describe('the work grows linearly with the text', () => {
  /** Matches (each over a window of fixed size) and characters stepped over. */
  function work(input: string): number {
    const meter: Meter = { steps: 0 };
    tokenize(input, meter);
    return meter.steps;
  }

  const UNITS = [
    '1', '1-', 'a.', '(', '[', '](', '[a](', '[a](/', '$', '$1,', '1,1', '1.', '.1', '1:', '1/', '1/1', '@', 'a@', 'a@b.', 'http://', 'http://a.b/',
    'https://a?', '#', '#a', '😀', '👩‍', '👩🏽‍', '🇫', '\u200d', '\ufe0f', "'", "a'", '"', '…', '.', '- ', '-', '—', '\n', '\n1. ', ' ', 'a', 'A', 'aB', 'AB', 'Dr. ',
    'Dr.', 'St. A', 'U.', 'e.g. ', 'Jan ', 'Jan 1-', 'XI ', 'X', 'v1.', '/a', '~/', '<a ', '<', '2 1/', '1 000 ', '1\u00a0', '12:', '+1 ', '(5', '5\'', '½', '²', '^', 'é',
    'e\u0301', '\u0301', '한', '\ud800', 'a1', '1a', 'a-', 'A&', '=', '1=', '1 - ', '1x', 'Henry I ', 'USD ', 'USD1', '5 km/', 'a_', '*', ':)', 'www.', 'a.com', 'a.com/', '.pdf', 'C:\\',
  ]; // biome-ignore format: short rows

  test.each(UNITS)('for %j repeated', (unit) => {
    const small = work(unit.repeat(250));
    const large = work(unit.repeat(1000));
    expect(large).toBeLessThanOrEqual(4.4 * small + 400);
  });

  test('for mixtures of them', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...UNITS), { minLength: 2, maxLength: 6 }), (units) => {
        const unit = units.join('');
        // Windows at the end of a text are shorter, which is the same for all lengths.
        const part = Math.ceil(400 / unit.length);
        const [two, three, four] = [2, 3, 4].map((parts) => work(unit.repeat(parts * part)));
        expect(four - three).toBeLessThanOrEqual(1.1 * (three - two) + 600);
      }),
      { numRuns: 60 },
    );
  });

  test('no repeated pattern needs more', () => {
    const patterns = new Set<RegExp>();
    for (const piece of [...PIECES, ...UNITS])
      tokenize(`${piece} ${piece.repeat(3)} 5 ${piece}`, { steps: 0, patterns });
    expect(patterns.size).toBeGreaterThan(80);
    for (const { source, sticky } of patterns) {
      const bare = source.replace(/\\(?:[pu]\{[^}]*\}|.)/g, 'x').replace(/\[[^\]]*\]/g, 'x');
      expect(bare, source).not.toMatch(/[*+]|\{\d+,\}/);
      expect(sticky, source).toBe(true);
    }
  });

  test('the work per character has a limit', () => {
    fc.assert(
      fc.property(text, (input) => {
        expect(work(input)).toBeLessThanOrEqual(60 * input.length + 60);
      }),
    );
  });
});

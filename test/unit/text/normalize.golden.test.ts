import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { normalize } from '../../../src/text/en/normalize.ts';
import type { SpokenToken } from '../../../src/text/types.ts';

interface Case {
  readonly group: string;
  readonly line: number;
  readonly input: string;
  readonly expected: string;
}

const FILE = join(import.meta.dirname, '../../golden/normalization.tsv');
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t' };

/** `\n`, `\t` and `\uXXXX` represent invisible characters. */
function decode(text: string): string {
  return text.replace(/\\(?:u([0-9a-f]{4})|([nt]))/g, (_, code, letter) =>
    code ? String.fromCharCode(Number.parseInt(code, 16)) : ESCAPES[letter],
  );
}

function readCases(): Case[] {
  const cases: Case[] = [];
  let group = '';
  for (const [index, row] of readFileSync(FILE, 'utf8').split('\n').entries()) {
    const [input, expected] = row.split('\t');
    if (expected === undefined) group = row.replace(/^# /, '') || group;
    else cases.push({ group, line: index + 1, input, expected });
  }
  return cases;
}

/** Words as they are, letters as capitals, IPA between slashes. */
function show(tokens: readonly SpokenToken[]): string {
  return tokens
    .map((token) => {
      if (token.kind === 'letter') return token.text.toUpperCase();
      return token.kind === 'ipa' ? `/${token.ipa}/` : token.text;
    })
    .join(' ');
}

const cases = readCases();

test('the golden set is large and has no case twice', () => {
  expect(cases.length).toBeGreaterThanOrEqual(500);
  expect(new Set(cases.map((one) => one.input)).size).toBe(cases.length);
});

test.each([...new Set(cases.map((one) => one.group))])('golden: %s', (group) => {
  const failures = cases
    .filter((one) => one.group === group)
    .map((one) => ({ ...one, spoken: show(normalize(decode(one.input))) }))
    .filter((one) => one.spoken !== one.expected)
    .map((one) => `line ${one.line}: ${one.input}\n  expected: ${one.expected}\n  spoken:   ${one.spoken}`);
  expect(failures.join('\n\n')).toBe('');
});

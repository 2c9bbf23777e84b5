import { expect, test } from 'vitest';
import { readGolden, showTokens } from '../../../scripts/lib/golden.ts';
import { normalize } from '../../../src/text/en/normalize.ts';

const cases = readGolden();
const kinds = [...new Set(cases.map((one) => one.kind))];

test('every kind has at least ten cases, none of them twice', () => {
  for (const kind of kinds) {
    const inputs = cases.filter((one) => one.kind === kind).map((one) => one.input);
    expect(inputs.length, kind).toBeGreaterThanOrEqual(10);
    expect(new Set(inputs).size, kind).toBe(inputs.length);
  }
});

test.each(kinds)('golden: %s', (kind) => {
  const failures = cases
    .filter((one) => one.kind === kind)
    .map((one) => ({ ...one, spoken: showTokens(normalize(one.input)) }))
    .filter((one) => one.spoken !== one.expected)
    .map((one) => `line ${one.line}: ${one.input}\n  expected: ${one.expected}\n  spoken:   ${one.spoken}`);
  expect(failures.join('\n\n')).toBe('');
});

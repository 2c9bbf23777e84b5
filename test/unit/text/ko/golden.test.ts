import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { normalizeKorean } from '../../../../src/text/ko/normalize/normalize.ts';
import { speak } from '../../../../src/text/ko/speak.ts';

/** Share of the cases that must pass. */
const LEAST_RIGHT = 0.97;

const FOLDER = join(import.meta.dirname, '../../../golden/ko');

/** Pairs of a text and what it becomes; lines that begin with `# ` are headings, `\n` is a line break. */
function readCases(file: string): [string, string][] {
  return readFileSync(join(FOLDER, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# '))
    .map((line) => {
      const [input, expected] = line.split('\t');
      return [input.replaceAll('\\n', '\n'), expected];
    });
}

/** The pronunciation of a text spelled in Hangul, pauses left out. */
function pronounced(text: string): string {
  const stretches: string[][] = [[]];
  for (const token of normalizeKorean(text)) {
    if (token.kind === 'pause') stretches.push([]);
    else stretches[stretches.length - 1].push(token.text);
  }
  return stretches.flatMap((words) => speak(words).map(({ spelled }) => spelled)).join(' ');
}

const SETS = [
  {
    file: 'g2p.tsv',
    say: pronounced,
  },
  {
    file: 'normalization.tsv',
    say: (text: string) =>
      normalizeKorean(text)
        .map((token) => (token.kind === 'ipa' ? token.ipa : token.text))
        .join(' '),
  },
];

describe.each(SETS)('golden: $file', ({ file, say }) => {
  const cases = readCases(file);

  test('has at least 400 cases, none twice', () => {
    expect(cases.length).toBeGreaterThanOrEqual(400);
    expect(new Set(cases.map(([input]) => input)).size).toBe(cases.length);
  });

  test(`at least ${LEAST_RIGHT * 100} % of them are completely right`, () => {
    const wrong = cases
      .map(([input, expected]) => ({ input, expected, said: say(input) }))
      .filter(({ expected, said }) => said !== expected);
    const share = 1 - wrong.length / cases.length;
    console.log(
      `${file}: ${cases.length - wrong.length} of ${cases.length} right (${(share * 100).toFixed(1)} %)`,
    );
    const report = wrong.map(
      ({ input, expected, said }) => `${input}\n  expected: ${expected}\n  said:     ${said}`,
    );
    expect(share, report.join('\n')).toBeGreaterThanOrEqual(LEAST_RIGHT);
  });
});

/** Share of the golden sets that is read right, a line for each kind: `node scripts/golden.ts [--failures]`. */
import { Command } from 'commander';
import { normalize } from '../src/text/en/normalize.ts';
import { type GoldenCase, readGolden, showTokens } from './lib/golden.ts';
import {
  type GoldenWord,
  isRight,
  openEmbeddedFrontEnd,
  readGoldenWords,
  readingIn,
} from './lib/golden-words.ts';

const { failures, kind } = new Command('golden')
  .description('Run the cases of test/golden/en and en-words and print how many of each kind pass.')
  .option('--failures', 'print the cases that fail')
  .option('--kind <name>', 'only this kind')
  .parse()
  .opts<{ failures?: boolean; kind?: string }>();

interface Read extends GoldenCase {
  readonly spoken: string;
  readonly right: boolean;
}

const frontEnd = openEmbeddedFrontEnd();
const cases: readonly Read[] = [...readGolden().map(readCase), ...readGoldenWords().map(readWord)].filter(
  (one) => kind === undefined || one.kind === kind,
);

function readCase(one: GoldenCase): Read {
  const spoken = showTokens(normalize(one.input));
  return { ...one, spoken, right: spoken === one.expected };
}

function readWord(one: GoldenWord): Read {
  const spoken = readingIn(frontEnd, one.text);
  const expected = one.readings.join(' / ');
  return { ...one, line: 0, input: one.text, expected, spoken, right: isRight(one, spoken) };
}

function share(some: readonly Read[]): string {
  if (some.length === 0) return '–';
  const right = some.filter((one) => one.right).length;
  return `${right} of ${some.length}\t${((100 * right) / some.length).toFixed(0)} %`;
}

console.log('kind\tcases\tshare\theld out\tshare');
for (const name of [...new Set(cases.map((one) => one.kind))]) {
  const some = cases.filter((one) => one.kind === name);
  console.log(
    [name, share(some.filter((one) => !one.heldOut)), share(some.filter((one) => one.heldOut))].join('\t'),
  );
}
console.log(
  ['all', share(cases.filter((one) => !one.heldOut)), share(cases.filter((one) => one.heldOut))].join('\t'),
);
if (failures) {
  for (const one of cases.filter(({ right }) => !right)) {
    console.log(
      `\n${one.kind}${one.line ? `:${one.line}` : ''}  ${JSON.stringify(one.input)}\n  expected ${one.expected}\n  spoken   ${one.spoken}`,
    );
  }
}

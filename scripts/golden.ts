/** Share of the golden sets that is read right, a line for each kind: `node scripts/golden.ts [--failures]`. */
import { Command } from 'commander';
import { normalize } from '../src/text/en/normalize.ts';
import { type GoldenCase, readGolden, showTokens } from './lib/golden.ts';

const { failures, kind } = new Command('golden')
  .description('Reads the cases of test/golden/en and prints how many of each kind come out as expected.')
  .option('--failures', 'print what came out otherwise')
  .option('--kind <name>', 'only this kind')
  .parse()
  .opts<{ failures?: boolean; kind?: string }>();

const cases = readGolden()
  .filter((one) => kind === undefined || one.kind === kind)
  .map((one) => ({ ...one, spoken: showTokens(normalize(one.input)) }));

function share(some: readonly (GoldenCase & { readonly spoken: string })[]): string {
  if (some.length === 0) return '–';
  const right = some.filter((one) => one.spoken === one.expected).length;
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
  for (const one of cases.filter(({ spoken, expected }) => spoken !== expected)) {
    console.log(
      `\n${one.kind}:${one.line}  ${JSON.stringify(one.input)}\n  expected ${one.expected}\n  spoken   ${one.spoken}`,
    );
  }
}

/** `sori usage`: what was asked of a server, and what that cost. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { sessionOf } from './config.ts';
import { day } from './flags.ts';
import { type Column, printJson, table } from './output.ts';

interface Sums {
  readonly requests: number;
  readonly cache_hits: number;
  readonly characters: number;
  readonly audio_seconds: number;
}

interface Row extends Sums {
  readonly day?: string;
  readonly key?: string;
}

interface Report {
  readonly from: string;
  readonly to: string;
  readonly data: readonly Row[];
  readonly total: Sums;
  readonly has_more: boolean;
}

interface Flags {
  from?: string;
  to?: string;
  by: string;
  key?: string;
}

/** The `usage` command. */
export function usageCommand(): Command {
  return new Command('usage')
    .description('Requests, cache hits, characters synthesized and seconds of audio, by day and key.')
    .option('--from <day>', 'first day, UTC (default: 29 days before the last)', day)
    .option('--to <day>', 'last day, UTC (default: today)', day)
    .addOption(new Option('--by <what>', 'day, key, or day,key').argParser(grouping).default('day,key'))
    .option('--key <id>', 'of this API key only')
    .addHelpText(
      'after',
      `
Examples:
  npm run sori -- usage --by key
  npm run sori -- usage --from 2026-11-01 --to 2026-11-30 --json`,
    )
    .action(async ({ by, ...period }: Flags, command: Command) => {
      const { client, json } = sessionOf(command);
      const report = await client.json<Report>('GET', '/v1/usage', { query: { ...period, group_by: by } });
      if (json) return printJson(report);
      console.log(tableOf(report, by.split(',')));
      if (report.has_more)
        process.stderr.write('There are more rows than an answer holds: ask for fewer days.\n');
    });
}

function grouping(value: string): string {
  const names = value.split(',').map((name) => name.trim());
  if (names.every((name) => name === 'day' || name === 'key')) return [...new Set(names)].join(',');
  throw new InvalidArgumentError('expected day, key or day,key.');
}

function tableOf({ data, total, from, to }: Report, by: readonly string[]): string {
  const columns: Column<Row>[] = [
    ...(by.includes('day') ? [{ heading: 'DAY', value: (row: Row) => row.day ?? '' }] : []),
    ...(by.includes('key') ? [{ heading: 'KEY', value: (row: Row) => row.key ?? '' }] : []),
    { heading: 'REQUESTS', value: ({ requests }) => requests, right: true },
    { heading: 'HITS', value: ({ cache_hits }) => cache_hits, right: true },
    { heading: 'CHARACTERS', value: ({ characters }) => characters, right: true },
    { heading: 'AUDIO S', value: (row) => row.audio_seconds.toFixed(1), right: true },
  ];
  const sum: Row = { ...total, ...(by.includes('day') ? { day: 'in all' } : { key: 'in all' }) };
  return `${from} to ${to}\n${table([...data, sum], columns)}`;
}

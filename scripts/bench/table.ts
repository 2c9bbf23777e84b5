/** One line of the bench's table. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  /** The figure before a change, where it is known. */
  readonly before?: string;
  /** Empty where the figure is only reported. */
  readonly target: string;
  /** `undefined` where there is no target. */
  readonly met?: boolean;
}

/** Prints rows as a Markdown table, so that it can be pasted as it is. */
export function printTable(rows: readonly Row[]): void {
  const mark = ({ met }: Row) => (met === undefined ? '' : met ? 'yes' : 'NO');
  const lines = [
    ['what', 'before', 'measured', 'target', 'met'],
    ...rows.map((row) => [row.what, row.before ?? '', row.measured, row.target, mark(row)]),
  ].map((line) => (rows.some(({ before }) => before) ? line : line.toSpliced(1, 1)));
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const format = (line: string[]) =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  console.log(format(lines[0]));
  console.log(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
  for (const line of lines.slice(1)) console.log(format(line));
}

/** The middle value; of an even count the lower middle. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1];
}

/** Says on standard error what is being measured, since a bench takes minutes. */
export function announce(what: string): void {
  process.stderr.write(`… ${what}\n`);
}

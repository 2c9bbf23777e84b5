/** A column of a table: its heading, and what a row has there. */
export interface Column<Row> {
  readonly heading: string;
  readonly value: (row: Row) => string | number;
  /** Numbers are read from their last digit. */
  readonly right?: boolean;
}

/** Rows as aligned text, a heading first. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const lines = [
    columns.map(({ heading }) => heading),
    ...rows.map((row) => columns.map(({ value }) => String(value(row)))),
  ];
  const widths = columns.map((_, at) => Math.max(...lines.map((cells) => cells[at].length)));
  return lines
    .map((cells) =>
      cells
        .map((cell, at) => (columns[at].right ? cell.padStart(widths[at]) : cell.padEnd(widths[at])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Prints a value as JSON. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}

/**
 * A date and time as people read it everywhere, in UTC; a dash for none.
 * @param ms since the epoch.
 */
export function when(ms: number | null | undefined): string {
  return ms === null || ms === undefined
    ? '-'
    : `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')}Z`;
}

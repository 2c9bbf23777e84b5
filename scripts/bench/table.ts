/** One line of the bench's table. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  /** The figure before a change, if known. */
  readonly before?: string;
  /** Empty where the figure is only reported. */
  readonly target: string;
  /** `undefined` where there is no target. */
  readonly met?: boolean;
}

/**
 * Makes a printer of a Markdown table whose rows are printed as soon as they are measured.
 * @param before whether it has a column for the figures before a change.
 */
export function createTable(before: boolean): (rows: readonly Row[]) => void {
  let begun = false;
  const print = (cells: readonly string[]) => console.log(`| ${cells.join(' | ')} |`);
  const mark = ({ met }: Row) => (met === undefined ? '' : met ? 'yes' : 'NO');
  return (rows) => {
    if (!begun) {
      const names = ['what', ...(before ? ['before'] : []), 'measured', 'target', 'met'];
      print(names);
      print(names.map(() => '---'));
      begun = true;
    }
    for (const row of rows) {
      print([row.what, ...(before ? [row.before ?? ''] : []), row.measured, row.target, mark(row)]);
    }
  };
}

/** The middle value; of an even count the lower middle. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1];
}

/** Prints on standard error what is being measured, because a bench takes minutes. */
export function announce(what: string): void {
  process.stderr.write(`… ${what}\n`);
}

/** A value that SQLite stores. */
export type SqlValue = string | number | null;

/** A row, by column name. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** One SQL statement and the values of its `?` parameters, in order. */
export interface Statement {
  readonly sql: string;
  readonly values?: readonly SqlValue[];
}

/** The result of a statement. */
export interface StatementResult<Row = SqlRow> {
  /** Rows that it returned (`SELECT`, `RETURNING`). */
  readonly rows: readonly Row[];
  /** Rows that it inserted, updated or deleted. */
  readonly changes: number;
}

/** An SQLite database. Drivers: `d1` (Workers) and `sqlite` (Node); both speak SQLite's dialect and run the same migrations. */
export interface Database {
  /** Runs one statement. */
  run<Row = SqlRow>(sql: string, ...values: SqlValue[]): Promise<StatementResult<Row>>;
  /** Runs statements in one transaction: all of them take effect or none does. */
  batch(statements: readonly Statement[]): Promise<readonly StatementResult[]>;
}

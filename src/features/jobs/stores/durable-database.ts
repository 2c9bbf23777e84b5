import type { Database, SqlRow, Statement, StatementResult } from '../../../database/database.ts';

/** The SQLite database of a Durable Object. */
export function durableDatabase(storage: DurableObjectStorage): Database {
  const execute = <Row>({ sql, values = [] }: Statement): StatementResult<Row> => {
    const rows = storage.sql.exec(sql, ...values).toArray() as Row[];
    // The cursor also counts rows of indexes.
    const { n } = storage.sql.exec('SELECT changes() AS n').one();
    return { rows, changes: Number(n) };
  };
  return {
    run: async <Row = SqlRow>(sql: string, ...values: NonNullable<Statement['values']>) =>
      execute<Row>({ sql, values }),
    batch: async (statements) =>
      storage.transactionSync(() => statements.map((statement) => execute<SqlRow>(statement))),
  };
}

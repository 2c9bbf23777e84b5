import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Database, SqlRow, SqlValue, Statement, StatementResult } from './database.ts';
import { databaseFailure } from './failures.ts';

/** A {@link Database} of this process. */
export interface SqliteDatabase extends Database {
  /** Runs many statements without parameters, in one transaction with `last`. */
  script(sql: string, last: Statement): void;
  /** Closes the file. No other call may follow. */
  close(): void;
}

/** Milliseconds that a statement waits for another process that writes. */
const BUSY_MS = 5_000;
/** Prepared statements kept; a program has few, but filters combine. */
const MAX_PREPARED = 200;

/**
 * A {@link Database} in an SQLite file, by Node's own driver. Processes may share the file: readers don't wait for the writer (WAL).
 *
 * @param file path of the file, which is made if need be; `:memory:` keeps it in memory. Or a file that is already open.
 * @throws {SoriError} from every call: `not_configured` without migrations, `storage_unavailable`.
 */
export function sqliteDatabase(file: string | DatabaseSync): SqliteDatabase {
  const database = typeof file === 'string' ? guarded(() => open(file)) : file;
  const prepared = new Map<string, StatementSync>();

  const prepare = (sql: string): StatementSync => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    if (prepared.size >= MAX_PREPARED) prepared.clear();
    const statement = database.prepare(sql);
    prepared.set(sql, statement);
    return statement;
  };

  const execute = <Row>({ sql, values = [] }: Statement): StatementResult<Row> => {
    const statement = prepare(sql);
    if (statement.columns().length === 0) {
      return { rows: [], changes: Number(statement.run(...values).changes) };
    }
    const before = totalChanges();
    const rows = statement.all(...values) as Row[];
    return { rows, changes: totalChanges() - before };
  };
  const totalChanges = () => Number(prepare('SELECT total_changes() AS n').get()?.n);

  const transaction = <Result>(work: () => Result): Result => {
    // Takes the write lock first: a transaction that began as a reader can't wait for another writer, it fails.
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };

  return {
    run: async <Row = SqlRow>(sql: string, ...values: SqlValue[]) =>
      guarded(() => execute<Row>({ sql, values })),
    batch: async (statements) =>
      guarded(() => transaction(() => statements.map((one) => execute<SqlRow>(one)))),
    script: (sql, last) =>
      guarded(() =>
        transaction(() => {
          database.exec(sql);
          execute(last);
        }),
      ),
    close: () => database.close(),
  };
}

function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: BUSY_MS });
  // With WAL, NORMAL loses no consistency in a power cut, at most the last transactions.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  return database;
}

function guarded<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw databaseFailure(error);
  }
}

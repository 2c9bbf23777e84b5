import type { Database, SqlRow, SqlValue, Statement, StatementResult } from './database.ts';
import { databaseFailure } from './failures.ts';

/**
 * A {@link Database} in Cloudflare D1.
 *
 * @example
 * ```ts
 * const database = d1Database(env.DB);
 * const { rows } = await database.run<{ n: number }>('SELECT count(*) AS n FROM prompts');
 * ```
 * @throws {SoriError} from every call: `not_configured` without migrations, `storage_unavailable`.
 */
export function d1Database(binding: D1Database): Database {
  const prepare = ({ sql, values = [] }: Statement) => binding.prepare(sql).bind(...values);
  return {
    async run<Row = SqlRow>(sql: string, ...values: SqlValue[]): Promise<StatementResult<Row>> {
      try {
        return resultOf(await prepare({ sql, values }).run<Row>());
      } catch (error) {
        throw databaseFailure(error);
      }
    },
    async batch(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
      if (statements.length === 0) return [];
      try {
        return (await binding.batch<SqlRow>(statements.map(prepare))).map(resultOf);
      } catch (error) {
        throw databaseFailure(error);
      }
    },
  };
}

function resultOf<Row>({ results, meta }: D1Result<Row>): StatementResult<Row> {
  return { rows: results, changes: meta.changes };
}

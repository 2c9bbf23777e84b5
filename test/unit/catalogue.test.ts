import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/database/migrate.ts';
import { sqliteDatabase } from '../../src/database/sqlite.ts';
import { Catalogue, MAX_PAGE } from '../../src/delivery/catalogue.ts';
import { CATALOGUE_CONTRACT, draftOf } from '../contract/catalogue.contract.ts';

describe('the catalogue in SQLite', () => {
  const database = sqliteDatabase(':memory:');
  beforeAll(async () => void (await migrate(database)));
  afterAll(() => database.close());
  it.each(CATALOGUE_CONTRACT)('$name', ({ check }) => check(database));
});

it('10,000 prompts are ten pages, one query each', async () => {
  const database = sqliteDatabase(':memory:');
  await migrate(database);
  const catalogue = new Catalogue(database);
  for (let i = 0; i < 10_000; i++) {
    await catalogue.put(await draftOf(`p/${String(i).padStart(5, '0')}`, { input: `Prompt ${i}.` }));
  }
  let queries = 0;
  const counting = new Catalogue({
    ...database,
    run(...call) {
      queries++;
      return database.run(...call);
    },
  });
  const names: string[] = [];
  let after: string | undefined;
  do {
    const page = await counting.list({ after, limit: MAX_PAGE, editions: { 'tone-1': 'e1' } });
    names.push(...page.prompts.map(({ name }) => name));
    after = page.next;
  } while (after !== undefined);
  expect(names.length).toBe(10_000);
  expect(new Set(names).size).toBe(10_000);
  expect(queries).toBe(10);
  const plan = await database.run(
    "EXPLAIN QUERY PLAN SELECT 1 FROM prompts p WHERE p.name > ? AND p.name IN (SELECT name FROM prompt_facets WHERE kind = 'tag' AND value = ?) ORDER BY p.name",
    '',
    'ivr',
  );
  expect(plan.rows.map(({ detail }) => detail).join('\n')).not.toMatch(/SCAN (?:p|prompt_facets)\b/);
  database.close();
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../../../src/database/migrate.ts';
import { sqliteDatabase } from '../../../../src/database/sqlite.ts';
import { Catalogue } from '../../../../src/features/prompts/catalogue/catalogue.ts';
import { selectPage } from '../../../../src/features/prompts/catalogue/rows.ts';
import { CATALOGUE_CONTRACT, draftOf } from '../../../contract/catalogue.contract.ts';

describe('the catalogue in SQLite', () => {
  const database = sqliteDatabase(':memory:');
  beforeAll(async () => void (await migrate(database)));
  afterAll(() => database.close());
  it.each(CATALOGUE_CONTRACT)('$name', ({ check }) => check(database));
});

it('250 prompts are three pages of 100, one query each', async () => {
  const database = sqliteDatabase(':memory:');
  await migrate(database);
  const catalogue = new Catalogue(database);
  for (let i = 0; i < 250; i++) {
    await catalogue.put(await draftOf(`p/${String(i).padStart(4, '0')}`, { input: `Prompt ${i}.` }));
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
    const page = await counting.list({ after, limit: 100, editions: { 'tone-1': 'e1' } });
    names.push(...page.prompts.map(({ name }) => name));
    after = page.next;
  } while (after !== undefined);
  expect(names.length).toBe(250);
  expect(new Set(names).size).toBe(250);
  expect(queries).toBe(3);
  database.close();
});

it('no filter scans a table', async () => {
  const database = sqliteDatabase(':memory:');
  await migrate(database);
  const filter = {
    prefix: 'a',
    tag: 'ivr',
    voice: 'hazel',
    model: 'tone-1',
    locale: 'en-AU',
    stale: true,
  };
  const page = { after: 'a', limit: 100, editions: { 'tone-1': 'e1' }, definitions: true };
  for (const deleted of [false, true]) {
    const { sql, values = [] } = selectPage({ ...filter, deleted }, page);
    const { rows } = await database.run(`EXPLAIN QUERY PLAN ${sql}`, ...values);
    const steps = rows.map(({ detail }) => String(detail));
    expect(steps.filter((step) => /^SCAN (?!e\b)|TEMP B-TREE/.test(step))).toEqual([]);
  }
  database.close();
});

import { beforeAll, describe, it } from 'vitest';
import type { Database } from '../../../src/database/database.ts';
import { CATALOGUE_CONTRACT } from '../../contract/catalogue.contract.ts';
import { migratedDatabase } from '../migrated-database.ts';

describe('the catalogue in D1', () => {
  let database: Database;
  beforeAll(async () => {
    database = await migratedDatabase();
  });
  it.each(CATALOGUE_CONTRACT)('$name', ({ check }) => check(database));
});

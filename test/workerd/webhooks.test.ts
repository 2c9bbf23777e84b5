import { beforeAll, describe, inject, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { fetchSender } from '../../src/features/jobs/webhooks/sender.ts';
import { WEBHOOKS_CONTRACT } from '../contract/webhooks.contract.ts';
import { migratedDatabase } from './migrated-database.ts';

describe('webhooks: d1, workerd', () => {
  let database: Database;
  beforeAll(async () => {
    database = await migratedDatabase();
  });
  const sender = fetchSender((...request) => fetch(...request));
  const receiver = inject('webhookReceiver');

  it.each(WEBHOOKS_CONTRACT)('$name', ({ check }) => check({ database, sender, receiver }));
});

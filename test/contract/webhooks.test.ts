import { afterAll, beforeAll, describe, it } from 'vitest';
import { migrate } from '../../src/database/migrate.ts';
import { type SqliteDatabase, sqliteDatabase } from '../../src/database/sqlite.ts';
import { nodeSender } from '../../src/features/jobs/webhooks/node.ts';
import { fetchSender } from '../../src/features/jobs/webhooks/sender.ts';
import { type ReceiverProcess, startReceiver } from '../support/servers/webhook-receiver-process.ts';
import { WEBHOOKS_CONTRACT } from './webhooks.contract.ts';

describe.each(Object.entries({ node: nodeSender, fetch: fetchSender(fetch) }))(
  'webhooks: sqlite, %s',
  (_, sender) => {
    let receiver: ReceiverProcess;
    beforeAll(async () => {
      receiver = await startReceiver();
    });
    afterAll(() => receiver.kill());

    it.each(WEBHOOKS_CONTRACT)('$name', async ({ check }) => {
      const database: SqliteDatabase = sqliteDatabase(':memory:');
      await migrate(database);
      await check({ database, sender, receiver: receiver.url.href });
      database.close();
    });
  },
);

import type { Database } from '../../../database/database.ts';
import { httpsResolver } from './dns-over-https.ts';
import { WebhookSecrets } from './secrets.ts';
import { fetchSender } from './sender.ts';
import { parseWebhookSettings, type WebhookVariables } from './settings.ts';
import type { Webhooks } from './types.ts';
import { createWebhooks } from './webhooks.ts';

/**
 * {@link Webhooks} of a Worker. Events that are not delivered at once wait for `due`, which a cron trigger calls each minute.
 * @throws {SoriError} `not_configured` on a malformed variable.
 */
export function workersWebhooks(
  database: Database,
  variables: WebhookVariables,
  keepAlive: (work: Promise<unknown>) => void,
): Webhooks {
  const { secrets, rules } = parseWebhookSettings(variables);
  // workerd's `fetch` must not be called as a method.
  const fetchHere: typeof fetch = (...request) => fetch(...request);
  return createWebhooks({
    database,
    secrets: new WebhookSecrets(database, secrets),
    sender: fetchSender(fetchHere),
    resolve: httpsResolver(fetchHere),
    rules,
    keepAlive,
    onError: (error) => console.error('A webhook could not be recorded:', error),
  });
}

import type { Database } from '../../../database/database.ts';
import { httpsResolver } from './dns-over-https.ts';
import { WebhookSecrets } from './secrets.ts';
import { fetchSender } from './sender.ts';
import { parseWebhookSettings, type WebhookVariables } from './settings.ts';
import type { Webhooks } from './types.ts';
import { createWebhooks } from './webhooks.ts';

/**
 * {@link Webhooks} of a Worker. What is not delivered at once waits for `due`: a cron trigger calls it each minute.
 * @throws {SoriError} `not_configured` on a malformed variable.
 */
export function workersWebhooks(
  database: Database,
  variables: WebhookVariables,
  keepAlive: (work: Promise<unknown>) => void,
): Webhooks {
  const { secrets, rules } = parseWebhookSettings(variables);
  // Called as a function of its own: workerd's fetch is none of an object's methods.
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

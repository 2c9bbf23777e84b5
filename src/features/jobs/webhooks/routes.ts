import type { OpenAPIHono } from '@hono/zod-openapi';
import { type ErrorCode, SoriError } from '../../../base/errors.ts';
import { readJsonBody } from '../../../http/bodies/json-body.ts';
import { lenient } from '../../../http/bodies/lenient.ts';
import type { AppEnv } from '../../../http/context.ts';
import type { JobDependencies } from '../dependencies.ts';
import { listSecretsDocs, newSecretDocs, redeliverDocs } from './docs.ts';
import { describeDelivery, describeSecret, newSecretSchema } from './schema.ts';
import { WebhookSecrets } from './secrets.ts';

/** Adds `POST /v1/jobs/{id}/webhook/redeliver`, and `POST|GET /v1/webhooks/secret`. */
export function jobWebhookRoutes(app: OpenAPIHono<AppEnv>, { webhooks, database }: JobDependencies): void {
  const secrets = database && new WebhookSecrets(database);
  const present = <T>(what: T | undefined): T => {
    if (what !== undefined) return what;
    throw new SoriError(
      'not_configured',
      'This server sends no webhooks: its operator has not configured them.',
    );
  };
  // Registered by hand: the library's own validator would read a body of any length.
  for (const docs of [redeliverDocs, newSecretDocs, listSecretsDocs]) app.openAPIRegistry.registerPath(docs);

  app.post('/v1/jobs/:id/webhook/redeliver', async (c) => {
    const delivery = await present(webhooks).redeliver(c.req.param('id'), c.get('caller').id);
    if (delivery === undefined) {
      const message = 'Unknown job, a job of another key, or a job without a webhook event yet.';
      throw new SoriError('unknown_job', message);
    }
    c.header('Cache-Control', 'no-store');
    return c.json(describeDelivery(delivery), 202);
  });

  app.post('/v1/webhooks/secret', async (c) => {
    const overlapSeconds = parseOverlap(await readJsonBody(c.req.raw));
    const made = await present(secrets).rotate(c.get('caller').id, overlapSeconds * 1000);
    c.header('Cache-Control', 'no-store');
    return c.json({ ...describeSecret(made), secret: made.secret }, 201);
  });

  app.get('/v1/webhooks/secret', async (c) => {
    const records = await present(secrets).list(c.get('caller').id);
    c.header('Cache-Control', 'no-store');
    return c.json({ object: 'list', data: records.map(describeSecret) });
  });
}

/**
 * @returns seconds of overlap.
 * @throws {SoriError} with the field at fault.
 */
function parseOverlap(given: unknown): number {
  const body = lenient(newSecretSchema, given);
  const result = newSecretSchema.safeParse(body);
  if (result.success) return result.data.overlap_seconds;
  const [issue] = result.error.issues;
  if (issue.code === 'unrecognized_keys') {
    const [param] = issue.keys;
    const message = `Unknown field ${JSON.stringify(param)}; the only field is overlap_seconds.`;
    throw new SoriError('invalid_value', message, { param });
  }
  if (issue.path.length === 0) throw new SoriError('invalid_type', 'The body must be a JSON object.');
  const param = 'overlap_seconds';
  const code: ErrorCode =
    typeof (body as { overlap_seconds: unknown }).overlap_seconds === 'number'
      ? 'invalid_value'
      : 'invalid_type';
  throw new SoriError(
    code,
    'overlap_seconds must be a whole number of seconds from 0 to 2592000 (30 days).',
    { param },
  );
}

import type { OpenAPIHono, z } from '@hono/zod-openapi';
import { SoriError } from '../../base/errors.ts';
import type { Caller, Scope } from '../../http/access.ts';
import { readJsonBody } from '../../http/bodies/json-body.ts';
import type { AppEnv } from '../../http/context.ts';
import type { KeyDependencies } from './dependencies.ts';
import { createKeyDocs, KEY_PAGE, listKeysDocs, revokeKeyDocs, rotateKeyDocs } from './docs.ts';
import { ApiKeys, type NewKey } from './key-store.ts';
import { describeKey, type madeKeySchema, parseNewKey, parseRotation } from './schema.ts';

/** Adds `POST|GET /v1/keys`, `DELETE /v1/keys/{id}` and `POST /v1/keys/{id}/rotate`. */
export function keyRoutes(app: OpenAPIHono<AppEnv>, { access, database }: KeyDependencies): void {
  // Keys can be created while access control is off, for later use.
  const stored = access === 'off' ? database && new ApiKeys(database) : access.keys;
  const keysOf = (): ApiKeys => {
    if (stored !== undefined) return stored;
    throw new SoriError(
      'not_configured',
      'This server stores no keys: its operator has configured no database.',
    );
  };
  // Registered by hand: the library's own validator would read a body of any length.
  for (const docs of [createKeyDocs, listKeysDocs, revokeKeyDocs, rotateKeyDocs]) {
    app.openAPIRegistry.registerPath(docs);
  }

  app.post('/v1/keys', async (c) => {
    const keys = keysOf();
    const { expiresInSeconds, ...asked } = parseNewKey(await readJsonBody(c.req.raw));
    requireScopes(c.get('caller'), asked.scopes);
    const lifeMs = expiresInSeconds === undefined ? undefined : expiresInSeconds * 1000;
    const made = await keys.create(asked, lifeMs, c.get('caller').id);
    c.header('Cache-Control', 'no-store');
    return c.json(describeMade(made), 201);
  });

  app.get('/v1/keys', async (c) => {
    const limit = pageSize(c.req.query('limit'));
    const records = await keysOf().list(limit + 1, c.req.query('after'));
    const page = records.slice(0, limit);
    const more = records.length > limit;
    c.header('Cache-Control', 'no-store');
    return c.json({
      object: 'list',
      data: page.map(describeKey),
      has_more: more,
      next: more ? page[page.length - 1].id : null,
    });
  });

  app.delete('/v1/keys/:id', async (c) => {
    const keys = keysOf();
    const { id } = c.req.param();
    await keys.revoke(id);
    return c.json(describeKey(await keys.get(id)));
  });

  app.post('/v1/keys/:id/rotate', async (c) => {
    const keys = keysOf();
    const { id } = c.req.param();
    const overlapSeconds = parseRotation(await readJsonBody(c.req.raw));
    // A key may rotate only keys with no more scopes than it has.
    requireScopes(c.get('caller'), (await keys.get(id)).scopes);
    const made = await keys.rotate(id, overlapSeconds * 1000);
    c.header('Cache-Control', 'no-store');
    return c.json(describeMade(made));
  });
}

const describeMade = ({ record, key }: NewKey): z.infer<typeof madeKeySchema> => ({
  ...describeKey(record),
  key,
});

/** @throws {SoriError} `insufficient_scope` when a caller grants scopes that it does not have. */
function requireScopes(caller: Caller, scopes: readonly Scope[]): void {
  const missing = scopes.filter((scope) => !caller.scopes.has(scope));
  if (missing.length === 0) return;
  const message = `A key cannot grant scopes that it does not have. Missing scopes: ${missing.join(', ')}.`;
  throw new SoriError('insufficient_scope', message, { param: 'scopes' });
}

function pageSize(given: string | undefined): number {
  if (given === undefined) return KEY_PAGE.usual;
  const limit = Number(given);
  if (/^\d+$/.test(given) && limit >= 1 && limit <= KEY_PAGE.most) return limit;
  const message = `limit must be a whole number from 1 to ${KEY_PAGE.most}.`;
  throw new SoriError('invalid_value', message, { param: 'limit' });
}

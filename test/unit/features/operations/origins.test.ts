import { expect, it } from 'vitest';
import { OriginPool } from '../../../../src/placement/origin-pool.ts';
import { ADMIN_KEY, accessApp } from '../../../support/apps/access-app.ts';

/** An origin that is ready, and one that is not and whose name contains markup. */
function pool() {
  return new OriginPool({
    origins: [
      { url: 'https://a.test', weight: 2 },
      { url: 'https://b.test/<b>', weight: 1 },
    ],
    sign: async () => ({}),
    fetch: async (url) =>
      url === 'https://a.test/readyz'
        ? Response.json({ models: [{ model: 'tone-1', edition: 'x.1.cpu' }] })
        : Response.json({ status: 'unavailable' }, { status: 503 }),
  });
}

it('reports the state of each origin', async () => {
  const { send, makeKey } = await accessApp({ placement: { pool: pool() } });
  const { key } = await makeKey({ scopes: ['usage:read'] });
  const { status, text } = await send('GET', '/v1/origins', key);
  expect(status).toBe(200);
  const a = {
    object: 'origin',
    url: 'https://a.test',
    weight: 2,
    ready: true,
    state: 'closed',
    models: ['tone-1'],
  };
  const b = { ...a, url: 'https://b.test/<b>', weight: 1, ready: false, models: [] };
  expect(JSON.parse(text)).toEqual({ object: 'list', data: [a, b] });
  expect((await send('GET', '/v1/origins')).status).toBe(401);
});

it('returns a page to browsers', async () => {
  const { send } = await accessApp({ placement: { pool: pool() } });
  const { headers, text } = await send('GET', '/v1/origins', ADMIN_KEY, undefined, {
    Accept: 'text/html,*/*',
  });
  expect(headers.get('content-type')).toMatch(/^text\/html/);
  expect(text).toContain('<h1>Origins: 1 of 2 ready</h1>');
  expect(text).toContain('https://b.test/&lt;b&gt;');
});

it('lists none without origins', async () => {
  const { send } = await accessApp();
  expect(JSON.parse((await send('GET', '/v1/origins', ADMIN_KEY)).text)).toEqual({
    object: 'list',
    data: [],
  });
});

it('counts the origins that accept requests', async () => {
  const { send } = await accessApp({ placement: { pool: pool() } });
  const { text } = await send('GET', '/metrics', ADMIN_KEY);
  expect(text).toContain('sori_origin_up{origin="https://a.test"} 1\n');
});

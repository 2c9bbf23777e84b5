import { describe, expect, it } from 'vitest';
import { SoriClient } from '../../../../scripts/sori/client.ts';
import { Catalogue, pathOf } from '../../../../scripts/sori/prompts/catalogue.ts';
import { applySteps } from '../../../../scripts/sori/prompts/sync/apply.ts';
import type { Step } from '../../../../scripts/sori/prompts/sync/plan.ts';
import { startProxy } from '../../../support/servers/proxy.ts';

const NOBODY = new URL('http://127.0.0.1:1');
const quiet = { done: () => {}, say: () => {}, stop: () => {} };
const signal = new AbortController().signal;
const refusal = (status: number, code: string) =>
  Response.json({ error: { message: 'No.', type: 'invalid_request_error', code } }, { status });
const step = (name: string, kind: 'new' | 'changed' = 'changed'): Step => ({
  kind,
  name,
  definition: { input: 'x', voice: 'k' },
  digest: 'd',
  etag: '"1"',
  changes: [],
});

/** Applies steps against a server with prepared answers. */
async function apply(steps: readonly Step[], answer: (method: string, path: string) => Response) {
  await using server = await startProxy({ target: NOBODY, before: answer });
  const catalogue = new Catalogue(new SoriClient({ url: server.url, wait: async () => {} }));
  const outcome = await applySteps(catalogue, steps, { concurrency: 1, progress: quiet, signal });
  return { outcome, requests: server.requests };
}

describe('the catalogue', () => {
  it('is listed with one request a page, whatever it contains', async () => {
    const pages = [['a', 'b'], ['c'], ['d']];
    await using server = await startProxy({
      target: NOBODY,
      before: (_, path) => {
        const after = new URL(path, NOBODY).searchParams.get('after');
        const at = after === null ? 0 : Number(after);
        const next = at + 1 < pages.length ? String(at + 1) : null;
        return Response.json({
          object: 'list',
          data: pages[at].map((name) => ({ name })),
          has_more: next !== null,
          next,
        });
      },
    });
    const catalogue = new Catalogue(new SoriClient({ url: server.url }));
    const prompts = await catalogue.list({ prefix: 'menu/', stale: true });
    expect(prompts.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
    const query = 'prefix=menu%2F&stale=true&limit=1000&include=definition';
    expect(server.requests).toEqual([
      `GET /v1/prompts?${query}`,
      `GET /v1/prompts?${query}&after=1`,
      `GET /v1/prompts?${query}&after=2`,
    ]);
  });

  it('has a path for every name', () => {
    expect(pathOf('menu/a.b_c-d')).toBe('/v1/prompts/menu/a.b_c-d');
    expect(pathOf('a b/?#')).toBe('/v1/prompts/a%20b/%3F%23');
  });
});

describe('applying a plan', () => {
  it('counts changes as done that another sync has made meanwhile', async () => {
    const { outcome, requests } = await apply([step('a')], (method) =>
      method === 'PUT'
        ? refusal(412, 'precondition_failed')
        : Response.json({ name: 'a', digest: 'd', stale: false, etag: '"2"' }),
    );
    expect(outcome).toEqual({ done: 1, failures: [], left: 0 });
    expect(requests).toEqual(['PUT /v1/prompts/a', 'GET /v1/prompts/a']);
  });

  it('continues after an error of one prompt', async () => {
    const { outcome } = await apply([step('a'), step('b', 'new'), step('c')], (_, path) =>
      path.endsWith('b') ? refusal(400, 'unknown_voice') : Response.json({}),
    );
    expect(outcome).toMatchObject({ done: 2, failures: [{ name: 'b' }], left: 0 });
  });

  it.each([
    [401, 'invalid_api_key'],
    [403, 'insufficient_scope'],
    [429, 'insufficient_quota'],
    [501, 'not_configured'],
  ])('stops at %i %s', async (status, code) => {
    const answer = () => {
      const response = refusal(status, code);
      response.headers.set('x-should-retry', 'false');
      return response;
    };
    const { outcome, requests } = await apply([step('a'), step('b')], answer);
    expect(outcome).toMatchObject({ done: 0, failures: [{ name: 'a' }], left: 1 });
    expect(requests).toHaveLength(1);
  });

  it('stops without a server', async () => {
    const catalogue = new Catalogue(new SoriClient({ url: NOBODY, wait: async () => {} }));
    const outcome = await applySteps(catalogue, [step('a'), step('b')], {
      concurrency: 1,
      progress: quiet,
      signal,
    });
    expect(outcome).toMatchObject({
      done: 0,
      failures: [{ name: 'a', message: expect.stringMatching(/can't be reached/) }],
      left: 1,
    });
  });
});

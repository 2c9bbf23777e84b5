import { exports } from 'cloudflare:workers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { PromptAnswer, PromptListAnswer } from '../../src/features/prompts/answer.ts';
import { r2Store } from '../../src/library/stores/r2.ts';
import { PROMPTS_CONTRACT } from '../contract/prompts.contract.ts';
import { promptsApp, TABLE } from '../support/apps/prompts-app.ts';
import { migratedDatabase } from './migrated-database.ts';
import { bucketOf, seedModel } from './seed.ts';

let database: Database;
beforeAll(async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  database = await migratedDatabase();
});
afterAll(() => void vi.restoreAllMocks());

describe('prompts over D1 and R2', () => {
  const store = r2Store(bucketOf());
  it.each(PROMPTS_CONTRACT)('$name', ({ check }) => check({ database, store }));
});

/** An R2 bucket whose writes fail from the `puts`-th on. */
function brokenBucket(puts: number): R2Bucket {
  const bucket = bucketOf();
  let left = puts;
  return new Proxy(bucket, {
    get(target, property) {
      if (property === 'put' && left-- <= 0) {
        return async () => {
          throw new Error('put: We encountered an internal error. Please try again. (10001)');
        };
      }
      const value = Reflect.get(target, property) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe('a bucket that fails', () => {
  const definition = { ...TABLE, formats: ['mp3', 'opus'], locales: { 'en-AU': { voice: 'cameron' } } };

  it.each([0, 1, 2, 3, 4, 5])('after %i writes leaves no row without audio', async (puts) => {
    const name = `broken/after-${puts}`;
    const seeded = { ...definition, seed: 1000 + puts };
    const broken = promptsApp({ database, store: r2Store(brokenBucket(puts)) });
    const response = await broken.put(name, seeded);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    await response.arrayBuffer();
    const { rows } = await database.run('SELECT 1 FROM prompt_versions WHERE name = ?', name);
    expect(rows).toEqual([]);

    const whole = promptsApp({ database, store: r2Store(bucketOf()) });
    const prompt = await whole.bake(name, seeded);
    expect(prompt.version).toBe(1);
    // Masters that were stored completely are not synthesized again. Each locale has a master and two formats.
    expect(whole.tone.count.spoken).toBe(2 - Math.ceil(puts / 3));
    for (const { urls } of Object.values(prompt.audio)) {
      for (const url of Object.values(urls)) {
        const audio = await whole.request(url);
        expect(audio.status).toBe(200);
        expect((await audio.arrayBuffer()).byteLength).toBe(Number(audio.headers.get('content-length')));
      }
    }
  });
});

describe('the Worker', () => {
  const worker = (exports as unknown as { default: Fetcher }).default;
  const request = (path: string, init?: RequestInit) => worker.fetch(`http://localhost${path}`, init);
  const put = (definition: object) =>
    request('/v1/prompts/ivr/table', {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(definition),
    });

  it('bakes with its own model, serves, lists, deletes', async () => {
    await seedModel(bucketOf());
    const definition = { input: 'Hi.', voice: 'hazel', formats: ['mp3', 'mulaw'] };
    const response = await put(definition);
    expect(response.status).toBe(201);
    const prompt = (await response.json()) as PromptAnswer;
    expect(prompt.audio.default.urls.mulaw).toMatch(/^\/audio\/[0-9a-f]{64}\.mulaw$/);
    for (const path of [
      '/prompts/ivr/table.mp3',
      '/prompts/ivr%2Ftable.mulaw',
      prompt.audio.default.urls.mp3!,
    ]) {
      const audio = await request(path);
      expect(audio.status).toBe(200);
      expect((await audio.arrayBuffer()).byteLength).toBe(Number(audio.headers.get('content-length')));
    }
    const again = await put(definition);
    expect([again.status, await again.json()]).toEqual([200, prompt]);
    const list = (await (await request('/v1/prompts?prefix=ivr/&stale=false')).json()) as PromptListAnswer;
    expect(list.data.map(({ name, digest }) => [name, digest])).toEqual([['ivr/table', prompt.digest]]);
    expect((await request('/v1/prompts/ivr/table/purge', { method: 'POST' })).status).toBe(204);
    expect((await request('/v1/prompts/ivr/table', { method: 'DELETE' })).status).toBe(204);
    expect((await request('/prompts/ivr/table.mp3')).status).toBe(410);
  });

  it('reports prompts of another model as stale', async () => {
    await seedModel(bucketOf());
    expect((await put({ input: 'Hi.', voice: 'hazel' })).ok).toBe(true);
    const { rows } = await database.run<{ edition: string }>(
      "SELECT edition FROM prompt_variants WHERE name = 'ivr/table' ORDER BY version DESC",
    );
    expect(rows[0].edition).toMatch(/^[0-9a-f]{64}\./);
    await database.run("UPDATE prompt_variants SET edition = 'older' WHERE name = 'ivr/table'");
    const list = (await (await request('/v1/prompts?prefix=ivr/&stale=true')).json()) as PromptListAnswer;
    expect(list.data.map(({ name, stale }) => [name, stale])).toEqual([['ivr/table', true]]);
    const renewed = (await (await put({ input: 'Hi.', voice: 'hazel' })).json()) as PromptAnswer;
    expect(renewed.stale).toBe(false);
  });
});

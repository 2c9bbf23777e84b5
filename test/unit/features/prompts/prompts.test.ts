import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../../../src/app.ts';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import { migrate } from '../../../../src/database/migrate.ts';
import { sqliteDatabase } from '../../../../src/database/sqlite.ts';
import { MAX_PROMPT_BYTES } from '../../../../src/features/prompts/routes.ts';
import type { ErrorBody } from '../../../../src/http/errors.ts';
import { memoryStore } from '../../../../src/library/stores/memory.ts';
import { PROMPTS_CONTRACT } from '../../../contract/prompts.contract.ts';
import { toneEngine } from '../../../fixtures/tone-engine.ts';
import { promptsApp, TABLE } from '../../../support/apps/prompts-app.ts';

const database = sqliteDatabase(':memory:');
beforeAll(async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  await migrate(database);
});
afterAll(() => {
  vi.restoreAllMocks();
  database.close();
});

describe('prompts over SQLite and memory', () => {
  const store = memoryStore();
  it.each(PROMPTS_CONTRACT)('$name', ({ check }) => check({ database, store }));
});

describe('prompts', () => {
  const errorOf = async (response: Response) => ((await response.json()) as ErrorBody).error;
  const request = (path: string, init?: RequestInit) =>
    promptsApp({ database, store: memoryStore() }).request(path, init);

  it.each([
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=ten', 'limit'],
    ['stale=maybe', 'stale'],
    ['deleted=1', 'deleted'],
    ['include=audio', 'include'],
    ['tag=', 'tag'],
  ])('a list with %s is refused', async (query, param) => {
    const response = await request(`/v1/prompts?${query}`);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_value', param });
  });

  it('bodies are JSON of limited length', async () => {
    const put = (body: string, type = 'application/json') =>
      request('/v1/prompts/a', { method: 'PUT', headers: { 'Content-Type': type }, body });
    expect((await errorOf(await put('{'))).code).toBe('invalid_json');
    expect((await errorOf(await put('{}', 'text/plain'))).code).toBe('unsupported_media_type');
    const long = JSON.stringify({ ...TABLE, description: 'a'.repeat(MAX_PROMPT_BYTES) });
    expect((await errorOf(await put(long))).code).toBe('body_too_large');
  });

  it('need a database, and their audio a store', async () => {
    const { engine } = toneEngine();
    const bare = createApp({ access: 'off', engine, createEncoder });
    const json = { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(TABLE) };
    const calls: [string, RequestInit][] = [
      ['/v1/prompts/a', { method: 'PUT', ...json }],
      ['/v1/prompts/a', {}],
      ['/v1/prompts', {}],
      ['/v1/prompts/a', { method: 'DELETE' }],
      ['/v1/prompts/a/purge', { method: 'POST' }],
      ['/prompts/a.mp3', {}],
    ];
    for (const [path, init] of calls) {
      const response = await bare.request(path, init);
      expect([response.status, (await errorOf(response)).code]).toEqual([501, 'not_configured']);
    }
    const mute = createApp({ access: 'off', engine, createEncoder, database });
    const response = await mute.request('/v1/prompts/mute', { method: 'PUT', ...json });
    expect([response.status, (await errorOf(response)).code]).toEqual([501, 'not_configured']);
    expect((await mute.request('/v1/prompts/mute')).status).toBe(404);
  });

  it('are not configured while the database has no tables', async () => {
    const empty = sqliteDatabase(':memory:');
    const { request } = promptsApp({ database: empty, store: memoryStore() });
    const error = await errorOf(await request('/v1/prompts/a'));
    expect(error).toMatchObject({ code: 'not_configured', message: expect.stringContaining('migrations') });
    empty.close();
  });

  it('answer with a retryable error when a cache cannot be purged', async () => {
    const { bake, request } = promptsApp({ database, store: memoryStore() });
    await bake('purge/failing');
    const app = createApp({
      access: 'off',
      engine: toneEngine().engine,
      createEncoder,
      database,
      edgeCache: {
        automatic: true,
        match: async () => undefined,
        put: async () => {},
        purge: async () => {
          throw new Error('1134 purge limit reached');
        },
      },
    });
    const response = await app.request('/v1/prompts/purge/failing/purge', { method: 'POST' });
    expect([response.status, (await errorOf(response)).code]).toEqual([503, 'storage_unavailable']);
    expect((await request('/v1/prompts/purge/failing')).status).toBe(200);
  });
});

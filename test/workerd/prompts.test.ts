import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { r2Store } from '../../src/delivery/stores/r2.ts';
import { PROMPTS_CONTRACT } from '../contract/prompts.contract.ts';
import { promptsApp, TABLE } from '../support/prompts-app.ts';
import { migratedDatabase } from './migrated-database.ts';
import { bucketOf } from './seed.ts';

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

/** A bucket that does what R2 does, except that nothing can be written from the `puts`-th time on. */
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

  it.each([0, 1, 2, 3, 4, 5])('after %i writes leaves no row that points nowhere', async (puts) => {
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
    // The masters that were stored whole are not made again: a master and two formats a locale.
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

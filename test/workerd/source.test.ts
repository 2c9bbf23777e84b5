import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { httpSource } from '../../src/shards/sources/http.ts';
import { r2Source } from '../../src/shards/sources/r2.ts';
import { sourceContract } from '../contract/source.contract.ts';
import { bucketOf } from './seed.ts';

describe('r2', () => {
  let prefixes = 0;
  sourceContract(async () => {
    const prefix = `test-${prefixes++}/`;
    return {
      source: r2Source(bucketOf(), prefix),
      put: async (key, bytes) => {
        await bucketOf().put(prefix + key, bytes);
      },
    };
  });
});

describe('http', () => {
  it('reads in workerd too, also past its caches', async () => {
    const { MODEL_FILES } = env as unknown as { MODEL_FILES: Fetcher };
    const fetchFiles: typeof fetch = (input, init) => MODEL_FILES.fetch(input as RequestInfo, init);
    const source = httpSource('http://models/tiny/sori-2/1/', { fetch: fetchFiles });
    const manifest = await source.read('manifest.json');
    expect(JSON.parse(new TextDecoder().decode(manifest!)).name).toBe('sori-2');
    expect(await source.read('manifest.json', { fresh: true })).toEqual(manifest);
    expect(await source.read('none.bin')).toBeNull();
  });
});

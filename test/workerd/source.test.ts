import { describe } from 'vitest';
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

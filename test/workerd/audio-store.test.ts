import { describe } from 'vitest';
import { r2Store } from '../../src/delivery/stores/r2.ts';
import { audioStoreContract } from '../contract/audio-store.contract.ts';
import { bucketOf } from './seed.ts';

describe('r2', () => {
  let prefixes = 0;
  audioStoreContract(async () => r2Store(bucketOf(), `audio-${prefixes++}/`));
});

import { describe, expect, it } from 'vitest';
import { r2Store } from '../../src/library/stores/r2.ts';
import { audioStoreContract, keyOf, META, pattern } from '../contract/audio/audio-store.contract.ts';
import { bucketOf } from './seed.ts';

describe('r2', () => {
  let prefixes = 0;
  audioStoreContract(async () => r2Store(bucketOf(), `audio-${prefixes++}/`));

  const name = `${keyOf('a')}.wav`;
  /** A bucket with some of its methods replaced. */
  const changed = (calls: Partial<R2Bucket>) =>
    new Proxy(bucketOf(), {
      get: (bucket, call: keyof R2Bucket) => calls[call] ?? (bucket[call] as () => unknown).bind(bucket),
    });

  it('stores its audio under audio/, with a checksum that R2 has verified', async () => {
    const store = r2Store(bucketOf());
    await store.putIfAbsent(name, pattern(100), META);
    const object = (await bucketOf().head(`audio/${name}`))!;
    const { sha256 } = (await store.head(name))!;
    expect(object.customMetadata).toEqual({ sha256, meta: JSON.stringify(META) });
    expect(object.checksums.toJSON().sha256).toBe(sha256);
    await store.delete([name]);
    expect(await bucketOf().head(`audio/${name}`)).toBeNull();
  });

  it('throws R2’s errors', async () => {
    const broken = async () => {
      throw new Error('R2 is away');
    };
    const store = r2Store(changed({ head: broken, get: broken, put: broken, delete: broken }), 'broken/');
    await expect(store.head(name)).rejects.toThrow('R2 is away');
    await expect(store.get(name)).rejects.toThrow('R2 is away');
    await expect(store.putIfAbsent(name, pattern(1), META)).rejects.toThrow('R2 is away');
    await expect(store.delete([name])).rejects.toThrow('R2 is away');
    const full = r2Store(changed({ put: broken }), 'full/');
    await expect(full.putIfAbsent(name, pattern(1), META)).rejects.toThrow('R2 is away');
    expect(await full.head(name)).toBeNull();
  });

  it('ignores R2’s refusal of a second write of a name within a second', async () => {
    const refusing = async () => {
      throw new Error('put: Reduce your concurrent request rate for the same object. (10058)');
    };
    const winner = r2Store(bucketOf(), 'rate/');
    expect(await winner.putIfAbsent(name, pattern(10), META)).toBe(true);
    const loser = r2Store(changed({ put: refusing }), 'rate/');
    expect(await loser.putIfAbsent(name, pattern(10), META)).toBe(false);
  });

  it('throws on an object that another program has written', async () => {
    await bucketOf().put(`foreign/${name}`, 'RIFF');
    await expect(r2Store(bucketOf(), 'foreign/').head(name)).rejects.toThrow('no audio metadata');
  });

  it('deletes more objects than R2 takes at once', async () => {
    const asked: number[] = [];
    const counting = async (keys: string | string[]) => {
      asked.push(keys.length);
    };
    const names = Array.from({ length: 2500 }, (_, i) => `${keyOf(String(i))}.wav`);
    await r2Store(changed({ delete: counting })).delete(names);
    expect(asked).toEqual([1000, 1000, 500]);
  });
});

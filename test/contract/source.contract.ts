import { describe, expect, it } from 'vitest';
import type { ShardSource } from '../../src/shards/source.ts';

/** A source, and a way to change what it reads from. */
export interface SourceUnderTest {
  readonly source: ShardSource;
  put(key: string, bytes: Uint8Array): Promise<void>;
}

/** What every shard source must do. `create` is called once per test. */
export function sourceContract(create: () => Promise<SourceUnderTest>): void {
  describe('shard source', () => {
    it('reads an object whole, however large', async () => {
      const { source, put } = await create();
      const large = Uint8Array.from({ length: 3_000_001 }, (_, i) => i % 251);
      await put('model/large.bin', large);
      await put('model/small.json', new TextEncoder().encode('{}'));
      const read = await source.read('model/large.bin');
      expect(read?.byteLength).toBe(large.byteLength);
      expect(read?.every((byte, i) => byte === large[i])).toBe(true);
      expect(new TextDecoder().decode((await source.read('model/small.json')) ?? undefined)).toBe('{}');
    });

    it('answers null where there is nothing', async () => {
      const { source, put } = await create();
      await put('model/a.bin', Uint8Array.of(1));
      expect(await source.read('model/b.bin')).toBeNull();
      expect(await source.read('other/a.bin')).toBeNull();
    });

    it('reads an empty object', async () => {
      const { source, put } = await create();
      await put('model/empty.bin', new Uint8Array());
      expect((await source.read('model/empty.bin'))?.byteLength).toBe(0);
    });

    it('sees a change when asked for a fresh read', async () => {
      const { source, put } = await create();
      await put('model/a.bin', Uint8Array.of(1));
      expect([...((await source.read('model/a.bin')) ?? [])]).toEqual([1]);
      await put('model/a.bin', Uint8Array.of(2));
      expect([...((await source.read('model/a.bin', { fresh: true })) ?? [])]).toEqual([2]);
    });

    it("ends with the signal's reason", async () => {
      const { source, put } = await create();
      await put('model/a.bin', Uint8Array.of(1));
      const reason = new Error('client went away');
      const client = new AbortController();
      const reading = source.read('model/a.bin', { signal: client.signal });
      client.abort(reason);
      await expect(reading).rejects.toBe(reason);
      await expect(source.read('model/a.bin', { signal: client.signal })).rejects.toBe(reason);
    });

    it('has a name for messages', async () => {
      expect((await create()).source.name).not.toBe('');
    });
  });
}

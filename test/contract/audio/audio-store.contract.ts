import { describe, expect, it } from 'vitest';
import { longBytes, streamFrom } from '../../../src/library/long-bytes.ts';
import type { AudioMeta, AudioStore } from '../../../src/library/store.ts';

/** A key with `tail` as its last digits. */
export const keyOf = (tail: string) => tail.padStart(64, '0');

/** Metadata as speech has it. */
export const META: AudioMeta = {
  model: 'sori-2@2.0.0',
  voice: 'hazel,clara',
  samples: 24_000,
  long: false,
  characters: 12,
  telephonyLoudness: -23,
  loudness: null,
};

/** Bytes that depend on their position, so that a range shows where it comes from. */
export const pattern = (length: number, seed = 0) =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8) + seed) % 256);

const sha256 = async (bytes: Uint8Array) => {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
};

/** All bytes of a body. */
export const bytesOf = async (body: ReadableStream<Uint8Array> | undefined) => {
  const parts: Uint8Array[] = [];
  const reader = body!.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
    parts.push(value);
  }
};

/** What every audio store must do. `create` is called once per test and gives an empty store. */
export function audioStoreContract(create: () => Promise<AudioStore>): void {
  describe('audio store', () => {
    it.each([0, 1, 70_000, 3_000_001])('returns %d bytes with their metadata', async (length) => {
      const store = await create();
      const name = `${keyOf('a')}.wav`;
      const bytes = pattern(length);
      const before = Math.floor(Date.now() / 1000) * 1000;
      expect(await store.putIfAbsent(name, bytes, META)).toBe(true);
      const { body, ...object } = (await store.get(name))!;
      const read = await bytesOf(body);
      expect(read.length).toBe(length);
      expect(await sha256(read)).toBe(await sha256(bytes));
      expect(object).toEqual({
        size: length,
        sha256: await sha256(bytes),
        stored: expect.any(Date),
        meta: META,
      });
      expect(object.stored.getTime() % 1000).toBe(0);
      expect(object.stored.getTime()).toBeGreaterThanOrEqual(before);
      expect(object.stored.getTime()).toBeLessThanOrEqual(Date.now() + 1000);
      expect(await store.head(name)).toEqual(object);
    });

    it('answers null where there is nothing', async () => {
      const store = await create();
      await store.putIfAbsent(`${keyOf('a')}.wav`, pattern(10), META);
      for (const name of [`${keyOf('b')}.wav`, `${keyOf('a')}.mp3`, `${keyOf('a')}.wav2`]) {
        expect(await store.head(name)).toBeNull();
        expect(await store.get(name)).toBeNull();
        expect(await store.get(name, { offset: 0, length: 1 })).toBeNull();
      }
    });

    it.each([
      [0, 1],
      [0, 100_000],
      [99_999, 1],
      [1, 99_998],
      [65_530, 12],
      [65_536, 1],
    ])('reads from %d on %d bytes', async (offset, length) => {
      const store = await create();
      const bytes = pattern(100_000);
      await store.putIfAbsent(`${keyOf('a')}.mulaw`, bytes, META);
      const object = (await store.get(`${keyOf('a')}.mulaw`, { offset, length }))!;
      expect(object.size).toBe(100_000);
      expect(object.sha256).toBe(await sha256(bytes));
      expect(object.meta).toEqual(META);
      expect(await bytesOf(object.body)).toEqual(bytes.slice(offset, offset + length));
    });

    it('keeps the first bytes of a name', async () => {
      const store = await create();
      const name = `${keyOf('a')}.opus`;
      const first = pattern(1000);
      expect(await store.putIfAbsent(name, first, META)).toBe(true);
      expect(await store.putIfAbsent(name, pattern(2000, 9), { ...META, voice: 'other' })).toBe(false);
      const object = (await store.get(name))!;
      expect(object.meta).toEqual(META);
      expect(await bytesOf(object.body)).toEqual(first);
    });

    it('stores the bytes of exactly one of many writers', async () => {
      const store = await create();
      const name = `${keyOf('a')}.flac`;
      const writers = [0, 1, 2, 3, 4, 5, 6, 7];
      const won = await Promise.all(
        writers.map((seed) =>
          store.putIfAbsent(name, pattern(50_000 + seed, seed), { ...META, samples: seed }),
        ),
      );
      expect(won.filter((wrote) => wrote)).toHaveLength(1);
      const winner = won.indexOf(true);
      const object = (await store.get(name))!;
      expect(object.meta.samples).toBe(winner);
      expect(await bytesOf(object.body)).toEqual(pattern(50_000 + winner, winner));
    });

    it('copies its arguments', async () => {
      const store = await create();
      const name = `${keyOf('a')}.pcm`;
      const bytes = pattern(100);
      await store.putIfAbsent(name, bytes, META);
      bytes.fill(0);
      const read = await bytesOf((await store.get(name))?.body);
      expect(read).toEqual(pattern(100));
      read.fill(0);
      expect(await bytesOf((await store.get(name))?.body)).toEqual(pattern(100));
    });

    it('stores a part of a larger buffer as that part', async () => {
      const store = await create();
      const name = `${keyOf('a')}.pcm`;
      await store.putIfAbsent(name, pattern(1000).subarray(300, 400), META);
      expect((await store.head(name))?.size).toBe(100);
      expect(await bytesOf((await store.get(name))?.body)).toEqual(pattern(1000).slice(300, 400));
    });

    it('stores a stream whole, or not at all', async () => {
      const store = await create();
      const pieces = [pattern(70_000), pattern(1, 3), pattern(200_000, 5)];
      const whole = new Uint8Array(pieces.flatMap((piece) => [...piece]));
      const long = await longBytes(async function* () {
        yield* pieces;
      });
      expect(long).toMatchObject({ size: whole.length, sha256: await sha256(whole) });
      const name = `${keyOf('a')}.wav`;
      expect(await store.putIfAbsent(name, long, META)).toBe(true);
      expect(await store.head(name)).toMatchObject({ size: long.size, sha256: long.sha256, meta: META });
      expect(await bytesOf((await store.get(name))!.body)).toEqual(whole);
      expect(await store.putIfAbsent(name, long, { ...META, voice: 'other' })).toBe(false);
      expect((await store.head(name))!.meta).toEqual(META);

      const broken = {
        ...long,
        open: () =>
          streamFrom(
            (async function* () {
              yield pieces[0];
              throw new Error('The rest is gone.');
            })(),
          ),
      };
      const other = async function* () {
        yield pattern(long.size, 1);
      };
      for (const [tail, bad] of [
        ['b', broken],
        ['c', { ...long, open: () => streamFrom(other()) }],
        ['d', { ...long, size: long.size - 1 }],
      ] as const) {
        await expect(store.putIfAbsent(`${keyOf(tail)}.wav`, bad, META)).rejects.toThrow();
        expect(await store.head(`${keyOf(tail)}.wav`)).toBeNull();
        // A name can be used again after a failed write.
        expect(await store.putIfAbsent(`${keyOf(tail)}.wav`, long, META)).toBe(true);
      }
    });

    it('deletes an object, and can store it again', async () => {
      const store = await create();
      const names = ['a', 'b', 'c'].map((tail) => `${keyOf(tail)}.wav`);
      for (const name of names) await store.putIfAbsent(name, pattern(10), META);
      await store.delete([names[0], names[1], `${keyOf('d')}.wav`]);
      expect(await store.head(names[0])).toBeNull();
      expect(await store.get(names[1])).toBeNull();
      expect(await store.head(names[2])).not.toBeNull();
      await store.delete([]);
      expect(await store.putIfAbsent(names[0], pattern(20), META)).toBe(true);
      expect((await store.head(names[0]))?.size).toBe(20);
    });

    it('lists names in order, a page at a time, with the time at which they were stored', async () => {
      const store = await create();
      expect(await store.list('', 10)).toEqual({ names: [], next: undefined });
      const before = Math.floor(Date.now() / 1000) * 1000;
      const names = ['00b.wav', '00b.mp3', 'ff.wav', '0a.opus', '00a.wav', '1-1.pcm'];
      for (const name of names) await store.putIfAbsent(name, pattern(10), META);
      await store.putIfAbsent('1-2.pcm', pattern(10), META);
      await store.delete(['1-2.pcm']);
      const ordered = [...names].sort();
      for (const limit of [1, 2, 4, 6, 1000]) {
        const seen: string[] = [];
        let after: string | undefined = '';
        while (after !== undefined) {
          const page = await store.list(after, limit);
          expect(page.names.length).toBeLessThanOrEqual(limit);
          for (const { name, stored } of page.names) {
            seen.push(name);
            expect(stored.getTime()).toBeGreaterThanOrEqual(before - 1000);
            expect(stored.getTime()).toBeLessThanOrEqual(Date.now() + 1000);
          }
          after = page.next;
        }
        expect(seen).toEqual(ordered);
      }
      // Names that are added or removed between pages do no harm.
      expect((await store.list('0b.wav', 1000)).names.map(({ name }) => name)).toEqual(['1-1.pcm', 'ff.wav']);
    });

    it('works when a body is not read, or not to its end', async () => {
      const store = await create();
      const name = `${keyOf('a')}.wav`;
      await store.putIfAbsent(name, pattern(300_000), META);
      await (await store.get(name))?.body.cancel();
      const reader = (await store.get(name))!.body.getReader();
      await reader.read();
      await reader.cancel();
      expect((await bytesOf((await store.get(name))?.body)).length).toBe(300_000);
    });

    it.each([
      '',
      '.',
      '..',
      'a',
      '.wav',
      'a.',
      'a.wav/',
      '/a.wav',
      '../a.wav',
      'a/../b.wav',
      'a\\b.wav',
      'A.wav',
      'a.WAV',
      'a b.wav',
      'a.b.wav',
      'a%2e.wav',
      'a.wav\n',
      'a\0.wav',
      'é.wav',
      '-a.wav',
      `${'a'.repeat(129)}.wav`,
    ])('refuses the name %j', async (name) => {
      const store = await create();
      await expect(store.head(name)).rejects.toThrow(RangeError);
      await expect(store.get(name)).rejects.toThrow(RangeError);
      await expect(store.putIfAbsent(name, pattern(1), META)).rejects.toThrow(RangeError);
      await expect(store.delete([name])).rejects.toThrow(RangeError);
    });
  });
}

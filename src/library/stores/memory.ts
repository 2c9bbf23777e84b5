import { wholeSecond } from '../../base/http-date.ts';
import { sha256Hex } from '../../base/sha256.ts';
import { changedBytes } from '../long-bytes.ts';
import type { AudioHead, AudioObject, AudioStore, ByteRange, LongBytes } from '../store.ts';
import { checkName } from './names.ts';

/** Stores audio in memory, for tests and experiments. */
export function memoryStore(): AudioStore {
  const objects = new Map<string, { readonly head: AudioHead; readonly bytes: Uint8Array<ArrayBuffer> }>();
  return {
    async head(name) {
      checkName(name);
      return objects.get(name)?.head ?? null;
    },
    async get(name, range?: ByteRange): Promise<AudioObject | null> {
      checkName(name);
      const found = objects.get(name);
      if (!found) return null;
      const { offset, length } = range ?? { offset: 0, length: found.bytes.length };
      return { ...found.head, body: streamOf(found.bytes.slice(offset, offset + length)) };
    },
    async putIfAbsent(name, bytes, meta) {
      checkName(name);
      const kept = await copyOf(bytes);
      const sha256 = await sha256Hex(kept);
      // No await from here on, so no other writer can take the name in between.
      if (objects.has(name)) return false;
      const head = { size: kept.length, sha256, stored: wholeSecond(Date.now()), meta: { ...meta } };
      objects.set(name, { head, bytes: kept });
      return true;
    },
    async list(after, limit) {
      const all = [...objects]
        .map(([name, { head }]) => ({ name, stored: head.stored }))
        .filter(({ name }) => name > after)
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const names = all.slice(0, limit);
      return { names, next: all.length > limit ? names.at(-1)?.name : undefined };
    },
    async delete(names) {
      names.forEach(checkName);
      for (const name of names) objects.delete(name);
    },
  };
}

async function copyOf(bytes: Uint8Array | LongBytes): Promise<Uint8Array<ArrayBuffer>> {
  if (bytes instanceof Uint8Array) return bytes.slice();
  const read = new Uint8Array(await new Response(bytes.open()).arrayBuffer());
  if (read.length !== bytes.size || (await sha256Hex(read)) !== bytes.sha256) throw changedBytes();
  return read;
}

/** A stream of one piece, or of none if it is empty. */
function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

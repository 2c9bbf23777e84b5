import { wholeSecond } from '../../base/http-date.ts';
import { sha256Hex } from '../../base/sha256.ts';
import type { AudioHead, AudioMeta, AudioStore, LongBytes } from '../store.ts';
import { checkName, isName } from './names.ts';

/** Most objects in one delete call of R2. */
const DELETE_AT_ONCE = 1000;

/**
 * Stores audio in an R2 bucket. R2 verifies the SHA-256 on upload and shows only complete objects.
 * @param prefix prefix of every object name.
 */
export function r2Store(bucket: R2Bucket, prefix = 'audio/'): AudioStore {
  const keyOf = (name: string) => {
    checkName(name);
    return prefix + name;
  };
  return {
    async head(name) {
      const object = await bucket.head(keyOf(name));
      return object && headOf(object);
    },
    async get(name, range) {
      const object = await bucket.get(keyOf(name), range && { range });
      return object && { ...headOf(object), body: object.body };
    },
    async putIfAbsent(name, bytes, meta, known) {
      const key = keyOf(name);
      const sha256 = bytes instanceof Uint8Array ? (known ?? (await sha256Hex(bytes))) : bytes.sha256;
      const options = {
        onlyIf: { etagDoesNotMatch: '*' },
        sha256,
        customMetadata: { sha256, meta: JSON.stringify(meta) },
      };
      try {
        if (bytes instanceof Uint8Array) return (await bucket.put(key, bytes, options)) !== null;
        // Do not read the body when the condition fails.
        if (await bucket.head(key)) return false;
        return (await putLong(bytes, (body) => bucket.put(key, body, options))) !== null;
      } catch (error) {
        // R2 accepts one write per key and second and answers others with an error: another writer may have succeeded.
        if (await bucket.head(key)) return false;
        throw error;
      }
    },
    async list(after, limit) {
      const options = { prefix, limit, ...(after !== '' && { startAfter: prefix + after }) };
      const { objects, truncated } = await bucket.list(options);
      const all = objects.map(({ key, uploaded }) => ({
        name: key.slice(prefix.length),
        stored: wholeSecond(uploaded.getTime()),
      }));
      const next = truncated ? all.at(-1)?.name : undefined;
      return { names: all.filter(({ name }) => isName(name)), next };
    },
    async delete(names) {
      const keys = names.map(keyOf);
      for (let at = 0; at < keys.length; at += DELETE_AT_ONCE) {
        await bucket.delete(keys.slice(at, at + DELETE_AT_ONCE));
      }
    },
  };
}

/** R2 accepts only streams of a known length. */
async function putLong<T>(
  { size, open }: LongBytes,
  put: (body: ReadableStream<Uint8Array>) => Promise<T>,
): Promise<T> {
  const { readable, writable } = new FixedLengthStream(size);
  const stop = new AbortController();
  // The reader of the other end receives the error.
  const piped = open()
    .pipeTo(writable, { signal: stop.signal })
    .catch(() => {});
  try {
    return await put(readable);
  } finally {
    // A writer that lost to another one has not read the stream.
    stop.abort();
    await piped;
  }
}

function headOf({ key, size, uploaded, customMetadata }: R2Object): AudioHead {
  if (!customMetadata?.sha256 || !customMetadata.meta) {
    throw new Error(`R2 object ${key} was not written by this store: it has no audio metadata.`);
  }
  return {
    size,
    sha256: customMetadata.sha256,
    stored: wholeSecond(uploaded.getTime()),
    meta: JSON.parse(customMetadata.meta) as AudioMeta,
  };
}

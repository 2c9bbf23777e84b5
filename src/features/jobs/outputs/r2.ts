import type { JobOutputs } from './outputs.ts';

/**
 * Stores files in an R2 bucket, which shows only complete objects.
 * @param prefix put before every name.
 */
export function r2Outputs(bucket: R2Bucket, prefix = 'jobs/'): JobOutputs {
  const keyOf = (job: string, name: string) => `${prefix}${job}/${name}`;
  return {
    async put(job, name, bytes) {
      if (bytes instanceof Uint8Array) {
        await bucket.put(keyOf(job, name), bytes);
        return;
      }
      const { readable, writable } = new FixedLengthStream(bytes.size);
      const stop = new AbortController();
      // The reader of the other end receives the error.
      const piped = bytes
        .open()
        .pipeTo(writable, { signal: stop.signal })
        .catch(() => {});
      try {
        await bucket.put(keyOf(job, name), readable);
      } finally {
        stop.abort();
        await piped;
      }
    },
    async get(job, name) {
      return (await bucket.get(keyOf(job, name)))?.body ?? null;
    },
    async has(job, name) {
      return (await bucket.head(keyOf(job, name))) !== null;
    },
    async remove(job, prefix = '') {
      for (;;) {
        const { objects, truncated } = await bucket.list({ prefix: keyOf(job, prefix) });
        if (objects.length > 0) await bucket.delete(objects.map(({ key }) => key));
        if (!truncated) return;
      }
    },
  };
}

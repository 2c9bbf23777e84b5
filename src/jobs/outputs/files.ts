import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { type JobOutputs, outputName } from './outputs.ts';

/** Keeps outputs in a folder, which is made when it is first needed. */
export function fileOutputs(folder: string): JobOutputs {
  const pathOf = (job: string) => join(folder, outputName(job));
  return {
    async put(job, text) {
      const path = pathOf(job);
      await mkdir(dirname(path), { recursive: true });
      const draft = `${path}.${randomUUID()}`;
      await writeFile(draft, text, { flush: true });
      await rename(draft, path);
    },
    async get(job) {
      const path = pathOf(job);
      const there = await access(path).then(
        () => true,
        () => false,
      );
      return there ? (Readable.toWeb(createReadStream(path)) as unknown as ReadableStream<Uint8Array>) : null;
    },
  };
}

import type { JobOutputs } from './outputs.ts';

/** Stores files in memory. */
export function memoryOutputs(): JobOutputs {
  const jobs = new Map<string, Map<string, Uint8Array<ArrayBuffer>>>();
  return {
    async put(job, name, bytes) {
      const body = bytes instanceof Uint8Array ? new Blob([bytes.slice()]).stream() : bytes.open();
      const read = new Uint8Array(await new Response(body).arrayBuffer());
      const files = jobs.get(job) ?? new Map();
      files.set(name, read);
      jobs.set(job, files);
    },
    async get(job, name) {
      const bytes = jobs.get(job)?.get(name);
      return bytes === undefined ? null : new Blob([bytes]).stream();
    },
    async has(job, name) {
      return jobs.get(job)?.has(name) ?? false;
    },
    async remove(job, prefix = '') {
      const files = jobs.get(job);
      for (const name of [...(files?.keys() ?? [])]) if (name.startsWith(prefix)) files?.delete(name);
      if (files?.size === 0) jobs.delete(job);
    },
  };
}

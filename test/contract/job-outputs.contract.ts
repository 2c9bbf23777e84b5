import { expect } from 'vitest';
import type { JobOutputs } from '../../src/features/jobs/outputs/outputs.ts';
import { longBytes, streamFrom } from '../../src/library/long-bytes.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = async (outputs: JobOutputs, job: string, name: string) => {
  const found = await outputs.get(job, name);
  return found === null ? null : await new Response(found).text();
};

async function* broken() {
  yield bytes('begun');
  throw new Error('The rest is gone.');
}

/** What every driver of `JobOutputs` must do. */
export const JOB_OUTPUTS_CONTRACT: readonly { name: string; check(outputs: JobOutputs): Promise<void> }[] = [
  {
    name: 'returns the last value stored under a name',
    async check(outputs) {
      expect(await textOf(outputs, 'job_a', 'x')).toBeNull();
      expect(await outputs.has('job_a', 'x')).toBe(false);
      await outputs.put('job_a', 'x', bytes('first'));
      await outputs.put('job_a', 'x', bytes('second'));
      expect(await textOf(outputs, 'job_a', 'x')).toBe('second');
      expect(await outputs.has('job_a', 'x')).toBe(true);
      expect(await outputs.has('job_b', 'x')).toBe(false);
    },
  },
  {
    name: 'stores streams completely or not at all',
    async check(outputs) {
      const lines = Array.from({ length: 1000 }, (_, i) => `{"line":${i}}\n`);
      const long = await longBytes(async function* () {
        for (const line of lines) yield bytes(line);
      });
      await outputs.put('job_a', 'lines', long);
      expect(await textOf(outputs, 'job_a', 'lines')).toBe(lines.join(''));
      const bad = { size: 100, open: () => streamFrom(broken()) };
      await expect(outputs.put('job_a', 'bad', bad)).rejects.toThrow();
      expect(await outputs.has('job_a', 'bad')).toBe(false);
      await expect(outputs.put('job_a', 'lines', bad)).rejects.toThrow();
      expect(await textOf(outputs, 'job_a', 'lines')).toBe(lines.join(''));
    },
  },
  {
    name: 'deletes names on request',
    async check(outputs) {
      for (const name of ['draft.0', 'draft.1', 'output']) await outputs.put('job_a', name, bytes(name));
      await outputs.put('job_ab', 'draft.0', bytes('other'));
      await outputs.remove('job_a', 'draft.');
      expect(await outputs.has('job_a', 'draft.0')).toBe(false);
      expect(await outputs.has('job_a', 'draft.1')).toBe(false);
      expect(await textOf(outputs, 'job_a', 'output')).toBe('output');
      await outputs.remove('job_a');
      expect(await outputs.has('job_a', 'output')).toBe(false);
      // Removing outputs that do not exist is no error.
      await outputs.remove('job_a');
      expect(await textOf(outputs, 'job_ab', 'draft.0')).toBe('other');
    },
  },
];

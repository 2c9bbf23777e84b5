import { type JobOutputs, outputName } from './outputs.ts';

/** Keeps outputs in this process. */
export function memoryOutputs(): JobOutputs {
  const texts = new Map<string, string>();
  return {
    async put(job, text) {
      texts.set(outputName(job), text);
    },
    async get(job) {
      const text = texts.get(outputName(job));
      return text === undefined ? null : new Blob([text]).stream();
    },
  };
}

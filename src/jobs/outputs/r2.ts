import { type JobOutputs, outputName } from './outputs.ts';

/**
 * Keeps outputs in an R2 bucket.
 * @param prefix put before every name.
 */
export function r2Outputs(bucket: R2Bucket, prefix = 'jobs/'): JobOutputs {
  return {
    async put(job, text) {
      const httpMetadata = { contentType: 'application/jsonl; charset=utf-8' };
      await bucket.put(prefix + outputName(job), text, { httpMetadata });
    },
    async get(job) {
      return (await bucket.get(prefix + outputName(job)))?.body ?? null;
    },
  };
}

import { describe, it } from 'vitest';
import { r2Outputs } from '../../src/features/jobs/outputs/r2.ts';
import { JOB_OUTPUTS_CONTRACT } from '../contract/job-outputs.contract.ts';
import { bucketOf } from './seed.ts';

describe('files of jobs in R2', () => {
  it.each(JOB_OUTPUTS_CONTRACT)('$name', ({ check }) =>
    check(r2Outputs(bucketOf(), `outputs-${crypto.randomUUID()}/`)),
  );
});

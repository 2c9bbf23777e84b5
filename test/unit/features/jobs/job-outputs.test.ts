import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileOutputs } from '../../../../src/features/jobs/outputs/files.ts';
import { memoryOutputs } from '../../../../src/features/jobs/outputs/memory.ts';
import { JOB_OUTPUTS_CONTRACT } from '../../../contract/job-outputs.contract.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sori-outputs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('files of jobs in memory', () => {
  it.each(JOB_OUTPUTS_CONTRACT)('$name', ({ check }) => check(memoryOutputs()));
});

describe('files of jobs in a folder', () => {
  it.each(JOB_OUTPUTS_CONTRACT)('$name', async ({ check }) => {
    await check(fileOutputs(join(folder, 'jobs')));
    // No temporary file is left.
    const names = await readdir(folder, { recursive: true });
    expect(names.filter((name) => name.includes('~'))).toEqual([]);
  });
});

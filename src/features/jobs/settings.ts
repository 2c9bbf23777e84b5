import { SoriError } from '../../base/errors.ts';
import type { JobStoreOptions } from './stores/sqlite.ts';

const HOUR_MS = 3_600_000;

/** Variables for the waiting time and the retention of jobs. */
export interface JobVariables {
  /** Days that a job is kept after its end; default 30. */
  readonly KEEP_JOBS_DAYS?: string;
  /** Hours that a job may wait for an unavailable origin; default 24. */
  readonly JOB_WAIT_HOURS?: string;
}

/**
 * Reads the variables; what is empty counts as not set.
 * @throws {SoriError} `not_configured` on a malformed one.
 */
export function parseJobSettings({ KEEP_JOBS_DAYS, JOB_WAIT_HOURS }: JobVariables): JobStoreOptions {
  return jobSettings({
    keepDays: wholeNumber('KEEP_JOBS_DAYS', KEEP_JOBS_DAYS, 1),
    waitHours: wholeNumber('JOB_WAIT_HOURS', JOB_WAIT_HOURS, 0),
  });
}

/** The same of numbers. */
export function jobSettings({
  keepDays,
  waitHours,
}: {
  keepDays?: number;
  waitHours?: number;
}): JobStoreOptions {
  return {
    keepMs: keepDays === undefined ? undefined : keepDays * 24 * HOUR_MS,
    patienceMs: waitHours === undefined ? undefined : waitHours * HOUR_MS,
  };
}

function wholeNumber(name: string, text: string | undefined, least: number): number | undefined {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') return undefined;
  if (/^\d{1,6}$/.test(trimmed) && Number(trimmed) >= least) return Number(trimmed);
  throw new SoriError('not_configured', `${name} must be a whole number, ${least} or more.`);
}

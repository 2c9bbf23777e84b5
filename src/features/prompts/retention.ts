import { SoriError } from '../../base/errors.ts';
import type { HousekeepingTask } from '../../base/housekeeping.ts';
import type { Database } from '../../database/database.ts';
import type { AudioLibrary } from '../../library/library.ts';
import { pruneAudio } from '../../library/prune-audio.ts';
import type { AudioStore } from '../../library/store.ts';
import { pruneVersions, type Retention } from './prune-versions.ts';

export type { Retention };

/** Variables of the retention. */
export interface RetentionVariables {
  readonly KEEP_VERSIONS?: string;
  readonly KEEP_AUDIO_DAYS?: string;
}

/** Fewest days: younger audio may belong to a job that has not joined it yet. */
export const LEAST_AUDIO_DAYS = 2;

/**
 * Reads the variables; what is empty counts as not set.
 * @throws {SoriError} `not_configured` on a malformed one.
 */
export function parseRetention({ KEEP_VERSIONS, KEEP_AUDIO_DAYS }: RetentionVariables): Retention {
  return {
    versions: wholeNumber('KEEP_VERSIONS', KEEP_VERSIONS, 1),
    audioDays: wholeNumber('KEEP_AUDIO_DAYS', KEEP_AUDIO_DAYS, LEAST_AUDIO_DAYS),
  };
}

function wholeNumber(name: string, text: string | undefined, least: number): number | undefined {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') return undefined;
  const value = /^\d{1,6}$/.test(trimmed) ? Number(trimmed) : 0;
  if (value >= least) return value;
  throw new SoriError('not_configured', `${name} must be a whole number of at least ${least}, or empty.`);
}

/** The stores that retention works on. */
export interface RetentionPlaces {
  readonly database: Database;
  readonly store: AudioStore;
  readonly library: Pick<AudioLibrary, 'remove'>;
}

/** The housekeeping tasks of a retention; none by default. */
export function retentionTasks(
  { database, store, library }: RetentionPlaces,
  { versions, audioDays }: Retention,
): Record<string, HousekeepingTask> {
  const prunesVersions = versions !== undefined || audioDays !== undefined;
  return {
    // Remove versions first, so that their audio can be removed in the same run.
    ...(prunesVersions && { prompt_versions: pruneVersions(database, { versions, audioDays }) }),
    ...(audioDays !== undefined && { audio: pruneAudio({ database, store, library, days: audioDays }) }),
  };
}

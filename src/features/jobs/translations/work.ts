import type { AudioFormatId } from '../../../audio/format.ts';
import { type JobTranslation, translateForJob } from '../../speech-translation/index.ts';
import type { AnalysisContext } from '../../voices/index.ts';
import type { JobDependencies } from '../dependencies.ts';
import type { Jobs } from '../jobs.ts';
import type { Job } from '../machine.ts';
import { writeLines } from '../speech/batch.ts';
import type { JobRequest, StepOutcome } from '../stores/store.ts';
import { uploadsOf } from '../voices/work.ts';

/** The stored request of a translation job; its recording is stored separately. */
export interface TranslationJobRequest extends JobTranslation {
  readonly upload: string;
}

/**
 * Translates the recording of a job. A repeated run finds the stored audio.
 * @throws {SoriError} as `POST /v1/audio/speech-translations` does.
 */
export async function translateRecordingOfJob(
  deps: JobDependencies,
  jobs: Jobs,
  { id, owner }: Job,
  stored: JobRequest,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const { upload, ...translation } = translationRequestOf(stored);
  const [bytes] = await uploadsOf(deps, jobs).read(upload, 1);
  const preferences = { respondAsync: false, waitMs: 0 };
  const context: AnalysisContext = { caller: owner, requestId: id, signal, preferences, keepAlive: () => {} };
  try {
    const made = await translateForJob({ ...deps, owner }, translation, bytes, {
      job: id,
      context,
      onProgress: (share) => jobs.parts?.set(id, Math.round(share * 1000) / 1000),
      storeSegments: (segments) => writeLines(jobs.outputs, id, segments),
    });
    return { ...made };
  } finally {
    jobs.parts?.delete(id);
  }
}

/** The format of a translation job's audio. */
export const translationFormatOf = (stored: JobRequest): AudioFormatId => translationRequestOf(stored).format;

const translationRequestOf = (stored: JobRequest): TranslationJobRequest =>
  stored as unknown as TranslationJobRequest;

import type { Context } from 'hono';
import { SoriError } from '../../base/errors.ts';
import { readUpload } from '../../http/bodies/form-body.ts';
import type { AppEnv } from '../../http/context.ts';
import { MAX_VOICE_BYTES } from '../voices/index.ts';
import type { JobDependencies } from './dependencies.ts';
import type { Jobs } from './jobs.ts';
import { createTranslationJob } from './translations/create.ts';
import { createVoiceJob } from './voices/create.ts';

/** Whether this is the body of a job with recordings, which is a form; other jobs are sent as JSON. */
export const isJobForm = (request: Request): boolean =>
  /^multipart\/form-data\s*;/i.test(request.headers.get('content-type')?.trim() ?? '');

/**
 * Creates the job of a form and answers with it.
 * @param key the request's idempotency key.
 * @throws {SoriError} `invalid_value` for jobs of other kinds; `body_too_large`; as {@link createVoiceJob} and {@link createTranslationJob}.
 */
export async function createFormJob(
  c: Context<AppEnv>,
  deps: JobDependencies,
  jobs: Jobs,
  key: string | undefined,
): Promise<Response> {
  const form = await readUpload(deps, c.req.raw, MAX_VOICE_BYTES);
  const kind = form.text('kind')?.toLowerCase();
  if (kind === 'voice') return await createVoiceJob(c, deps, jobs, form, key);
  if (kind === 'speech-translation') return await createTranslationJob(c, deps, jobs, form, key);
  const message =
    'A form creates a job of kind voice or speech-translation; send jobs of other kinds as JSON.';
  throw new SoriError('invalid_value', message, { param: 'kind' });
}

import type { Context } from 'hono';
import { sha256Hex } from '../../../base/sha256.ts';
import type { FormBody } from '../../../http/bodies/form-body.ts';
import type { AppEnv } from '../../../http/context.ts';
import { ofOwner } from '../../speech/index.ts';
import { checkTranslation, parseTranslationJob } from '../../speech-translation/index.ts';
import { answerNew } from '../answer.ts';
import { checkWebhook, digestOf, mayBeStored } from '../create.ts';
import type { JobDependencies } from '../dependencies.ts';
import type { Jobs } from '../jobs.ts';
import { uploadsOf } from '../voices/work.ts';
import type { TranslationJobRequest } from './work.ts';

/**
 * Creates a job that translates a recording, and answers with it. All but the recording is checked now.
 * @param key the request's idempotency key.
 * @throws {SoriError} as `POST /v1/audio/speech-translations` before its work; `invalid_webhook`, `idempotency_mismatch`, `too_many_jobs`,
 *   `storage_unavailable`.
 */
export async function createTranslationJob(
  c: Context<AppEnv>,
  deps: JobDependencies,
  jobs: Jobs,
  form: FormBody,
  key: string | undefined,
): Promise<Response> {
  const owner = c.get('caller').id;
  const { file, ...translation } = parseTranslationJob(form);
  const webhook = form.text('webhook') || undefined;
  const bytes = new Uint8Array(await file.arrayBuffer());
  const hash = await sha256Hex(bytes);
  const idempotency = key && { key, digest: await digestOf({ ...translation, hash, webhook }) };
  // Checked first, because voices, models and webhook receivers may have changed since the job was created.
  const known = idempotency && (await jobs.store.made(owner, idempotency));
  if (known) {
    if (known.state === 'queued') await jobs.queue.send(known.id);
    return answerNew(c, known, false);
  }
  await checkWebhook(deps, webhook, owner);
  await checkTranslation(ofOwner(deps, owner), translation, c.req.raw.signal);
  const uploads = uploadsOf(deps, jobs);
  const upload = await uploads.take(owner, [bytes]);
  const request: TranslationJobRequest = { ...translation, upload };
  try {
    const { job, created } = await jobs.store.create({
      owner,
      kind: 'speech-translation',
      steps: 1,
      createdAt: Date.now(),
      webhook,
      request: { ...request },
      idempotency: idempotency || undefined,
    });
    if (!created) await uploads.drop(upload);
    // The process that created the job may have ended before it sent the message.
    if (created || job.state === 'queued') await jobs.queue.send(job.id);
    return answerNew(c, job, created);
  } catch (error) {
    // A job that was stored but not sent is sent later and still has its recording.
    if (!mayBeStored(error)) await uploads.drop(upload).catch(() => {});
    throw error;
  }
}

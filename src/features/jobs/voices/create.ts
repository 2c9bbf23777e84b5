import type { Context } from 'hono';
import { SoriError } from '../../../base/errors.ts';
import type { FormBody } from '../../../http/bodies/form-body.ts';
import type { AppEnv } from '../../../http/context.ts';
import { requireReferences } from '../../speech/index.ts';
import {
  analysisContextOf,
  type CloningContext,
  cloningContextOf,
  prepareVoice,
  randomId,
  type SentRecording,
  type VoiceForm,
  voiceFormOf,
} from '../../voices/index.ts';
import { answerNew } from '../answer.ts';
import { checkWebhook, digestOf, mayBeStored } from '../create.ts';
import type { JobDependencies } from '../dependencies.ts';
import type { Jobs } from '../jobs.ts';
import { recordingsOf, uploadsOf, type VoiceJobRequest } from './work.ts';

/**
 * Creates a voice job and answers with it. Everything that needs no analysis is validated now.
 * @param key the request's idempotency key.
 * @throws {SoriError} as `POST /v1/voices` before its analysis; `invalid_webhook`, `idempotency_mismatch`,
 *   `too_many_jobs`, `storage_unavailable`.
 */
export async function createVoiceJob(
  c: Context<AppEnv>,
  deps: JobDependencies,
  jobs: Jobs,
  body: FormBody,
  key: string | undefined,
): Promise<Response> {
  requireReferences(deps.referenceStyles);
  const context = analysisContextOf(c);
  const { caller: owner } = context;
  const cloning = cloningContextOf(deps, owner, context);
  const { consents } = cloning;
  const uploads = uploadsOf(deps, jobs);
  const form = voiceFormOf(body);
  const webhook = body.text('webhook') || undefined;
  await checkWebhook(deps, webhook, owner);
  const recordings = await checkedRecordings(cloning, form, key !== undefined);
  const { files, consent: given, ...rest } = form;
  const consent = given.kind === 'recording' ? { kind: given.kind, id: given.id } : given;
  const hashes = recordings.map(({ sha256 }) => sha256);
  const digest = key && (await digestOf({ form: rest, consent, hashes, webhook }));
  const upload = await uploads.take(
    owner,
    recordings.map(({ bytes }) => bytes),
  );
  const claim = { id: consent.kind === 'recording' ? consent.id : '', owner };
  let sentence: string | undefined;
  const undo = async () => {
    await uploads.drop(upload);
    if (sentence !== undefined) await consents.release(claim);
  };
  try {
    if (consent.kind === 'recording') sentence = await consents.reserve(claim).catch(usedBefore(key));
    const request: VoiceJobRequest = {
      voice: randomId('vce_'),
      upload,
      files: files.length,
      form: rest,
      consent: consent.kind === 'recording' ? { ...consent, sentence } : consent,
    };
    const { job, created } = await jobs.store.create({
      owner,
      kind: 'voice',
      steps: 1,
      createdAt: Date.now(),
      webhook,
      request: { ...request },
      idempotency: key && digest ? { key, digest } : undefined,
    });
    if (!created) await undo();
    // The process that created the job may have ended before it sent the message.
    if (created || job.state === 'queued') await jobs.queue.send(job.id);
    return answerNew(c, job, created);
  } catch (error) {
    // A job that was stored but not sent is sent later and still has its recordings.
    if (!mayBeStored(error)) await undo().catch(() => {});
    throw error;
  }
}

/** With an idempotency key the consent may belong to the existing job; otherwise the runner rejects it. */
function usedBefore(key: string | undefined): (error: unknown) => undefined {
  return (error) => {
    if (key !== undefined && error instanceof SoriError && error.code === 'invalid_consent') return undefined;
    throw error;
  };
}

/**
 * Parses a form before its analysis.
 * @param again whether the job may exist already; then its consent is used, which is no error.
 */
async function checkedRecordings(
  cloning: CloningContext,
  form: VoiceForm,
  again: boolean,
): Promise<readonly SentRecording[]> {
  let recordings: readonly SentRecording[] | undefined;
  try {
    const { model, files, consent } = await prepareVoice(cloning, form);
    recordings = consent ? [...files, consent.reading] : files;
    cloning.place(model, recordings);
  } catch (error) {
    const code = error instanceof SoriError ? error.code : undefined;
    // A job waits for an origin.
    if (code !== 'origin_unavailable' && !(again && code === 'invalid_consent')) throw error;
  }
  return recordings ?? (await recordingsOf(form));
}

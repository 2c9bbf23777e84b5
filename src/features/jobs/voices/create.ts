import type { Context } from 'hono';
import { type CanonicalValue, canonicalJson } from '../../../base/canonical-json.ts';
import { SoriError } from '../../../base/errors.ts';
import { sha256Hex } from '../../../base/sha256.ts';
import type { AppEnv } from '../../../http/context.ts';
import { readUpload } from '../../../http/form-body.ts';
import { requireReferences } from '../../speech/index.ts';
import {
  analysisContextOf,
  type CloningContext,
  cloningContextOf,
  MAX_VOICE_BYTES,
  prepareVoice,
  randomId,
  type SentRecording,
  type VoiceForm,
  voiceFormOf,
} from '../../voices/index.ts';
import { answerNew } from '../answer.ts';
import type { JobDependencies } from '../dependencies.ts';
import type { Jobs } from '../jobs.ts';
import { recordingsOf, uploadsOf, type VoiceJobRequest } from './work.ts';

/** Is this the body of a job of kind voice? Recordings come in forms, all else as JSON. */
export const isVoiceJob = (request: Request): boolean =>
  /^multipart\/form-data\s*;/i.test(request.headers.get('content-type')?.trim() ?? '');

/**
 * Makes a job that makes a voice, and answers with it. What can be refused before recordings are heard is refused now.
 * @param key the request's idempotency key.
 * @throws {SoriError} as `POST /v1/voices` does, except for what is only heard; `invalid_webhook`, `idempotency_mismatch`,
 *   `too_many_jobs`, `storage_unavailable`.
 */
export async function createVoiceJob(
  c: Context<AppEnv>,
  deps: JobDependencies,
  jobs: Jobs,
  key: string | undefined,
): Promise<Response> {
  requireReferences(deps.referenceStyles);
  const context = analysisContextOf(c);
  const { caller: owner } = context;
  const cloning = cloningContextOf(deps, owner, context);
  const { consents } = cloning;
  const uploads = uploadsOf(deps, jobs);
  const body = await readUpload(deps, c.req.raw, MAX_VOICE_BYTES);
  if (body.text('kind') !== 'voice') {
    const message = 'A form makes a job of kind voice; jobs of other kinds are sent as JSON.';
    throw new SoriError('invalid_value', message, { param: 'kind' });
  }
  const form = voiceFormOf(body);
  const webhook = body.text('webhook') || undefined;
  if (webhook !== undefined) await checkWebhook(deps, webhook, owner);
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
    // One whose maker died before it was sent is sent now.
    if (created || job.state === 'queued') await jobs.queue.send(job.id);
    return answerNew(c, job, created);
  } catch (error) {
    // A job that was made and not sent is sent by whoever looks after it, and finds its recordings.
    const made = error instanceof SoriError && error.code === 'storage_unavailable';
    if (!made) await undo().catch(() => {});
    throw error;
  }
}

/** With an idempotency key the job may be there already, and then it is that job's; else whoever runs this one refuses it. */
function usedBefore(key: string | undefined): (error: unknown) => undefined {
  return (error) => {
    if (key !== undefined && error instanceof SoriError && error.code === 'invalid_consent') return undefined;
    throw error;
  };
}

/**
 * What a form holds, as far as that shows before it is heard.
 * @param again may the job be there already? Then its consent is used, and that is no fault of this request.
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
    // A job waits until there is an origin.
    if (code !== 'origin_unavailable' && !(again && code === 'invalid_consent')) throw error;
  }
  return recordings ?? (await recordingsOf(form));
}

async function checkWebhook({ webhooks }: JobDependencies, url: string, owner: string): Promise<void> {
  if (webhooks !== undefined) return await webhooks.check(url, owner);
  const message = 'This server sends no webhooks: its operator has set up none.';
  throw new SoriError('not_configured', message, { param: 'webhook' });
}

/** Tells whether two requests with the same idempotency key are alike. */
async function digestOf(said: object): Promise<string> {
  const plain = JSON.parse(JSON.stringify(said)) as CanonicalValue;
  return await sha256Hex(new TextEncoder().encode(canonicalJson(plain)));
}

import { SoriError } from '../../../base/errors.ts';
import { payerOf } from '../../keys/index.ts';
import { requireReferences } from '../../speech/index.ts';
import {
  type AnalysisContext,
  type ClonedVoice,
  Consents,
  cloneVoice,
  cloningContextOf,
  prepareVoice,
  resumeVoice,
  type SentRecording,
  sentRecording,
  Uploads,
  type VoiceForm,
} from '../../voices/index.ts';
import type { JobDependencies } from '../dependencies.ts';
import type { Jobs } from '../jobs.ts';
import { isFinal, type Job, type JobResult } from '../machine.ts';
import { isTransient } from '../runner/run.ts';
import type { JobRequest, StepOutcome } from '../stores/store.ts';

/** Kinds of jobs whose recordings are stored until the job has ended. */
const KINDS_WITH_RECORDINGS = ['voice', 'speech-translation'];

/** The stored request of a voice job; its recordings are stored separately. */
export interface VoiceJobRequest {
  /** Id of its voice, the same in every run. */
  readonly voice: string;
  readonly upload: string;
  /** Number of recordings, without that of the consent. */
  readonly files: number;
  readonly form: Omit<VoiceForm, 'files' | 'consent'>;
  readonly consent:
    | {
        readonly kind: 'recording';
        readonly id: string;
        /** The reserved consent sentence. */
        readonly sentence?: string;
      }
    | { readonly kind: 'statement'; readonly text: string; readonly signedBy: string };
}

/**
 * Creates the voice of a job. A repeated run finds the existing voice.
 * @throws {SoriError} as `POST /v1/voices` does; `invalid_api_key` when the key is gone.
 */
export async function makeVoiceOfJob(
  deps: JobDependencies,
  jobs: Jobs,
  { id, owner }: Job,
  request: JobRequest,
  signal: AbortSignal,
): Promise<StepOutcome> {
  requireReferences(deps.referenceStyles);
  if (deps.access !== 'off') await payerOf(deps.access, owner, Date.now());
  const { voice, upload, files, form, consent } = requestOf(request);
  const preferences = { respondAsync: false, waitMs: 0 };
  const context: AnalysisContext = { caller: owner, requestId: id, signal, preferences, keepAlive: () => {} };
  const cloning = cloningContextOf(deps, owner, context);
  const uploads = uploadsOf(deps, jobs);
  const sent = async (): Promise<VoiceForm> => {
    const blobs = (await uploads.read(upload, files + (consent.kind === 'recording' ? 1 : 0))).map(
      (bytes) => new Blob([bytes]),
    );
    const given =
      consent.kind === 'recording'
        ? { kind: consent.kind, id: consent.id, recording: blobs[files] }
        : consent;
    return { ...form, files: blobs.slice(0, files), consent: given };
  };
  const find = () => cloning.voices.find(voice, owner);
  const resume = async (known: ClonedVoice) =>
    await resumeVoice(cloning, known, async () => (await recordingsOf(await sent())).slice(0, files));
  const known = await find();
  if (known) return outcomeOf(await resume(known));
  try {
    const sentence = consent.kind === 'recording' ? consent.sentence : undefined;
    const prepared = await prepareVoice(cloning, await sent(), sentence);
    return outcomeOf(await cloneVoice(cloning, prepared, { id: voice, resumable: true }));
  } catch (error) {
    // Another runner with the same message may have been first.
    const made = isTransient(error) ? undefined : await find();
    if (made === undefined) throw error;
    return outcomeOf(await resume(made));
  }
}

/** The result of a voice job. Its recordings are removed. */
export async function finishVoiceJob(
  deps: JobDependencies,
  jobs: Jobs,
  request: JobRequest,
  outcome: StepOutcome,
): Promise<JobResult> {
  await uploadsOf(deps, jobs).drop(requestOf(request).upload);
  return outcome;
}

/** Removes the recordings of an ended job, unless a retry needs them, and releases its unused consent. */
export async function dropRecordings(deps: JobDependencies, job: Job): Promise<void> {
  const { jobs } = deps;
  if (!KINDS_WITH_RECORDINGS.includes(job.kind) || jobs === undefined || !isFinal(job.state)) return;
  if (job.state === 'failed' && job.fault !== undefined && mayPass(job.fault.code)) return;
  const record = await jobs.store.load(job.id);
  if (record === null) return;
  const { upload, voice, consent } = requestOf(record.request);
  await uploadsOf(deps, jobs).drop(upload);
  if (job.kind !== 'voice') return;
  // Unusable recordings leave the consent valid; a reading by another speaker uses it up.
  const { database, voices } = deps;
  if (job.state !== 'failed' || job.fault?.code === 'invalid_consent' || !database || !voices) return;
  if (consent.kind !== 'recording' || consent.sentence === undefined) return;
  if (!(await voices.find(voice, job.owner))) {
    await new Consents(database).release({ id: consent.id, owner: job.owner });
  }
}

const mayPass = (code: string): boolean => isTransient(new SoriError(code as SoriError['code'], ''));

const outcomeOf = ({ id, model, preview }: ClonedVoice): StepOutcome => ({
  voice: id,
  url: `/v1/voices/${id}`,
  model,
  preview: preview === null ? null : `/audio/${preview}.mp3`,
});

const requestOf = (request: JobRequest): VoiceJobRequest => request as unknown as VoiceJobRequest;

/** All recordings of a form, with that of the consent last. */
export async function recordingsOf({ files, consent }: VoiceForm): Promise<SentRecording[]> {
  const sent: SentRecording[] = [];
  for (const [i, file] of files.entries()) sent.push(await sentRecording(file, `files[${i}]`));
  if (consent.kind === 'recording') sent.push(await sentRecording(consent.recording, 'consent_recording'));
  return sent;
}

/** @throws {SoriError} `not_configured` without a database. */
export function uploadsOf({ database }: JobDependencies, { outputs }: Jobs): Uploads {
  if (database !== undefined) return new Uploads(database, outputs);
  throw new SoriError(
    'not_configured',
    'This server keeps no voices: its operator has given it no database.',
  );
}

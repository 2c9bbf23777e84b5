import type { AudioFormatId } from '../../audio/format.ts';
import { SAMPLE_RATE } from '../../audio/samples.ts';
import { SoriError } from '../../base/errors.ts';
import { ERROR_KINDS, errorBody } from '../../http/errors.ts';
import type { AudioMeta } from '../../library/store.ts';
import { generateForJob } from '../generation/index.ts';
import { addressSungJob } from '../singing/index.ts';
import { type MakeForJob, ofOwner, type SpeakForJob } from '../speech/index.ts';
import type { JobDependencies } from './dependencies.ts';
import type { Jobs } from './jobs.ts';
import type { JobResult } from './machine.ts';
import { type BatchLine, formatOf, type JobPlan, planJob, speechOf } from './request.ts';
import { isTransient, type JobWork } from './runner/run.ts';
import { batchLine, writeLines } from './speech/batch.ts';
import { joinLong, joinStep, joinSteps, joinStored, type MeasuredPieces } from './speech/join.ts';
import type { JobRequest, StepOutcome } from './stores/store.ts';
import { translateRecordingOfJob, translationFormatOf } from './translations/work.ts';
import { finishVoiceJob, makeVoiceOfJob } from './voices/work.ts';

/** The result of a speech step. */
interface Spoken {
  readonly key: string;
  readonly meta: AudioMeta;
}

/** Make audio here or at an origin. */
interface JobSpeakers {
  readonly speak: SpeakForJob;
  readonly make: MakeForJob;
}

/**
 * The work of jobs: each step synthesizes one speech and stores it in the library, so that a repeated step finds it.
 */
export function jobWork(deps: JobDependencies, jobs: Jobs, { speak, make }: JobSpeakers): JobWork {
  const { outputs } = jobs;
  const plans = new WeakMap<JobRequest, JobPlan>();
  const planOf = (kind: string, request: JobRequest): JobPlan => {
    const plan = plans.get(request) ?? planJob(kind, request);
    plans.set(request, plan);
    return plan;
  };
  return {
    async step({ job, request, outcomes }, index, signal) {
      const { id, owner, kind } = job;
      if (kind === 'voice') return await makeVoiceOfJob(deps, jobs, job, request, signal);
      if (kind === 'speech-translation') {
        return await translateRecordingOfJob(deps, jobs, job, request, signal);
      }
      const plan = planOf(kind, request);
      const context = { owner, signal };
      const onProgress = (share: number) => jobs.parts?.set(id, Math.round(share * 1000) / 1000);
      if (plan.kind === 'batch') return await answerLine(id, index, plan.lines[index], speak, context);
      if (plan.kind === 'generation') {
        const work = { job: id, owner, signal, onProgress };
        const made = generateForJob(deps, plan.body, work).finally(() => jobs.parts?.delete(id));
        return { ...(await made) };
      }
      if (plan.kind === 'singing') {
        const { speech } = await addressSungJob(ofOwner(deps, owner), plan.song, signal, onProgress);
        const made = make(speech, [plan.format], context).finally(() => jobs.parts?.delete(id));
        const { key, meta } = await made;
        return { key, meta };
      }
      const formats = plan.pieces.length === 1 ? [plan.format] : [];
      const { length } = plan.pieces;
      if (index >= length) {
        const join = { ...plan, spoken: outcomes.slice(0, length) as unknown as Spoken[] };
        const measured = outcomes[length] as unknown as MeasuredPieces | undefined;
        return await joinStep(ofOwner(deps, owner), join, measured, index - length, {
          outputs,
          job: id,
          signal,
        });
      }
      const { key, meta } = await speak(plan.pieces[index].body, formats, context);
      return { key, meta };
    },
    async finish({ job, request, outcomes }, signal) {
      if (job.kind === 'voice') return await finishVoiceJob(deps, jobs, request, outcomes[0]);
      if (job.kind === 'speech-translation') {
        const format = translationFormatOf(request);
        const output = `/v1/jobs/${job.id}/output`;
        return { ...audioResult(outcomes[0] as unknown as Spoken, format, 1), output };
      }
      const plan = planOf(job.kind, request);
      if (plan.kind === 'batch') {
        await writeLines(outputs, job.id, outcomes);
        const failed = outcomes.filter(({ response }) => statusOf(response) !== 200).length;
        return { output: `/v1/jobs/${job.id}/output`, lines: outcomes.length, failed };
      }
      if (plan.kind === 'generation') {
        const { licence, ...spoken } = outcomes[0] as unknown as Spoken & { readonly licence: string };
        return { ...audioResult(spoken, plan.body.response_format, 1), licence };
      }
      if (plan.kind === 'singing') return audioResult(outcomes[0] as unknown as Spoken, plan.format, 1);
      const { pieces, format } = plan;
      const spoken = outcomes.slice(0, pieces.length) as unknown as Spoken[];
      // Jobs of older versions have no join steps.
      if (outcomes.length > pieces.length) {
        const measured = outcomes[pieces.length] as unknown as MeasuredPieces;
        const context = { outputs, job: job.id, signal };
        const long = await joinLong(ofOwner(deps, job.owner), { ...plan, spoken }, measured, context);
        return audioResult(long, format, spoken.length);
      }
      if (spoken.length === 1) return audioResult(spoken[0], format, 1);
      const parts = spoken.map(({ key }, i) => ({ key, pauseMs: pieces[i].pauseMs }));
      const { loudness } = pieces[0].body;
      const joined = await joinStored(ofOwner(deps, job.owner), parts, loudness, format, signal);
      return audioResult(joined, format, spoken.length);
    },
  };
}

/** The number of steps of a job. */
export const stepsOf = (plan: JobPlan): number =>
  'lines' in plan
    ? plan.lines.length
    : plan.kind === 'generation' || plan.kind === 'singing'
      ? 1
      : plan.pieces.length + joinSteps(plan);

function audioResult({ key, meta }: Spoken, format: AudioFormatId, pieces: number): JobResult {
  const { samples, loudness, model } = meta;
  const url = `/audio/${key}.${format}`;
  return { key, format, url, seconds: samples / SAMPLE_RATE, loudness, model, pieces };
}

/** Makes a line of a batch’s output, as OpenAI’s Batch API writes it. A refused request is a line as well. */
async function answerLine(
  job: string,
  index: number,
  { customId, body }: BatchLine,
  speak: SpeakForJob,
  context: Parameters<SpeakForJob>[2],
): Promise<StepOutcome> {
  const line = (status_code: number, answer: object) =>
    batchLine(job, index, customId, { response: { status_code, body: answer } });
  try {
    const speech = speechOf(body);
    const format = formatOf(speech);
    const { key, meta } = await speak(speech, [format], context);
    const { model: _, pieces: __, ...answer } = audioResult({ key, meta }, format, 1);
    return line(200, { object: 'audio', model: meta.model, ...answer });
  } catch (error) {
    // An invalid key ends the job; temporary errors are retried.
    if (isTransient(error) || !(error instanceof SoriError) || error.code === 'invalid_api_key') throw error;
    return line(ERROR_KINDS[error.code].status, errorBody(error));
  }
}

const statusOf = (response: unknown): unknown => (response as { status_code?: unknown })?.status_code;

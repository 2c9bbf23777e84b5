import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { AUDIO_FORMATS } from '../../audio/format.ts';
import { formatByName } from '../../audio/format-names.ts';
import { resampleWork } from '../../audio/resample.ts';
import { SAMPLE_RATE, toInt16Array } from '../../audio/samples.ts';
import { masterWav, transcode } from '../../audio/transcode.ts';
import { base64 } from '../../base/base64.ts';
import { concatFloats } from '../../base/bytes.ts';
import { SoriError } from '../../base/errors.ts';
import { sha256Hex } from '../../base/sha256.ts';
import { inTurns } from '../../base/turns.ts';
import { type FormBody, readUpload } from '../../http/bodies/form-body.ts';
import type { AppEnv } from '../../http/context.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import type { Task } from '../../models/tasks.ts';
import { reportHere } from '../../placement/placed-header.ts';
import { quotaOf } from '../keys/index.ts';
import { underWay } from '../speech/index.ts';
import {
  charactersFor,
  MAX_UPLOAD_BYTES,
  RATE,
  readRecording,
  recordingAtOrigin,
} from '../transcription/index.ts';
import { analysisContextOf } from '../voices/index.ts';
import { diarizationDocs, profileDocs, separationDocs } from './analysis-docs.ts';
import type { SpeakerDependencies } from './dependencies.ts';
import { diarize, type Turn } from './diarize.ts';
import { type SpeakerModel, speakerModelOf } from './vectors.ts';

const FORM_BYTES = 64 * 1024;
/** Longest recordings in seconds: separation holds all of it at once. */
const SEPARATED_SECONDS = 60;
/** Seconds of speech of which a speaker's vector is made at most. */
const COMPARED_SECONDS = 20;

interface Work {
  readonly form: FormBody;
  readonly manifest: ModelManifest;
  /** Mono at 16 kHz. */
  readonly samples: Float32Array;
  readonly signal: AbortSignal;
}

/** Adds `POST /v1/audio/diarizations`, `/v1/audio/separations` and `/v1/audio/speaker-profiles`. */
export function speakerAnalysisRoutes(app: OpenAPIHono<AppEnv>, deps: SpeakerDependencies): void {
  // Registered by hand: the library's own validator would read a body of any length.
  for (const docs of [diarizationDocs, separationDocs, profileDocs]) app.openAPIRegistry.registerPath(docs);

  app.post(diarizationDocs.path, (c) =>
    onRecording(c, deps, 'segmentation', async ({ form, manifest, samples, signal }) => {
      const context = { ...analysisContextOf(c), signal };
      const [installed] = deps.hosted?.list('speaker-embedding') ?? [];
      const speakers = await speakerModelOf(deps, form.text('speaker_model') || installed?.id, context);
      const sound = await atRate(samples, manifest.sampleRate, signal);
      const turns = await diarize(deps.hosted!.run(manifest.id, 'segmentation', { samples: sound }, signal), {
        vector: (stretches) => vectorOf(speakers, samples, stretches),
        likeness: speakers.likeness,
        mean: speakers.mean,
        threshold: speakers.threshold,
        signal,
      });
      return c.json({
        object: 'diarization',
        model: manifest.id,
        speaker_model: speakers.name,
        duration: hundredths(samples.length / RATE),
        speakers: new Set(turns.map(({ speaker }) => speaker)).size,
        segments: turns.map(describedTurn),
      });
    }),
  );

  app.post(separationDocs.path, (c) =>
    onRecording(
      c,
      deps,
      'separation',
      async ({ form, manifest, samples, signal }) => {
        const name = form.text('response_format') || 'wav';
        const format = formatByName(name);
        if (format === undefined) {
          const message = `response_format must be one of ${AUDIO_FORMATS.join(', ')}.`;
          throw new SoriError('unsupported_format', message, { param: 'response_format' });
        }
        const rate = manifest.sampleRate ?? RATE;
        const sound = await atRate(samples, rate, signal);
        const made: Float32Array[] = [];
        for await (const { sources } of deps.hosted!.run(
          manifest.id,
          'separation',
          { samples: sound },
          signal,
        )) {
          made.push(...sources);
        }
        const audio: string[] = [];
        for (const source of made) {
          const wide = toInt16Array(await inTurns(resampleWork(source, rate, SAMPLE_RATE), signal));
          const master = { samples: wide, long: false, telephonyLoudness: null };
          audio.push(base64(await transcode(deps.createEncoder, master, format)));
        }
        return c.json({
          object: 'separation',
          model: manifest.id,
          format,
          sources: audio.map((one) => ({ audio: one })),
        });
      },
      SEPARATED_SECONDS,
    ),
  );

  app.post(profileDocs.path, async (c) => {
    if (!deps.speakerProfiles && deps.placement === undefined) {
      const message = 'This server makes no guesses of sex and age: SPEAKER_PROFILES is not "on".';
      throw new SoriError('not_configured', message);
    }
    return await onRecording(c, deps, 'speaker-profile', async ({ manifest, samples, signal }) => {
      const sound = await atRate(samples, manifest.sampleRate, signal);
      const run = deps.hosted!.run(manifest.id, 'speaker-profile', { samples: sound }, signal);
      for await (const { traits } of run) {
        return c.json({
          object: 'speaker.profile',
          model: manifest.id,
          ...Object.fromEntries(
            traits.map(({ name, value, probability, errorRate }) => [
              name,
              { value, probability: Math.round(probability * 1000) / 1000, error_rate: errorRate },
            ]),
          ),
        });
      }
      throw new SoriError('model_unavailable', `Model '${manifest.id}' gave nothing.`, { param: 'model' });
    });
  });
}

/** Runs a model of a task on the recording of a form; an edge has its origin do it. */
async function onRecording(
  c: Context<AppEnv>,
  deps: SpeakerDependencies,
  task: Task,
  answer: (work: Work) => Promise<Response>,
  maxSeconds?: number,
): Promise<Response> {
  if (deps.placement !== undefined) return await recordingAtOrigin(c, deps);
  reportHere(c, deps);
  const form = await readUpload(deps, c.req.raw, MAX_UPLOAD_BYTES + FORM_BYTES);
  const [file, ...more] = form.files('file');
  if (file === undefined || more.length > 0) {
    const message = file === undefined ? 'file is required: the recording.' : 'Send one file.';
    throw new SoriError(file ? 'invalid_value' : 'missing_required_parameter', message, { param: 'file' });
  }
  const manifest = await modelOf(deps, task, form.text('model') || undefined);
  return await underWay(c, async ({ signal }, hold, end) => {
    hold(deps.slots?.take() ?? (() => {}));
    const samples = await readRecording(new Uint8Array(await file.arrayBuffer()), 'file', maxSeconds);
    const seconds = samples.length / RATE;
    const quota = quotaOf(c, deps);
    await quota.reserve(charactersFor(seconds));
    c.get('account').audioMs = seconds * 1000;
    c.header('X-Sori-Audio-Ms', String(Math.round(seconds * 1000)));
    c.header('X-Sori-Model', manifest.id);
    c.header('Cache-Control', 'no-store');
    try {
      const response = await answer({ form, manifest, samples, signal });
      end();
      return response;
    } catch (error) {
      if (!signal.aborted) quota.refund(charactersFor(seconds));
      throw error;
    }
  });
}

/** @throws {SoriError} `model_unavailable` when none is installed; `unknown_model`. */
async function modelOf({ hosted }: SpeakerDependencies, task: Task, name?: string): Promise<ModelManifest> {
  await hosted?.refresh();
  const all = hosted?.list(task) ?? [];
  const found = name === undefined ? all[0] : all.find(({ id }) => id === name);
  if (found) return found;
  if (all.length === 0) {
    const message = `No model for ${task} is installed on this server. Its operator can add one: npm run sori -- models add <folder>.`;
    throw new SoriError('model_unavailable', message, { param: 'model' });
  }
  const known = all.map(({ id }) => id).join(', ');
  throw new SoriError('unknown_model', `There is no such model for ${task}. Available: ${known}.`, {
    param: 'model',
  });
}

async function atRate(
  samples: Float32Array,
  rate: number | undefined,
  signal: AbortSignal,
): Promise<Float32Array> {
  return rate === undefined || rate === RATE
    ? samples.slice()
    : await inTurns(resampleWork(samples, RATE, rate), signal);
}

/** The vector of the speech in these passages; `undefined` if it is too short for the model. */
async function vectorOf(
  { vector }: SpeakerModel,
  samples: Float32Array,
  stretches: readonly { start: number; end: number }[],
): Promise<Float32Array | undefined> {
  const parts = stretches.map(({ start, end }) =>
    samples.subarray(Math.round(start * RATE), Math.round(end * RATE)),
  );
  const joined = concatFloats(parts);
  const wide = await inTurns(resampleWork(joined.subarray(0, COMPARED_SECONDS * RATE), RATE, SAMPLE_RATE));
  const bytes = Uint8Array.from(masterWav(toInt16Array(wide)));
  try {
    return (await vector({ bytes, sha256: await sha256Hex(bytes), param: 'file' })).vector;
  } catch (error) {
    if (error instanceof SoriError && error.code === 'unusable_reference') return undefined;
    throw error;
  }
}

const hundredths = (seconds: number): number => Math.round(seconds * 100) / 100;

const describedTurn = ({ speaker, start, end }: Turn) => ({
  speaker: `speaker_${speaker + 1}`,
  start: hundredths(start),
  end: hundredths(end),
});

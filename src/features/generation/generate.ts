import { resampleWork } from '../../audio/resample.ts';
import { SAMPLE_RATE, toInt16Array } from '../../audio/samples.ts';
import { readMasterWav } from '../../audio/transcode.ts';
import { SoriError } from '../../base/errors.ts';
import { inTurns } from '../../base/turns.ts';
import { speechKey } from '../../library/cache-key.ts';
import type { AudioMeta } from '../../library/store.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import { faultOf } from '../../placement/origin-error.ts';
import type { OriginPool } from '../../placement/origin-pool.ts';
import { admitSpeech } from '../delivery/index.ts';
import { onAccount, requireLibrary } from '../speech/index.ts';
import { charactersFor, type TranscriptionDependencies } from '../transcription/index.ts';
import type { GenerationBody } from './schema.ts';

/** ms that an origin has to make a sound. */
const ANSWER_MS = 1_800_000;

/** A sound that was made. */
export interface GeneratedSound {
  /** 24 kHz, mono. */
  readonly samples: Int16Array;
  /** Id and version. */
  readonly model: string;
  readonly licence: string;
}

/** Called with the share that is done, 0 to 1. */
export type OnProgress = (share: number) => void;

/** What a request costs. */
export const priceOf = ({ seconds }: GenerationBody): number => charactersFor(seconds);

/**
 * The model of a request.
 * @throws {SoriError} `model_unavailable` when none is installed, `unknown_model`, `invalid_value` for more seconds than it makes.
 */
export async function generatorOf(
  { hosted }: TranscriptionDependencies,
  { model, seconds }: GenerationBody,
): Promise<ModelManifest> {
  await hosted?.refresh();
  const all = hosted?.list('generation') ?? [];
  const found = model === undefined ? all[0] : all.find(({ id }) => id === model);
  if (found === undefined && all.length > 0) {
    const message = `There is no such model for generation. Available: ${all.map(({ id }) => id).join(', ')}.`;
    throw new SoriError('unknown_model', message, { param: 'model' });
  }
  if (found === undefined) {
    const message =
      'No model for music or sound is installed on this server. Its operator can add one: npm run sori -- models add <folder>.';
    throw new SoriError('model_unavailable', message, { param: 'model' });
  }
  const { maxSeconds } = found.settings;
  if (typeof maxSeconds === 'number' && seconds > maxSeconds) {
    const message = `'${found.id}' makes ${maxSeconds} s at most.`;
    throw new SoriError('invalid_value', message, { param: 'seconds' });
  }
  return found;
}

/**
 * The origins of an edge.
 * @throws {SoriError} `model_unavailable` where there are none.
 */
export function requirePool({ placement }: TranscriptionDependencies): OriginPool {
  if (placement?.pool) return placement.pool;
  const message =
    'Music and sound are made by an origin, and this server has none: its operator can configure one (ORIGINS).';
  throw new SoriError('model_unavailable', message, { param: 'model' });
}

/**
 * Checks that this server or an origin of it can make a sound, as far as that is known before it is made.
 * @throws {SoriError} as {@link generatorOf}; `model_unavailable` for an edge without an origin.
 */
export async function checkGeneration(deps: TranscriptionDependencies, body: GenerationBody): Promise<void> {
  if (deps.placement === undefined) await generatorOf(deps, body);
  else requirePool(deps);
}

/**
 * Makes a sound with a model of this server.
 * @throws {SoriError} as {@link generatorOf}; `overloaded`; the signal's reason.
 */
export async function generateHere(
  deps: TranscriptionDependencies,
  body: GenerationBody,
  signal: AbortSignal,
  onProgress: OnProgress = () => {},
): Promise<GeneratedSound> {
  const { id, version, licence, sampleRate = SAMPLE_RATE } = await generatorOf(deps, body);
  const { prompt, seconds, seed, guidance, temperature, top_k: topK } = body;
  const input = { prompt, seconds, seed, guidance, temperature, topK };
  let made: Float32Array | undefined;
  for await (const { progress, samples } of deps.hosted!.run(id, 'generation', input, signal)) {
    onProgress(progress);
    made = samples ?? made;
  }
  if (made === undefined)
    throw new SoriError('model_unavailable', `Model '${id}' made no sound.`, { param: 'model' });
  const sound = await inTurns(resampleWork(made, sampleRate, SAMPLE_RATE), signal);
  return { samples: toInt16Array(sound), model: `${id}@${version}`, licence };
}

/** Forwards the generation to an origin. */
async function generateAtOrigin(
  pool: OriginPool,
  body: GenerationBody,
  owner: string,
  signal: AbortSignal,
): Promise<GeneratedSound> {
  const request = new Request('http://origin/v1/audio/generations', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'x-request-id': crypto.randomUUID() },
    body: JSON.stringify({ ...body, response_format: 'wav', stream_format: 'audio' }),
  });
  const accepts = (type: string) => /^(?:audio\/wav|application\/json)/.test(type);
  const options = {
    signal,
    caller: owner,
    answerMs: ANSWER_MS,
    accepts,
    repeatable: true,
    keepAlive: () => {},
  };
  const response = await pool.forward(request, options);
  if (!response.ok) throw await faultOf(response);
  const header = (name: string) => response.headers.get(name) ?? '';
  try {
    const samples = readMasterWav(await response.bytes());
    return { samples, model: header('x-sori-model'), licence: header('x-sori-licence') };
  } catch (cause) {
    throw new SoriError('origin_failed', 'The origin that makes sound sends none that can be read.', {
      cause,
    });
  }
}

/** A sound in the library. */
export interface StoredSound {
  readonly key: string;
  readonly meta: AudioMeta;
  readonly licence: string;
}

/**
 * Generates a sound for a job, stores it, and charges its owner. A repeated call finds the stored sound.
 * @throws {SoriError} as {@link generateHere}; `insufficient_quota`, `storage_unavailable`; errors of placement.
 */
export async function generateForJob(
  deps: TranscriptionDependencies,
  body: GenerationBody,
  {
    job,
    owner,
    signal,
    onProgress,
  }: { job: string; owner: string; signal: AbortSignal; onProgress: OnProgress },
): Promise<StoredSound> {
  const library = requireLibrary(deps);
  const key = await speechKey({ generation: body, job });
  const { meta } = await onAccount(deps, owner, async (quota) => {
    const stored = await library.head(key, body.response_format);
    // A runner that ended after it had stored the sound.
    if (stored) return { key, meta: stored.meta, cache: 'hit' };
    await quota.reserve(priceOf(body));
    try {
      const made = deps.placement
        ? await generateAtOrigin(requirePool(deps), body, owner, signal)
        : await generateHere(deps, body, signal, onProgress);
      const fresh = metaOf(made, body);
      await admitSpeech(deps, library, key, { samples: made.samples, meta: fresh }, [body.response_format]);
      return { key, meta: fresh, cache: 'miss' };
    } catch (error) {
      quota.refund(priceOf(body));
      throw error;
    }
  });
  return { key, meta, licence: meta.licence ?? '' };
}

function metaOf({ samples, model, licence }: GeneratedSound, { prompt }: GenerationBody): AudioMeta {
  return {
    model,
    voice: '',
    samples: samples.length,
    long: false,
    characters: Array.from(prompt).length,
    telephonyLoudness: null,
    loudness: null,
    licence,
  };
}

import { integratedLoudness } from '../audio/loudness.ts';
import { SAMPLE_RATE } from '../audio/samples.ts';
import { readMasterWav } from '../audio/transcode.ts';
import type { AudioMeta } from '../delivery/store.ts';
import { estimateCost } from '../engine/dispatch/cost.ts';
import type { OriginPool } from '../engine/dispatch/origin-pool.ts';
import { place } from '../engine/dispatch/policy.ts';
import { type ErrorCode, SoriError } from '../errors.ts';
import { type AddressedSpeech, addressSpeech, requireLibrary } from './bake.ts';
import type { AppDependencies } from './context.ts';
import { ERROR_KINDS } from './errors.ts';
import { type JobSpeech, ofOwner, onAccount, type SpeakForJob, speakHere } from './jobs-speak.ts';
import { charactersOf, telephonyLoudnessOf, voicesOf } from './make-speech.ts';
import { workOf } from './placement-work.ts';

/** ms that an origin has for a whole recording, besides the work itself. */
const ANSWER_MS = 60_000;

/**
 * Speaks here what fits here, and has an origin speak the rest, which is kept here under the key that the origin gave it. While no origin
 * answers, jobs wait.
 */
export function speakPlaced(deps: AppDependencies, pool: OriginPool): SpeakForJob {
  const here = speakHere(deps);
  return async (body, formats, context) => {
    const { owner, signal } = context;
    const speech = await addressSpeech(ofOwner(deps, owner), body, signal);
    const work = workOf(body, speech.model);
    const placed = place(work, { origin: pool.up ? 'up' : 'down', jobs: false, degrade: false });
    // What is only its owner's stays where its owner is known.
    const stays = placed.where === 'edge' || speech.privacy !== undefined;
    if (stays || (await requireLibrary(deps).head(speech.key, 'wav')) !== null) {
      return await here(body, formats, context);
    }
    if (placed.where === 'nowhere') {
      throw new SoriError(placed.code, 'This takes more than the edge has, and no origin answers now.');
    }
    return await onAccount(deps, owner, async (purse) => {
      const characters = charactersOf(body);
      await purse.take(characters);
      try {
        const answerMs = ANSWER_MS + 2 * estimateCost(work).cpuMs;
        const made = await askOrigin(pool, speech, { owner, signal, answerMs });
        const kept = await keep(deps, speech, made);
        for (const format of formats) await requireLibrary(deps).head(kept.key, format);
        if (kept.cache === 'hit') purse.giveBack(characters);
        return kept;
      } catch (error) {
        purse.giveBack(characters);
        throw error;
      }
    });
  };
}

interface Made {
  readonly key: string;
  readonly wav: Uint8Array;
  readonly cache: JobSpeech['cache'];
}

async function askOrigin(
  pool: OriginPool,
  { body, model }: AddressedSpeech,
  { owner, signal, answerMs }: { owner: string; signal: AbortSignal; answerMs: number },
): Promise<Made> {
  // By the name that is resolved already: the origin's default may be another.
  const sent = JSON.stringify({ ...body, model: model.id, response_format: 'wav' });
  const headers = { 'Content-Type': 'application/json' };
  const request = new Request('http://origin/v1/audio/speech', { method: 'POST', headers, body: sent });
  const options = { signal, caller: owner, answerMs, repeatable: true };
  const response = await pool.forward(request, options);
  if (!response.ok) throw await faultOf(response);
  const wav = new Uint8Array(await response.arrayBuffer());
  const key = /^\/audio\/([0-9a-f]{64})\.wav$/.exec(response.headers.get('content-location') ?? '')?.[1];
  if (key === undefined)
    throw new SoriError('origin_failed', 'The origin does not say where it keeps audio.');
  const cache = response.headers.get('x-cache');
  return { key, wav, cache: cache === 'hit' || cache === 'coalesced' ? cache : 'miss' };
}

/** Keeps what an origin made, unless both have one bucket. */
async function keep(
  deps: AppDependencies,
  { model, request, body }: AddressedSpeech,
  { key, wav, cache }: Made,
): Promise<JobSpeech> {
  const library = requireLibrary(deps);
  const stored = await library.head(key, 'wav');
  if (stored !== null) return { key, meta: stored.meta, cache };
  const samples = readMasterWav(wav);
  const measured = integratedLoudness(samples, SAMPLE_RATE);
  const meta: AudioMeta = {
    model: `${model.id}@${model.version}`,
    voice: voicesOf(request, undefined).join(','),
    samples: samples.length,
    long: false,
    characters: charactersOf(body),
    telephonyLoudness: telephonyLoudnessOf(body),
    loudness: Number.isFinite(measured) ? Math.round(measured * 100) / 100 : null,
  };
  await library.admit(key, { samples, meta }, []);
  return { key, meta, cache };
}

/** An origin's refusal, as if it had been this server's. */
export async function faultOf(response: Response): Promise<SoriError> {
  const { error } = (await response.json().catch(() => ({}))) as {
    error?: { code?: string; message?: string; param?: string | null };
  };
  if (error?.code === undefined || !Object.hasOwn(ERROR_KINDS, error.code)) {
    return new SoriError('origin_failed', 'The origin could not speak this.');
  }
  return new SoriError(error.code as ErrorCode, error.message ?? '', { param: error.param ?? undefined });
}

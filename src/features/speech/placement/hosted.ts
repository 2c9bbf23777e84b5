import type { Context } from 'hono';
import type { AppEnv } from '../../../http/context.ts';
import { handOver } from '../../../placement/forward.ts';
import type { ListContext } from '../../../placement/origin-models.ts';
import type { OriginPool } from '../../../placement/origin-pool.ts';
import { quotaOf } from '../../keys/index.ts';
import type { SpeechDependencies } from '../dependencies.ts';
import { charactersOf } from '../make-speech.ts';
import type { SpeechBody } from '../schema.ts';
import { namesClones } from '../voices/cloned-voices.ts';
import { ownModelName } from '../voices/openai-names.ts';
import { requireOrigin } from './require-origin.ts';
import { speakAtOrigin } from './speak.ts';
import type { SpeechToPlace } from './speech-to-place.ts';
import { readPlacementPreferences, refuseEdge, workOf } from './work.ts';

/** Milliseconds that an origin has for its first byte: it may have to load the model first. */
export const HOSTED_ANSWER_MS = 60_000;

/**
 * The origins to which a request is forwarded as it is, because this edge does not have its model. They answer `unknown_model` if they do not have
 * it either. Speech with cloned voices of a cloning model is not forwarded as it is, since the edge stores the voices: see `src/placement/cloning/`.
 * @returns `undefined` for a model of this server, for cloned voices, and on a server that forwards nothing.
 * @throws {SoriError} `model_unavailable` when no origin is configured and one would be needed; `origin_unavailable`, `origin_failed`.
 */
export async function originsForModel(
  deps: SpeechDependencies,
  body: SpeechBody,
  context: ListContext,
): Promise<OriginPool | undefined> {
  const { engine, placement } = deps;
  if (placement === undefined || ownModelName(engine.names, body.model) !== undefined) return undefined;
  requireOrigin(deps, body);
  if (namesClones(body) && (await placement.cloning?.find(body.model, context))) return undefined;
  return placement.pool;
}

/**
 * Forwards speech to an origin, for a model that only origins have.
 * @throws {SoriError} `origin_unavailable`, `origin_failed`, `insufficient_quota`.
 */
export async function speakWithHosted(
  c: Context<AppEnv>,
  deps: SpeechDependencies,
  pool: OriginPool,
  given: SpeechToPlace,
): Promise<Response> {
  refuseEdge(readPlacementPreferences(c.req.raw.headers), given.body.model);
  const placed = { where: 'origin-sync', reason: 'model', work: workOf(given.body) } as const;
  return await speakAtOrigin(c, deps, pool, { ...given, answerMs: HOSTED_ANSWER_MS }, placed);
}

/** Gets word timings from an origin, for a model that only origins have. It costs as much as speech. */
export async function captionsOfHosted(
  c: Context<AppEnv>,
  deps: SpeechDependencies,
  pool: OriginPool,
  body: SpeechBody,
  { signal, end }: { signal: AbortSignal; end: () => void },
): Promise<Response> {
  refuseEdge(readPlacementPreferences(c.req.raw.headers), body.model);
  const quota = quotaOf(c, deps);
  const characters = charactersOf(body);
  await quota.reserve(characters);
  const request = {
    pool,
    body: Uint8Array.from(new TextEncoder().encode(JSON.stringify(body))),
    signal,
    reason: 'model',
    answerMs: HOSTED_ANSWER_MS,
    accepts: (type: string) => type.startsWith('text/vtt') || type.startsWith('application/x-subrip'),
    onAnswer: (status: number) => {
      if (status >= 400) quota.refund(characters);
    },
    onEnd: end,
  };
  return await handOver(c, request).catch((error) => {
    if (!signal.aborted) quota.refund(characters);
    throw error;
  });
}

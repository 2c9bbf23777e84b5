import type { Context } from 'hono';
import { SoriError } from '../../../base/errors.ts';
import type { AppEnv } from '../../../http/context.ts';
import { handOver } from '../../../placement/forward.ts';
import type { OriginPool } from '../../../placement/origin-pool.ts';
import { quotaOf } from '../../keys/index.ts';
import type { SpeechDependencies } from '../dependencies.ts';
import { charactersOf } from '../make-speech.ts';
import type { SpeechBody } from '../schema.ts';
import { ownModelName } from '../voices/openai-names.ts';
import { speakAtOrigin } from './speak.ts';
import type { SpeechToPlace } from './speech-to-place.ts';
import { workOf } from './work.ts';

/** Milliseconds that an origin has for its first byte: it may have to load the model first. */
export const HOSTED_ANSWER_MS = 60_000;

/** Well-known models that only origins host. */
const KNOWN_ELSEWHERE: ReadonlySet<string> = new Set(['kokoro']);

/**
 * The origins for a model that this edge does not have. They answer `unknown_model` if they do not have it either.
 * @returns `undefined` for a model of this server, and on a server that forwards nothing.
 * @throws {SoriError} `model_unavailable` when no origin is configured and one would be needed.
 */
export function originsForModel(
  { engine, placement }: SpeechDependencies,
  model: string,
): OriginPool | undefined {
  if (placement === undefined || ownModelName(engine.names, model) !== undefined) return undefined;
  if (placement.pool === undefined && KNOWN_ELSEWHERE.has(model.toLowerCase())) {
    const message = `Model '${model}' runs on an origin, and this server has none: its operator can configure one (ORIGINS).`;
    throw new SoriError('model_unavailable', message, { param: 'model' });
  }
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

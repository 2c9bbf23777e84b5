import type { Context } from 'hono';
import { type AudioFormatId, FORMAT_INFO } from '../../audio/format.ts';
import type { ModelInfo } from '../../engine/engine.ts';
import type { AppEnv } from '../../http/context.ts';
import type { Work } from '../../placement/cost.ts';
import { answerMsOf, handOver, isOriginFault } from '../../placement/forward.ts';
import { reportEdge, reportHere, reportPlaced } from '../../placement/placed-header.ts';
import { type Placement, place } from '../../placement/policy.ts';
import { quotaOf } from '../keys/index.ts';
import {
  type AddressedSpeech,
  charactersOf,
  circumstancesOf,
  isKept,
  readPlacementPreferences,
} from '../speech/index.ts';
import type { SingingDependencies } from './dependencies.ts';

/** Characters that speech takes a second for: the unit in which the policy counts work. */
const CHARACTERS_PER_SECOND = 15;

/** Singing to place. */
export interface SingingToPlace {
  readonly speech: AddressedSpeech;
  /** Seconds of all parts together. */
  readonly sungSeconds: number;
  readonly raw: Uint8Array<ArrayBuffer>;
  readonly format: AudioFormatId;
  /** Whether the audio must be synthesized again. */
  readonly bypass: boolean;
  /** Type of the answer, where it isn't the audio itself. */
  readonly answerType?: string;
  readonly signal: AbortSignal;
  readonly end: () => void;
}

/**
 * Decides where a score is sung, and hands a long one to an origin. Reports in `X-Sori-Placed`.
 * @returns the origin's answer; `undefined` to sing here.
 * @throws {SoriError} `origin_required`, `origin_unavailable`, `origin_failed`, `insufficient_quota`, `invalid_value`.
 */
export async function placeSinging(
  c: Context<AppEnv>,
  deps: SingingDependencies,
  given: SingingToPlace,
): Promise<Response | undefined> {
  const { placement, library } = deps;
  const { speech, sungSeconds, format, bypass } = given;
  if (placement === undefined) {
    reportHere(c, deps);
    return undefined;
  }
  const preferences = { ...readPlacementPreferences(c.req.raw.headers), respondAsync: false };
  const work = singingWork(speech.model, sungSeconds);
  const pool = speech.privacy ? undefined : placement.pool;
  const circumstances = circumstancesOf(preferences, placement, pool, false);
  const placed = place(work, circumstances);
  if (library && !bypass && preferences.forced !== 'origin' && (await isKept(library, speech.key, format))) {
    reportPlaced(c, 'edge', 'kept');
    return undefined;
  }
  if (placed.where !== 'origin-sync' || pool === undefined) {
    reportEdge(c, placed);
    return undefined;
  }
  try {
    return await singAtOrigin(c, deps, given, placed);
  } catch (error) {
    if (!isOriginFault(error)) throw error;
    const fallback = place(work, { ...circumstances, origin: 'down' });
    if (fallback.where !== 'edge') throw error;
    reportEdge(c, fallback);
    return undefined;
  }
}

/** The work of singing so many seconds, those of all parts added. */
export function singingWork(model: ModelInfo, sungSeconds: number): Work {
  return {
    model,
    characters: sungSeconds * CHARACTERS_PER_SECOND,
    speed: 1,
    refineSteps: 0,
    diffusionSteps: 0,
    answersPerStep: 1,
    referenceSeconds: 0,
    whole: false,
  };
}

/** Passes the request on as it came, on the caller's account. */
async function singAtOrigin(
  c: Context<AppEnv>,
  deps: SingingDependencies,
  { speech, raw, format, answerType, signal, end }: SingingToPlace,
  { reason, work }: Placement,
): Promise<Response> {
  const quota = quotaOf(c, deps);
  const characters = charactersOf(speech.body);
  const account = c.get('account');
  account.text = speech.body.input;
  await quota.reserve(characters);
  let paid = true;
  const refund = () => {
    if (paid) quota.refund(characters);
    paid = false;
  };
  const type = answerType ?? FORMAT_INFO[format].contentType.split(';')[0];
  const pool = deps.placement?.pool;
  if (!pool) throw new Error('No origin is configured that can sing.');
  try {
    return await handOver(c, {
      pool,
      body: raw,
      signal,
      reason,
      answerMs: answerMsOf(work),
      accepts: (answered) => answered.startsWith(type),
      onAnswer: (status, headers) => {
        const cache = headers.get('x-cache');
        if (status >= 400 || cache === 'hit' || cache === 'coalesced') refund();
      },
      onEnd: (outcome) => {
        if (outcome === 'broken' && !signal.aborted) refund();
        end();
      },
    });
  } catch (error) {
    if (!signal.aborted) refund();
    throw error;
  }
}

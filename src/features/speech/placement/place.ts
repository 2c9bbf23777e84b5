import type { Context } from 'hono';
import type { AppEnv } from '../../../http/context.ts';
import { isOriginFault } from '../../../placement/forward.ts';
import type { OriginPool } from '../../../placement/origin-pool.ts';
import { reportEdge, reportHere, reportPlaced } from '../../../placement/placed-header.ts';
import { type Circumstances, type Placement, place, type Refusal } from '../../../placement/policy.ts';
import { isBareAudio } from '../conflicts.ts';
import type { EdgePlacement, SpeechDependencies } from '../dependencies.ts';
import type { SpeechBody } from '../schema.ts';
import { isKept, type KeptElsewhere, openKept, originKeys } from './kept.ts';
import { speakAtOrigin } from './speak.ts';
import type { SpeechToPlace } from './speech-to-place.ts';
import {
  lightened,
  type PlacementPreferences,
  readPlacementPreferences,
  refuseEdge,
  workOf,
} from './work.ts';

/** The result of placing a speech request. */
export interface PlacedSpeech {
  /** The answer of an origin. */
  readonly answer?: Response;
  /** Stored audio of an origin. */
  readonly found?: KeptElsewhere;
  /** The body to synthesize here, with fewer steps where it was reduced. */
  readonly body: SpeechBody;
}

/**
 * Decides where speech is synthesized and forwards it if needed. Reports in `X-Sori-Placed`.
 * @throws {SoriError} `origin_required`, `origin_unavailable`, `origin_failed`, `insufficient_quota`, `invalid_value`.
 */
export async function placeSpeech(
  c: Context<AppEnv>,
  deps: SpeechDependencies,
  given: SpeechToPlace,
): Promise<PlacedSpeech> {
  const { body, speech } = given;
  const { placement } = deps;
  if (placement === undefined) {
    reportHere(c, deps);
    return { body };
  }
  const asked = readPlacementPreferences(c.req.raw.headers);
  // The preference for a job is ignored for answers that jobs cannot give (RFC 7240, section 2).
  const preferences = { ...asked, respondAsync: asked.respondAsync && isBareAudio(body) };
  if (speech?.model.servedBy === 'origin') return await placeCloned(c, deps, given, preferences);
  const work = workOf(body, speech?.model);
  // Private speech is made on the server that has its owner's data.
  const pool = speech?.privacy ? undefined : placement.pool;
  const circumstances = circumstancesOf(preferences, placement, pool, body.degrade);
  const placed = place(work, circumstances);
  const plain = placed.where === 'edge' && placed.reason === 'small';
  const kept = plain ? undefined : await findKept(deps, given, preferences, pool);
  if (kept !== undefined) {
    reportPlaced(c, 'edge', 'kept');
    return { body, found: kept === 'here' ? undefined : kept };
  }
  if (placed.where === 'origin-async') {
    return { answer: await placement.respondAsync!(c, body), body };
  }
  if (placed.where !== 'origin-sync' || pool === undefined) return atEdge(c, body, placed);
  try {
    return { answer: await speakAtOrigin(c, deps, pool, given, placed), body };
  } catch (error) {
    if (!isOriginFault(error)) throw error;
    const fallback = place(work, { ...circumstances, origin: 'down' });
    if (fallback.where === 'edge') return atEdge(c, body, fallback);
    throw error;
  }
}

/** Speech with a cloning model of an origin: the engine has it made there, and it is watermarked and stored here. */
async function placeCloned(
  c: Context<AppEnv>,
  deps: SpeechDependencies,
  given: SpeechToPlace,
  preferences: PlacementPreferences,
): Promise<PlacedSpeech> {
  const { body } = given;
  refuseEdge(preferences, body.model);
  if (await findKept(deps, given, preferences, undefined)) {
    reportPlaced(c, 'edge', 'kept');
    return { body };
  }
  const { placement } = deps;
  if (preferences.respondAsync && placement?.respondAsync)
    return { answer: await placement.respondAsync(c, body), body };
  reportPlaced(c, 'origin', 'model');
  return { body };
}

/** The circumstances of a request for the policy. */
export function circumstancesOf(
  { forced, respondAsync, waitMs }: PlacementPreferences,
  placement: EdgePlacement,
  pool: OriginPool | undefined,
  degrade: boolean,
): Circumstances {
  const origin = pool === undefined ? 'none' : pool.up ? 'up' : 'down';
  const jobs = placement.respondAsync !== undefined;
  return { origin, forced, respondAsync, waitMs, jobs, degrade };
}

/** Looks for stored audio. Only a caller that demands a place gets audio made there. */
async function findKept(
  { library }: SpeechDependencies,
  { speech, format, bypass }: SpeechToPlace,
  { forced }: PlacementPreferences,
  pool: OriginPool | undefined,
): Promise<KeptElsewhere | 'here' | undefined> {
  if (library === undefined || speech === undefined || bypass) return undefined;
  if (forced !== 'origin' && (await isKept(library, speech.key, format))) return 'here';
  if (forced === 'edge' || pool === undefined) return undefined;
  return await openKept(library, await originKeys(pool, speech), format);
}

function atEdge(c: Context<AppEnv>, body: SpeechBody, placed: Placement | Refusal): PlacedSpeech {
  reportEdge(c, placed);
  return {
    body: placed.where === 'edge' && placed.reason === 'degraded' ? lightened(body, placed.work) : body,
  };
}

import type { Context } from 'hono';
import type { AudioFormatId } from '../../../audio/format.ts';
import type { AppEnv } from '../../../http/context.ts';
import { keepAlive } from '../../../http/keep-alive.ts';
import { isOriginFault } from '../../../placement/forward.ts';
import type { OriginPool } from '../../../placement/origin-pool.ts';
import { reportEdge, reportHere, reportPlaced } from '../../../placement/placed-header.ts';
import { type Placement, place } from '../../../placement/policy.ts';
import { quotaOf } from '../../keys/index.ts';
import {
  type AddressedSpeech,
  addressSpeech,
  type BakedSpeech,
  bakeSpeech,
  requireLibrary,
} from '../bake.ts';
import type { EdgePlacement, SpeechDependencies } from '../dependencies.ts';
import { bakeAtOrigin } from './bake-at-origin.ts';
import { isKept, openKept, originKeys } from './kept.ts';
import { circumstancesOf } from './place.ts';
import { lightened, readPlacementPreferences, refuseEdge, workOf } from './work.ts';

/**
 * Makes sure that speech is stored, as {@link bakeSpeech} does, on the caller's quota. The policy
 * of `POST /v1/audio/speech` decides where it is synthesized; the key is that of the server that made it. Reports in `X-Sori-Placed`.
 * @throws {SoriError} as {@link bakeSpeech}; `insufficient_quota`, `origin_required`, `origin_unavailable`, `origin_failed`,
 *   `invalid_value`.
 */
export async function bakeFor(
  c: Context<AppEnv>,
  deps: SpeechDependencies,
  speech: AddressedSpeech,
  formats: readonly AudioFormatId[],
  signal: AbortSignal,
): Promise<BakedSpeech> {
  const account = c.get('account');
  account.text = speech.body.input;
  const baked = await bakePlaced(c, deps, speech, formats, signal);
  account.cache = baked.cache;
  account.audioMs = (account.audioMs ?? 0) + baked.meta.samples / 24;
  return baked;
}

async function bakePlaced(
  c: Context<AppEnv>,
  deps: SpeechDependencies,
  speech: AddressedSpeech,
  formats: readonly AudioFormatId[],
  signal: AbortSignal,
): Promise<BakedSpeech> {
  const { placement } = deps;
  const here = (body = speech) =>
    bakeSpeech(deps, body, formats, {
      signal,
      quota: quotaOf(c, deps),
      keepAlive: (work) => keepAlive(c, work),
    });
  if (placement === undefined) {
    reportHere(c, deps);
    return await here();
  }
  const library = requireLibrary(deps);
  if (speech.model.servedBy === 'origin') {
    refuseEdge(readPlacementPreferences(c.req.raw.headers), speech.model.id);
    const kept = await isKept(library, speech.key, 'wav');
    reportPlaced(c, kept ? 'edge' : 'origin', kept ? 'kept' : 'model');
    return await here();
  }
  const { circumstances, placed, pool } = placementOf(c, placement, speech);
  const plain = placed.where === 'edge' && placed.reason === 'small';
  // A hit needs no other server.
  if (!plain && circumstances.forced !== 'origin' && (await isKept(library, speech.key, 'wav'))) {
    reportPlaced(c, 'edge', 'kept');
    return await here();
  }
  if (!plain && circumstances.forced !== 'edge' && pool !== undefined) {
    const kept = await openKept(library, await originKeys(pool, speech), 'wav');
    if (kept !== undefined) {
      reportPlaced(c, 'edge', 'kept');
      const { key, audio } = kept;
      if (audio.body instanceof ReadableStream) await audio.body.cancel();
      for (const format of formats) await library.head(key, format);
      return { key, meta: audio.meta, cache: 'hit' };
    }
  }
  const atEdge = async (where: ReturnType<typeof place>) => {
    reportEdge(c, where);
    if (where.where !== 'edge' || where.reason !== 'degraded') return await here();
    return await here(await addressSpeech(deps, lightened(speech.body, where.work), signal));
  };
  if (placed.where !== 'origin-sync' || pool === undefined) return await atEdge(placed);
  try {
    return await thereWith(c, deps, { pool, placed, speech, formats, signal });
  } catch (error) {
    if (!isOriginFault(error)) throw error;
    const fallback = place(placed.work, { ...circumstances, origin: 'down' });
    if (fallback.where !== 'edge') throw error;
    return await atEdge(fallback);
  }
}

/** Asks the policy. A request for a file cannot become a job. */
export function placementOf(
  c: Context<AppEnv>,
  placement: EdgePlacement,
  { body, privacy, model, work = workOf(body, model) }: AddressedSpeech,
) {
  const preferences = { ...readPlacementPreferences(c.req.raw.headers), respondAsync: false };
  // Private speech is made on the server that has its owner's data.
  const pool = privacy ? undefined : placement.pool;
  const circumstances = circumstancesOf(preferences, placement, pool, body.degrade);
  return { circumstances, pool, placed: place(work, circumstances) };
}

async function thereWith(
  c: Context<AppEnv>,
  deps: SpeechDependencies,
  given: {
    readonly pool: OriginPool;
    readonly placed: Placement;
    readonly speech: AddressedSpeech;
    readonly formats: readonly AudioFormatId[];
    readonly signal: AbortSignal;
  },
): Promise<BakedSpeech> {
  const { pool, placed, speech, formats, signal } = given;
  const baked = await bakeAtOrigin(deps, speech, formats, {
    pool,
    work: placed.work,
    caller: c.get('caller').id,
    requestId: c.get('requestId'),
    quota: quotaOf(c, deps),
    signal,
    keepAlive: (work) => keepAlive(c, work),
  });
  reportPlaced(c, 'origin', placed.reason);
  return baked;
}

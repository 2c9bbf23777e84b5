import { SoriError } from '../../../base/errors.ts';
import type { CharacterQuota } from '../../../http/access.ts';
import { estimateCost } from '../../../placement/cost.ts';
import type { OriginPool } from '../../../placement/origin-pool.ts';
import { place } from '../../../placement/policy.ts';
import {
  bakeAtOrigin,
  type MakeForJob,
  makeHere,
  ofOwner,
  onAccount,
  openKept,
  originKeys,
  requireLibrary,
  workOf,
} from '../../speech/index.ts';
import type { JobDependencies } from '../dependencies.ts';

/** ms until the first byte of a recording must arrive from an origin, in addition to the estimated work. */
const ANSWER_MS = 60_000;
/** Largest recording in bytes that is transferred for a job. */
const MOST_MASTER_BYTES = 64 * 1024 * 1024;

/**
 * Synthesizes here what fits, and the rest at an origin; the audio is stored here under the origin's key. While no origin
 * answers, jobs wait.
 */
export function makePlaced(deps: JobDependencies, pool: OriginPool): MakeForJob {
  const here = makeHere(deps);
  return async (speech, formats, context) => {
    const { owner, signal } = context;
    const { work = workOf(speech.body, speech.model) } = speech;
    const placed = place(work, { origin: pool.up ? 'up' : 'down', jobs: false, degrade: false });
    // Private speech is stored where its owner is known. The engine has the models of origins work there.
    const stays =
      placed.where === 'edge' || speech.privacy !== undefined || speech.model.servedBy === 'origin';
    if (stays || (await requireLibrary(deps).head(speech.key, 'wav')) !== null) {
      return await here(speech, formats, context);
    }
    const library = requireLibrary(deps);
    const kept = await openKept(library, await originKeys(pool, speech), 'wav');
    if (kept !== undefined) {
      if (kept.audio.body instanceof ReadableStream) await kept.audio.body.cancel();
      for (const format of formats) await library.head(kept.key, format);
      return { key: kept.key, meta: kept.audio.meta };
    }
    if (placed.where === 'nowhere') {
      throw new SoriError(placed.code, 'This needs more than the edge has, and no origin answers now.');
    }
    const bake = (quota: CharacterQuota) =>
      bakeAtOrigin(ofOwner(deps, owner), speech, formats, {
        pool,
        work,
        caller: owner,
        requestId: crypto.randomUUID(),
        quota,
        signal,
        // The runner waits for it.
        keepAlive: () => {},
        answerMs: ANSWER_MS + 2 * estimateCost(work).cpuMs,
        mostBytes: MOST_MASTER_BYTES,
      });
    return await onAccount(deps, owner, bake);
  };
}

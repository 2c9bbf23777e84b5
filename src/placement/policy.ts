import { type Cost, estimateCost, type Work } from './cost.ts';

/**
 * Milliseconds of computing up to which work is the edge's own: whoever waits for the whole file waits no longer than this. All else is
 * better done on a machine that has more than one thread.
 */
export const EDGE_MS = 2_000;
/** Milliseconds beyond which the edge can't: Workers end a request after 30 s of computing, and a busy machine takes longer than ours. */
export const EDGE_MS_AT_MOST = 25_000;
/** Bytes that an isolate has for a request: 96 MB (`DESIGN.md`) without the 69 MB of a model whose sessions are open. */
export const EDGE_BYTES = 27e6;
/** Bytes beyond which the edge can't: 128 MB end an isolate; less the model, the program and room for the answer beside it. */
export const EDGE_BYTES_AT_MOST = 44e6;

/** A place that a request may name. */
export type Home = 'edge' | 'origin';

/** What the policy must know besides the work. */
export interface Circumstances {
  /** `none`: there is none. `down`: none of them answers. */
  readonly origin: 'none' | 'up' | 'down';
  /** Where the caller wants it done. */
  readonly forced?: Home;
  /** Would the caller rather have a job than wait? */
  readonly respondAsync?: boolean;
  /** Milliseconds that such a caller would wait. */
  readonly waitMs?: number;
  /** Are there jobs here? */
  readonly jobs: boolean;
  /** May it be done with fewer steps? */
  readonly degrade: boolean;
}

/** Why something is done where it is. */
export type Reason =
  | 'small'
  | 'cost'
  | 'memory'
  | 'reference'
  | 'forced'
  | 'async'
  | 'no-origin'
  | 'origin-down'
  | 'degraded';

/** Where work is done. */
export interface Placement {
  readonly where: 'edge' | 'origin-sync' | 'origin-async';
  readonly reason: Reason;
  /** The work itself, or so much of it as the edge can do. */
  readonly work: Work;
}

/** Work that can be done nowhere now. */
export interface Refusal {
  readonly where: 'nowhere';
  readonly code: 'origin_required' | 'origin_unavailable';
  /** What the edge lacks for it. */
  readonly reason: Reason;
}

/**
 * Says where work is done. Pure: all that it knows is in its arguments.
 *
 * @example
 * ```ts
 * place(work, { origin: 'up', jobs: false, degrade: false }); // { where: 'edge', reason: 'small', work }
 * ```
 */
export function place(work: Work, circumstances: Circumstances): Placement | Refusal {
  const { origin, forced, respondAsync, waitMs = 0, jobs } = circumstances;
  const cost = estimateCost(work);
  if (respondAsync && jobs && forced !== 'edge' && cost.cpuMs > waitMs) {
    // A job waits until there is an origin; what fits needs none.
    if (origin !== 'none') return { where: 'origin-async', reason: 'async', work };
  }
  if (forced === 'edge') return atEdge(work, circumstances, 'forced', 'origin_required');
  if (forced === 'origin') {
    if (origin === 'up') return { where: 'origin-sync', reason: 'forced', work };
    const code = origin === 'none' ? 'origin_required' : 'origin_unavailable';
    return { where: 'nowhere', code, reason: 'forced' };
  }
  const heavy = heavyReason(work, cost);
  if (heavy === undefined) return { where: 'edge', reason: 'small', work };
  if (origin === 'up') return { where: 'origin-sync', reason: heavy, work };
  if (origin === 'none') return atEdge(work, circumstances, 'no-origin', 'origin_required');
  return atEdge(work, circumstances, 'origin-down', 'origin_unavailable');
}

/** Why work is better done at an origin. */
function heavyReason({ referenceSeconds }: Work, { cpuMs, bytes }: Cost): Reason | undefined {
  if (referenceSeconds > 0) return 'reference';
  if (bytes > EDGE_BYTES) return 'memory';
  return cpuMs > EDGE_MS ? 'cost' : undefined;
}

/** Why the edge can't do work. */
function misfit({ cpuMs, bytes }: Cost): Reason | undefined {
  if (bytes > EDGE_BYTES_AT_MOST) return 'memory';
  return cpuMs > EDGE_MS_AT_MOST ? 'cost' : undefined;
}

function atEdge(
  work: Work,
  { degrade }: Circumstances,
  reason: Reason,
  code: Refusal['code'],
): Placement | Refusal {
  const lacking = misfit(estimateCost(work));
  if (lacking === undefined) return { where: 'edge', reason, work };
  const lighter = degrade ? withFewerSteps(work) : undefined;
  if (lighter !== undefined) return { where: 'edge', reason: 'degraded', work: lighter };
  return { where: 'nowhere', code, reason: lacking };
}

/** The same work with as many of its steps as fit the edge: the refiner's go first, since they add less to what is heard. */
function withFewerSteps(work: Work): Work | undefined {
  const { refineSteps, diffusionSteps } = work;
  // An emotion is nothing without a step.
  const fewest = Math.min(1, diffusionSteps);
  for (let steps = refineSteps + diffusionSteps - 1; steps >= fewest; steps--) {
    const style = Math.min(diffusionSteps, Math.max(fewest, steps));
    const lighter = { ...work, diffusionSteps: style, refineSteps: steps - style };
    if (misfit(estimateCost(lighter)) === undefined) return lighter;
  }
  return undefined;
}

import { type Cost, estimateCost, type Work } from './cost.ts';

/**
 * Milliseconds of computing up to which the edge does work itself, so that a client waits at most this long for a whole file. Longer work is
 * faster on a machine with more than one thread.
 */
export const EDGE_MS = 2_000;
/** Milliseconds beyond which the edge refuses: Workers end a request after 30 s of computing, and a busy machine is slower than ours. */
export const EDGE_MS_AT_MOST = 25_000;
/** Bytes that an isolate has for a request: 96 MB less the 69 MB of a model with open sessions. */
export const EDGE_BYTES = 27e6;
/** Bytes beyond which the edge refuses: an isolate ends at 128 MB, less the model, the program and the room for the answer. */
export const EDGE_BYTES_AT_MOST = 44e6;

/** A place that a request may ask for. */
export type Home = 'edge' | 'origin';

/** The state of the server and the preferences of the caller. */
export interface Circumstances {
  /** `none`: no origin is configured. `down`: no origin answers. */
  readonly origin: 'none' | 'up' | 'down';
  /** The place that the caller demands. */
  readonly forced?: Home;
  /** Whether the caller prefers a job to waiting. */
  readonly respondAsync?: boolean;
  /** Milliseconds that this caller accepts to wait. */
  readonly waitMs?: number;
  /** Whether this server runs jobs. */
  readonly jobs: boolean;
  /** Whether fewer steps are acceptable. */
  readonly degrade: boolean;
}

/** The reason for a placement. */
export type Reason =
  | 'small'
  | 'cost'
  | 'memory'
  | 'reference'
  | 'model'
  | 'forced'
  | 'async'
  | 'no-origin'
  | 'origin-down'
  | 'degraded';

/** Where work is done, and why. */
export interface Placement {
  readonly where: 'edge' | 'origin-sync' | 'origin-async';
  readonly reason: Reason;
  /** The work, with fewer steps where it was reduced to fit the edge. */
  readonly work: Work;
}

/** A refusal: no place can do the work now. */
export interface Refusal {
  readonly where: 'nowhere';
  readonly code: 'origin_required' | 'origin_unavailable';
  /** The capability that the edge lacks. */
  readonly reason: Reason;
}

/**
 * Decides where work is done. A pure function of its arguments.
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
    // A job waits for an origin; work that fits the edge needs no job.
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

/** The reason to prefer an origin, if there is one. */
function heavyReason({ referenceSeconds }: Work, { cpuMs, bytes }: Cost): Reason | undefined {
  if (referenceSeconds > 0) return 'reference';
  if (bytes > EDGE_BYTES) return 'memory';
  return cpuMs > EDGE_MS ? 'cost' : undefined;
}

/** The reason why the edge cannot do the work, if there is one. */
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

/** Reduces the steps until the work fits the edge: the refiner's first, because they change the sound least. */
function withFewerSteps(work: Work): Work | undefined {
  const { refineSteps, diffusionSteps } = work;
  // Without a step, the style would not be sampled at all.
  const fewest = Math.min(1, diffusionSteps);
  for (let steps = refineSteps + diffusionSteps - 1; steps >= fewest; steps--) {
    const style = Math.min(diffusionSteps, Math.max(fewest, steps));
    const lighter = { ...work, diffusionSteps: style, refineSteps: steps - style };
    if (misfit(estimateCost(lighter)) === undefined) return lighter;
  }
  return undefined;
}

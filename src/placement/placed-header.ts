import type { Context } from 'hono';
import { SoriError } from '../base/errors.ts';
import type { AppEnv } from '../http/context.ts';
import type { PlacementDependencies } from './dependencies.ts';
import type { Placement, Refusal } from './policy.ts';

/** Header that reports where an answer was made, and why. */
export const PLACED_HEADER = 'X-Sori-Placed';

/** Ranks places: of several pieces of work in one request, the most expensive one is reported. */
function weightOf(placed: string | undefined): number {
  if (placed === undefined) return 0;
  if (placed.startsWith('origin')) return 3;
  return /reason=(?:small|kept)$/.test(placed) ? 1 : 2;
}

/** Reports in `X-Sori-Placed` where the work is done. */
export function reportPlaced(c: Context<AppEnv>, where: 'edge' | 'origin', reason: string): void {
  const account = c.get('account');
  const placed = `${where}; reason=${reason}`;
  if (weightOf(placed) < weightOf(account.placed)) return;
  account.placed = placed;
  c.header(PLACED_HEADER, placed);
}

/**
 * Reports that the edge does the work.
 * @throws {SoriError} the error of a refusal.
 */
export function reportEdge(c: Context<AppEnv>, placed: Placement | Refusal): void {
  if (placed.where === 'nowhere') throw refusalOf(placed);
  const { reason, work } = placed;
  const steps =
    reason === 'degraded' ? `; refine_steps=${work.refineSteps}; diffusion_steps=${work.diffusionSteps}` : '';
  reportPlaced(c, 'edge', reason + steps);
}

/** Reports that this process does the work because no other can. */
export function reportHere(c: Context<AppEnv>, deps: PlacementDependencies): void {
  reportPlaced(c, homeOf(deps), deps.placement === undefined ? 'only' : 'small');
}

/** Reports that stored audio was used, unless some work was already reported. */
export function reportStored(c: Context<AppEnv>, deps: PlacementDependencies): void {
  if (c.get('account').placed !== undefined) return;
  if (deps.placement === undefined) reportHere(c, deps);
  else reportPlaced(c, 'edge', 'kept');
}

/** Whether this process is an edge or an origin. */
export function homeOf({ originGuard }: PlacementDependencies): 'edge' | 'origin' {
  return originGuard === undefined ? 'edge' : 'origin';
}

/** The same as headers, for responses that are built without the context's headers. */
export function placedHeaders(c: Context<AppEnv>): Record<string, string> {
  const { placed } = c.get('account');
  return placed === undefined ? {} : { [PLACED_HEADER]: placed };
}

const LACKING: Readonly<Partial<Record<Refusal['reason'], string>>> = {
  cost: 'This needs more computing than the edge has for a request',
  memory: 'This needs more memory than the edge has for a request',
  forced: 'X-Sori-Placement asks for an origin',
};

/** The error that answers a refusal. */
export function refusalOf({ code, reason }: Refusal): SoriError {
  const what = LACKING[reason] ?? LACKING.cost;
  const message =
    code === 'origin_required'
      ? `${what}, and no origin is configured: ask for less at once or for fewer steps, allow degrade, or configure one (ORIGINS).`
      : `${what}, and none answers now: try again later, ask for fewer steps, or allow degrade.`;
  return new SoriError(code, message);
}

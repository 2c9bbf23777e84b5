import type { Context } from 'hono';
import { SoriError } from '../base/errors.ts';
import type { AppEnv } from '../http/context.ts';
import type { PlacementDependencies } from './dependencies.ts';
import type { Placement, Refusal } from './policy.ts';

/** Header that says where an answer was made, and why there. */
export const PLACED_HEADER = 'X-Sori-Placed';

/** Of several pieces of work in one request that is told of which took most. */
function weightOf(placed: string | undefined): number {
  if (placed === undefined) return 0;
  if (placed.startsWith('origin')) return 3;
  return /reason=(?:small|kept)$/.test(placed) ? 1 : 2;
}

/** Says in `X-Sori-Placed` where it is done. */
export function reportPlaced(c: Context<AppEnv>, where: 'edge' | 'origin', reason: string): void {
  const account = c.get('account');
  const placed = `${where}; reason=${reason}`;
  if (weightOf(placed) < weightOf(account.placed)) return;
  account.placed = placed;
  c.header(PLACED_HEADER, placed);
}

/**
 * Says that it is done here.
 * @throws {SoriError} what a refusal says.
 */
export function reportEdge(c: Context<AppEnv>, placed: Placement | Refusal): void {
  if (placed.where === 'nowhere') throw refusalOf(placed);
  const { reason, work } = placed;
  const steps =
    reason === 'degraded' ? `; refine_steps=${work.refineSteps}; diffusion_steps=${work.diffusionSteps}` : '';
  reportPlaced(c, 'edge', reason + steps);
}

/** Says that this is where the answer is made, as nothing else could be. */
export function reportHere(c: Context<AppEnv>, deps: PlacementDependencies): void {
  reportPlaced(c, homeOf(deps), deps.placement === undefined ? 'only' : 'small');
}

/** Says that nothing had to be done, unless something was. */
export function reportStored(c: Context<AppEnv>, deps: PlacementDependencies): void {
  if (c.get('account').placed !== undefined) return;
  if (deps.placement === undefined) reportHere(c, deps);
  else reportPlaced(c, 'edge', 'kept');
}

/** What this process is. */
export function homeOf({ originGuard }: PlacementDependencies): 'edge' | 'origin' {
  return originGuard === undefined ? 'edge' : 'origin';
}

/** The same for answers that are made of headers of their own. */
export function placedHeaders(c: Context<AppEnv>): Record<string, string> {
  const { placed } = c.get('account');
  return placed === undefined ? {} : { [PLACED_HEADER]: placed };
}

const LACKING: Readonly<Partial<Record<Refusal['reason'], string>>> = {
  cost: 'This takes more computing than the edge has for a request',
  memory: 'This takes more memory than the edge has for a request',
  forced: 'X-Sori-Placement asks for an origin',
};

/** A refusal, as it is answered. */
export function refusalOf({ code, reason }: Refusal): SoriError {
  const what = LACKING[reason] ?? LACKING.cost;
  const message =
    code === 'origin_required'
      ? `${what}, and no origin is to be asked: ask for less at once or for fewer steps, allow degrade, or configure one (ORIGINS).`
      : `${what}, and none answers now: try again later, ask for fewer steps, or allow degrade.`;
  return new SoriError(code, message);
}

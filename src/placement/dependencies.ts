import type { HttpDependencies } from '../http/context.ts';
import type { OriginGuard } from './origin-guard.ts';
import type { OriginPool } from './origin-pool.ts';

/** Settings that make this process an edge or an origin. */
export interface PlacementDependencies extends HttpDependencies {
  /** Makes this process an edge, which hands heavy work to origins; default: all work is done here. */
  readonly placement?: {
    /** Origins that heavy work is handed to; without it, work that does not fit the edge is refused. */
    readonly pool?: OriginPool;
  };
  /** Makes this process an origin, which answers only its edges. */
  readonly originGuard?: OriginGuard;
}

import type { HttpDependencies } from '../http/context.ts';
import type { CloningEngine } from './cloning/engine.ts';
import type { OriginGuard } from './origin-guard.ts';
import type { OriginModels } from './origin-models.ts';
import type { OriginPool } from './origin-pool.ts';

/** Settings that make this process an edge or an origin. */
export interface PlacementDependencies extends HttpDependencies {
  /** Makes this process an edge, which hands heavy work to origins; default: all work is done here. */
  readonly placement?: {
    /** Origins that heavy work is handed to; without it, work that does not fit the edge is refused. */
    readonly pool?: OriginPool;
    /** The models that the origins of the pool list; made by `createApp`. */
    readonly models?: OriginModels;
    /** Their cloning models; made by `createApp`. */
    readonly cloning?: CloningEngine;
  };
  /** Makes this process an origin, which answers only its edges. */
  readonly originGuard?: OriginGuard;
}

import type { SpeechEngine } from '../../engine/engine.ts';
import type { ShardSource } from '../../shards/source.ts';

/** Dependencies of the studio's routes. */
export interface StudioDependencies {
  readonly engine: Pick<SpeechEngine, 'names'>;
  /** Source of the model files for browsers that run a model themselves. Without it they are 501 `not_configured`. */
  readonly shards?: ShardSource;
}

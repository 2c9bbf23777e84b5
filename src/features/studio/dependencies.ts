import type { SpeechEngine } from '../../engine/engine.ts';
import type { ShardSource } from '../../shards/source.ts';

/** Dependencies of the studio's routes. */
export interface StudioDependencies {
  readonly engine: Pick<SpeechEngine, 'names'>;
  /** Where the files of the models are, for browsers that run a model themselves. Without it the files are 501 `not_configured`. */
  readonly shards?: ShardSource;
}

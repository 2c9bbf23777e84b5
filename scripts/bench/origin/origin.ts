import type { Row } from '../table.ts';
import { measureBatching } from './batching.ts';
import { measureClone } from './clone.ts';
import { measureGpu } from './gpu.ts';
import { measureKilledJobs } from './killed-jobs.ts';
import { measurePassThrough } from './pass-through.ts';

/** How much is asked of the origin. */
export interface OriginOptions {
  /** Folder with the speech corpora: of whom a clone is made; default: of the model's own voice. */
  readonly corpora?: string;
  readonly quick?: boolean;
}

/** Everything that has an origin in it: phrases that run together, edge in front, jobs while it dies, a GPU where there is one; and clones. */
export async function measureOrigin({ corpora, quick }: OriginOptions): Promise<Row[]> {
  return [
    ...(await (quick ? measureBatching(1, 16) : measureBatching())),
    await measurePassThrough(quick ? 3 : 21),
    ...(await measureClone({ corpora, runs: quick ? 2 : 6 })),
    await measureKilledJobs(quick ? 25 : 500),
    ...(await measureGpu(quick ? { batches: [1, 2], rounds: 1 } : { batches: [1, 8, 32], rounds: 5 })),
  ];
}

export type { StudioDependencies } from './dependencies.ts';
export { pageRoute } from './page.ts';
export { shardRoute } from './shards.ts';

export type { HearingDependencies } from './dependencies.ts';
export { hearingRoutes } from './routes.ts';
export { shareSpoken } from './spoken.ts';

export type { DecodedRecording, DecodeRecording, HearingDependencies } from './dependencies.ts';
export { hearingRoutes } from './routes.ts';
export { shareSpoken } from './spoken.ts';

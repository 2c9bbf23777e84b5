export { speakerAnalysisRoutes } from './analysis-routes.ts';
export type { SpeakerDependencies } from './dependencies.ts';
export { speakerRoutes } from './routes.ts';

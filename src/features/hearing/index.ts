export { recordingAtOrigin } from './at-origin.ts';
export type { HearingDependencies } from './dependencies.ts';
export { charactersFor } from './price.ts';
export { hearingRoutes } from './routes.ts';
export { MAX_SECONDS, MAX_UPLOAD_BYTES } from './schema.ts';
export { shareSpoken } from './spoken.ts';
export { RATE, readRecording, recognizerOf, transcribe } from './transcribe.ts';
export { checkUnderstood } from './understood.ts';

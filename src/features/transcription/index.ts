export { recordingAtOrigin } from './at-origin.ts';
export type { TranscriptionDependencies } from './dependencies.ts';
export { charactersFor } from './price.ts';
export { transcriptionRoutes } from './routes.ts';
export { MAX_SECONDS, MAX_UPLOAD_BYTES } from './schema.ts';
export { shareSpoken } from './spoken.ts';
export { RATE, readRecording, recognizerOf, transcribe } from './transcribe.ts';
export { checkUnderstood } from './understood.ts';

export type { DecodedRecording, DecodeRecording, HearingDependencies } from './dependencies.ts';

export { AUDIO_FORMATS, type AudioFormatId } from '../audio/format.ts';
export { type ErrorCode, SoriError } from '../base/errors.ts';
export type { ModelInfo, ReadText, Voice } from '../engine/engine.ts';
export type { Cue, CueUnit } from '../synthesis/alignment.ts';
export type { Warning } from '../text/warnings.ts';
export type { ReadFields, Sori, SpeechFields, Spoken } from './sori.ts';

/** `import { createEncoder } from 'sori/audio'`: audio files and captions of samples, without a model. */
export { createEncoder } from '../audio/encoders/encoder.ts';
export {
  AUDIO_FORMATS,
  type AudioEncoder,
  type AudioFormatId,
  type EncoderOptions,
  FORMAT_INFO,
} from '../audio/format.ts';
export { setAssetBase } from '../base/asset-base.ts';
export { subRip, webVtt } from '../features/speech/answer/captions.ts';
export type { Cue } from '../synthesis/alignment.ts';

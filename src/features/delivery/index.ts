export type { ClonedVoiceAudio, DeliveryDependencies } from './dependencies.ts';
export { AUDIO_CONTENT, AUDIO_HEADERS, audioQuery, audioRequest, audioResponses } from './docs.ts';
export { audioPath, cacheTag, etagOf, IMMUTABLE } from './headers.ts';
export { readMeta } from './meta.ts';
export {
  admitSpeech,
  MARK_REVISION,
  marked,
  type Privacy,
  privacyOfStored,
  provenanceTags,
  tracking,
  voiceNotFound,
} from './private-audio.ts';
export { type AudioAnswer, answerAudio, audioRoute } from './routes.ts';
export { HIDDEN } from './source.ts';

export type { ClonedVoiceAudio, DeliveryDependencies } from './dependencies.ts';
export { AUDIO_CONTENT, AUDIO_HEADERS, audioQuery, audioRequest, audioResponses } from './docs.ts';
export { audioPath, cacheControlFor, cacheTag, etagOf, IMMUTABLE, PRIVATE_VARY } from './headers.ts';
export { readMeta } from './meta.ts';
export {
  admitSpeech,
  isOwner,
  MARK_REVISION,
  marked,
  type Privacy,
  privacyOfStored,
  provenanceTags,
  tracking,
  voiceNotFound,
  watermarkOf,
  whileVoicesExist,
} from './private-audio.ts';
export { type AudioAnswer, answerAudio, audioRoute } from './routes.ts';
export { HIDDEN } from './source.ts';

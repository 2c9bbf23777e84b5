export { type AddressedSpeech, addressSpeech, modelEdition } from './address.ts';
export { answerSpeech } from './answer/answer.ts';
export { subRip, webVtt } from './answer/captions.ts';
export { type BakedSpeech, bakeSpeech, makeOrJoin, requireLibrary } from './bake.ts';
export { checkOutput, checkSpeech, isBareAudio } from './conflicts.ts';
export type { SpeechDependencies } from './dependencies.ts';
export { IGNORED_HEADER, ignoredHeader } from './ignored.ts';
export { ignoredHeaderDocs, warningSchema } from './ignored-docs.ts';
export { unknownField } from './lenient/normalize.ts';
export { notesOf, withNotes } from './lenient/notes.ts';
export { bytesFor, charactersOf, voicesOf } from './make-speech.ts';
export { streamOnMiss } from './on-miss.ts';
export { parseExactSpeech, parseSpeech } from './parse.ts';
export { bakeAtOrigin } from './placement/bake-at-origin.ts';
export { bakeFor } from './placement/bake-placed.ts';
export { isKept, openKept, originKeys } from './placement/kept.ts';
export { circumstancesOf } from './placement/place.ts';
export { requireOriginFor } from './placement/require-origin.ts';
export { postJob, respondAsJob } from './placement/respond-async.ts';
export {
  type PlacementPreferences,
  readPlacementPreferences,
  refuseEdge,
  workOf,
  workOfRecordings,
} from './placement/work.ts';
export { speechRoute } from './routes.ts';
export { DEFAULTS, MAX_INPUT_CHARACTERS, type SpeechBody, speechSchema } from './schema.ts';
export { DEFAULT_EXPIRES_IN } from './signed/docs.ts';
export { MAX_URL_LENGTH } from './signed/request.ts';
export { answerSigned, expiresIn, openSigned, signedSpeechRoutes, signingKeysOf } from './signed/routes.ts';
export { speechSource } from './source.ts';
export { type AskedSpeech, speakAs } from './speak-as.ts';
export {
  type MakeForJob,
  makeHere,
  ofOwner,
  onAccount,
  type SpeakForJob,
  speakWith,
} from './speak-for-job.ts';
export { underWay, wantsNoStore } from './under-way.ts';
export { remakeUnstored } from './unstored.ts';
export { type NamedClones, namedClones, onBehalf } from './voices/cloned-voices.ts';
export { emotionWeights, leadNameOf, leadOf, voiceWeights } from './voices/mixes.ts';
export { modelNamed } from './voices/model-named.ts';
export { findVoice, openAiNamesOf, resolveModelName } from './voices/openai-names.ts';
export { requireReferences } from './voices/references.ts';

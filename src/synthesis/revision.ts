/**
 * Counts the changes of this code that change the samples of some request: to be raised with every such change, so that audio
 * stored under a cache key stays what a fresh synthesis would give. `test/node/speech/golden-speech.test.ts` fails when it is forgotten.
 */
export const SYNTHESIS_REVISION = 11;

import type { SpeechRequest } from '../../src/engine/engine.ts';

/** Fields of a speech request that change nothing: the voice unchanged, in English, with the refiner's default. */
const NEUTRAL = {
  model: 'sori-2',
  voice: { hazel: 1 },
  language: 'en',
  speed: 1,
  seed: 0,
  refineSteps: undefined,
  pronunciations: {},
  pitch: 0,
  pitchRange: 1,
  energy: 0,
  pauses: 1,
  exactLength: true,
} satisfies Partial<SpeechRequest>;

/** A speech request whose other fields are neutral. */
export function plainRequest(fields: Pick<SpeechRequest, 'input'> & Partial<SpeechRequest>): SpeechRequest {
  return { ...NEUTRAL, ...fields };
}

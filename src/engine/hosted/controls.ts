import { SoriError } from '../../base/errors.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import { findLanguage, primarySubtag, unsupportedLanguage } from '../../text/language.ts';
import type { Utterance } from '../../text/types.ts';
import type { WarningCode, Warnings } from '../../text/warnings.ts';
import type { SpeechRequest } from '../engine.ts';

/** Fields that these models do not support, and the values that are accepted because they change nothing. */
const UNKNOWN: readonly (readonly [field: keyof SpeechRequest, parameter: string, nothing: unknown])[] = [
  ['pitch', 'pitch', 0],
  ['pitchRange', 'pitch_range', 1],
  ['emotion', 'emotion', undefined],
  ['style', 'style', undefined],
  ['clones', 'voice', undefined],
  ['alpha', 'alpha', undefined],
  ['beta', 'beta', undefined],
  ['diffusionSteps', 'diffusion_steps', undefined],
  ['embeddingScale', 'embedding_scale', undefined],
  ['refineSteps', 'refine_steps', undefined],
];

/** Fields that a cloning model supports. */
const CLONING: ReadonlySet<keyof SpeechRequest> = new Set(['style', 'clones']);

/**
 * Refuses fields that a model does not support.
 * @throws {SoriError} `conflicting_parameters`.
 */
export function refuseUnknown({ id, task }: ModelManifest, request: SpeechRequest): void {
  for (const [field, param, nothing] of UNKNOWN) {
    if (task === 'speech-cloning' && CLONING.has(field)) continue;
    if (request[field] === nothing || request[field] === undefined) continue;
    const message = `'${id}' has no control of ${param}: leave it out, or use another model.`;
    throw new SoriError('conflicting_parameters', message, { param });
  }
}

/**
 * An utterance with as much of its markup as the model has; the rest is a warning.
 * @param clones cloned voices of the request, which markup may name.
 * @throws {SoriError} in strict mode, `unknown_voice` and `conflicting_parameters`.
 */
export function withKnownMarkup(
  { id, voices, languages }: ModelManifest,
  utterance: Utterance,
  clones: SpeechRequest['clones'],
  warnings: Warnings,
): Utterance {
  const { voice, emotion, language, phonemes, span } = utterance;
  const drop = (code: WarningCode, error: SoriError['code'], message: string, instead: string) => {
    if (warnings.strict) throw new SoriError(error, message, { param: 'input' });
    warnings.add(code, `${message} ${instead}`, span.start);
  };
  let spoken = utterance;
  const known =
    voice === undefined || voices.some((own) => own.id === voice) || clones?.[voice] !== undefined;
  if (!known) {
    const message = `'${id}' has no voice '${voice}', which the SSML names.`;
    drop('unknown_voice', 'unknown_voice', message, 'The voice of the request speaks.');
    spoken = { ...spoken, voice: undefined };
  }
  if (language !== undefined && findLanguage(languages, language) < 0) {
    const error = unsupportedLanguage({ name: id, languages }, language, 'input');
    const { message } = error;
    // Its phonemes are those of Korean, which the model can't read in another language.
    if (primarySubtag(language) === 'ko') throw error;
    const instead = 'The text is spoken in the language of the request.';
    drop('unsupported_language', 'unsupported_language', message, instead);
    spoken = { ...spoken, language: undefined };
  }
  const moved = phonemes.some(
    ({ controls }) =>
      controls && (controls.pitch !== 0 || controls.pitchRange !== 1 || controls.pitchHz || controls.contour),
  );
  for (const [what, isSet] of [
    ['emotion', emotion !== undefined],
    ['pitch', moved],
  ] as const) {
    if (!isSet) continue;
    const message = `'${id}' has no control of ${what}, which the SSML sets: leave it out, or use another model.`;
    drop('ignored_value', 'conflicting_parameters', message, 'It has no effect.');
  }
  return spoken;
}

import { SoriError } from '../../base/errors.ts';
import type { VoiceDependencies } from './dependencies.ts';
import { type ClonedVoiceAnswer, clonedVoiceAnswer, type VoiceAnswer, voiceAnswer } from './schema.ts';
import type { ClonedVoice } from './voice.ts';

/**
 * All voices that an API key may use: those of the models, then its own cloned ones.
 * @param owner the key's id.
 * @throws {SoriError} `model_unavailable`.
 */
export async function listVoices(
  deps: VoiceDependencies,
  owner: string,
  signal: AbortSignal,
): Promise<(VoiceAnswer | ClonedVoiceAnswer)[]> {
  const models = await deps.engine.models(signal);
  const own = await ownVoices(deps, owner);
  return [
    ...models.flatMap((model) => model.voices.map((voice) => voiceAnswer(deps, model, voice))),
    ...own.map((voice) => clonedVoiceAnswer(deps, voice)),
  ];
}

/** The models' voices are listed even without a database or its tables. */
async function ownVoices({ voices }: VoiceDependencies, owner: string): Promise<readonly ClonedVoice[]> {
  try {
    return (await voices?.list(owner)) ?? [];
  } catch (error) {
    if (error instanceof SoriError && error.code === 'not_configured') return [];
    throw error;
  }
}

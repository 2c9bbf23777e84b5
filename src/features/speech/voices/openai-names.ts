import { SoriError } from '../../../base/errors.ts';
import type { ModelInfo, Voice } from '../../../engine/engine.ts';

/** OpenAI's model names, which mean the default model. */
export const OPENAI_MODELS: readonly string[] = [
  'tts-1',
  'tts-1-1106',
  'tts-1-hd',
  'tts-1-hd-1106',
  'gpt-4o-mini-tts',
  'gpt-4o-mini-tts-2025-03-20',
  'gpt-4o-mini-tts-2025-12-15',
];

/** OpenAI's voice names and the voices that they mean, best first. A model with none of them uses its first voice. */
export const OPENAI_VOICES: Readonly<Record<string, readonly string[]>> = {
  alloy: ['hazel', 'af_alloy'],
  ash: ['evan', 'hazel'],
  ballad: ['miles', 'hazel'],
  cedar: ['miles', 'hazel'],
  coral: ['clara'],
  echo: ['evan', 'hazel', 'am_echo'],
  fable: ['edmund', 'toby', 'hazel', 'bm_fable'],
  marin: ['clara'],
  nova: ['clara', 'af_nova'],
  onyx: ['miles', 'hazel', 'am_onyx'],
  sage: ['brooke', 'clara'],
  shimmer: ['brooke', 'clara'],
  verse: ['toby', 'hazel'],
};

/** Names of models that are no longer made, and the model that answers for each. */
export const FORMER_MODELS: Readonly<Record<string, string>> = { 'sori-1': 'sori-2' };

/**
 * Finds a model by its name in any case. OpenAI's names mean the first; a former model's name means its successor.
 * @returns one of `names`; `undefined` for a name of none.
 */
export function ownModelName(names: readonly string[], name: string): string | undefined {
  if (names.includes(name)) return name;
  const lower = name.toLowerCase();
  const own = names.find((known) => known.toLowerCase() === lower);
  if (own !== undefined) return own;
  if (OPENAI_MODELS.includes(lower)) return names[0];
  const successor = Object.hasOwn(FORMER_MODELS, lower) ? FORMER_MODELS[lower] : undefined;
  return successor !== undefined && names.includes(successor) ? successor : undefined;
}

/**
 * Resolves a model name to one of `names`, as {@link ownModelName} does.
 * @throws {SoriError} `unknown_model`.
 */
export function resolveModelName(names: readonly string[], name: string): string {
  const own = ownModelName(names, name);
  if (own !== undefined) return own;
  throw new SoriError('unknown_model', `Unknown model; available models: ${names.join(', ')}.`, {
    param: 'model',
  });
}

/** Finds a model's voice by its id, by the name of an older model's voice that it answers for, or by an OpenAI name, in any case. */
export function findVoice(model: ModelInfo, name: string): Voice | undefined {
  const lower = name.toLowerCase();
  const own =
    model.voices.find(({ id }) => id === name) ??
    model.voices.find(({ id }) => id.toLowerCase() === lower) ??
    model.voices.find(({ formerly }) => formerly?.includes(lower));
  if (own !== undefined || !Object.hasOwn(OPENAI_VOICES, lower)) return own;
  const answers = OPENAI_VOICES[lower].map((id) => model.voices.find((voice) => voice.id === id));
  return answers.find((voice) => voice !== undefined) ?? model.voices[0];
}

/** The OpenAI names that mean this voice. */
export function openAiNamesOf(model: ModelInfo, voice: Voice): string[] {
  return Object.keys(OPENAI_VOICES).filter((name) => findVoice(model, name) === voice);
}

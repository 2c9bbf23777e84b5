import { SoriError } from '../../base/errors.ts';
import type { ModelInfo, Voice } from '../../engine/engine.ts';

/** OpenAI's model names, which mean the default model. */
export const OPENAI_MODELS: readonly string[] = [
  'tts-1',
  'tts-1-hd',
  'gpt-4o-mini-tts',
  'gpt-4o-mini-tts-2025-12-15',
];

/** OpenAI's voice names and the voices that stand for them, best first. A model with none of them uses its first voice. */
export const OPENAI_VOICES: Readonly<Record<string, readonly string[]>> = {
  alloy: ['kathleen', 'af_alloy'],
  ash: ['daniel', 'kathleen'],
  ballad: ['owen', 'kathleen'],
  cedar: ['marcus', 'kathleen'],
  coral: ['maya', 'linda'],
  echo: ['daniel', 'kathleen', 'am_echo'],
  fable: ['owen', 'kathleen', 'bm_fable'],
  marin: ['linda'],
  nova: ['nora', 'linda', 'af_nova'],
  onyx: ['marcus', 'kathleen', 'am_onyx'],
  sage: ['rose', 'linda'],
  shimmer: ['linda'],
  verse: ['daniel', 'kathleen'],
};

/**
 * Resolves a model name to one of `names`. OpenAI's names mean the first.
 * @throws {SoriError} `unknown_model`.
 */
export function resolveModelName(names: readonly string[], name: string): string {
  if (names.includes(name)) return name;
  if (OPENAI_MODELS.includes(name) && names.length > 0) return names[0];
  throw new SoriError('unknown_model', `Unknown model; available models: ${names.join(', ')}.`, {
    param: 'model',
  });
}

/** Finds a model's voice by its id or by an OpenAI name. */
export function findVoice(model: ModelInfo, name: string): Voice | undefined {
  const own = model.voices.find(({ id }) => id === name);
  if (own !== undefined || !Object.hasOwn(OPENAI_VOICES, name)) return own;
  const answers = OPENAI_VOICES[name].map((id) => model.voices.find((voice) => voice.id === id));
  return answers.find((voice) => voice !== undefined) ?? model.voices[0];
}

/** The OpenAI names that mean this voice. */
export function openAiNamesOf(model: ModelInfo, voice: Voice): string[] {
  return Object.keys(OPENAI_VOICES).filter((name) => findVoice(model, name) === voice);
}

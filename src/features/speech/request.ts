import { SoriError } from '../../base/errors.ts';
import type { ModelInfo, SpeechRequest } from '../../engine/engine.ts';
import { decodeStyleId } from '../../synthesis/reference/style-id.ts';
import { notesOf } from './lenient/notes.ts';
import type { SpeechBody } from './schema.ts';
import type { NamedClones } from './voices/cloned-voices.ts';
import { emotionWeights, leadOf, voiceWeights, type Weights } from './voices/mixes.ts';

/** Options of {@link speechRequest}. */
export interface RequestOptions {
  readonly exactLength: boolean;
  /** Makes a style from a recording in the body: `data:audio/…;base64,…`. */
  readonly encodeReference: (dataUrl: string) => Promise<Float32Array>;
  /** Cloned voices of the body; default: none. */
  readonly clones?: NamedClones;
}

/**
 * Converts a validated body to the engine's request: names are resolved, an id or a recording becomes a style vector.
 * @throws {SoriError} `unknown_voice`, `unknown_emotion`, `invalid_value`, `unsupported_language`, `invalid_style`,
 *   `style_of_another_model`, and what `encodeReference` throws.
 */
export async function speechRequest(
  model: ModelInfo,
  body: SpeechBody,
  { exactLength, encodeReference, clones = NO_CLONES }: RequestOptions,
): Promise<SpeechRequest> {
  const named = body.voice === undefined ? {} : voiceWeights(model, body.voice, clones);
  const emotion =
    body.emotion === undefined ? directedEmotion(model, body) : emotionWeights(model, body.emotion);
  const language = languageOf(model, body, named, clones);
  const { style: id } = body;
  const style = id?.startsWith('data:')
    ? await encodeReference(id)
    : id && decodeStyleId(id, model.styleSpace);
  return {
    model: model.id,
    voice: style ? {} : named,
    input: body.input,
    ...(body.strict && { strict: true }),
    ...(body.unreadable === 'skip' && { unreadable: 'skip' as const }),
    language,
    speed: body.speed,
    seed: body.seed,
    refineSteps: body.refine_steps,
    pronunciations: body.pronunciations,
    emotion,
    style: style || undefined,
    clones: clones.size > 0 ? stylesOf(clones) : undefined,
    alpha: body.alpha,
    beta: body.beta,
    diffusionSteps: body.diffusion_steps,
    embeddingScale: body.embedding_scale,
    pitch: body.pitch,
    pitchRange: body.pitch_range,
    energy: body.energy,
    pauses: body.pauses,
    exactLength,
  };
}

/** The emotions of `instructions` that the model has; none where they need steps and the request excludes those. */
function directedEmotion({ emotions, samplesEmotions }: ModelInfo, body: SpeechBody): Weights | undefined {
  if (samplesEmotions && body.diffusion_steps === 0) return undefined;
  const asked = Object.entries(notesOf(body).emotion ?? {}).filter(([name]) => emotions.includes(name));
  return asked.length > 0 ? Object.fromEntries(asked) : undefined;
}

/** The model's tag for the requested language, else for the voice's: the same tag or one of the same language. */
function languageOf(model: ModelInfo, body: SpeechBody, voices: Weights, clones: NamedClones): string {
  const lead = Object.keys(voices).length > 0 ? leadOf(voices) : '';
  const spoken = clones.get(lead)?.voice.language ?? model.voices.find(({ id }) => id === lead)?.language;
  const wanted = (body.language ?? spoken ?? model.languages[0]).toLowerCase();
  const known = (matches: (tag: string) => boolean) =>
    model.languages.find((tag) => matches(tag.toLowerCase()));
  const found =
    known((tag) => tag === wanted) ??
    known((tag) => tag === primary(wanted)) ??
    known((tag) => primary(tag) === primary(wanted));
  if (found !== undefined) return found;
  throw new SoriError(
    'unsupported_language',
    `${model.id} does not speak this language; it speaks: ${model.languages.join(', ')}.`,
    { param: 'language' },
  );
}

const NO_CLONES: NamedClones = new Map();

const stylesOf = (clones: NamedClones): Record<string, Float32Array> =>
  Object.fromEntries([...clones].map(([id, { style }]) => [id, style]));

const primary = (tag: string): string => tag.split('-')[0];

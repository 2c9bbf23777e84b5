import { SoriError } from '../../base/errors.ts';
import type { ModelInfo } from '../../engine/engine.ts';
import type { SingingRequest } from '../../engine/singing/engine.ts';
import { lenient, refuseUnknown, unknownFields } from '../../http/bodies/lenient.ts';
import { decodeStyleId } from '../../synthesis/reference/style-id.ts';
import { expressionOf } from '../../synthesis/singing/expression.ts';
import type { Score } from '../../synthesis/singing/score.ts';
import {
  emotionWeights,
  findVoice,
  leadOf,
  type NamedClones,
  unknownField,
  voiceWeights,
  withNotes,
} from '../speech/index.ts';
import { readAccompaniment } from './accompaniment.ts';
import { type SingingBody, singingSchema } from './schema.ts';

const KNOWN: ReadonlySet<string> = new Set(Object.keys(singingSchema.shape));

/**
 * Checks the fields of a request body, each by itself.
 * @throws {SoriError} with the first fault's code and field.
 */
export function parseSinging(given: unknown): SingingBody {
  const body = lenient(singingSchema, given);
  const parsed = singingSchema.safeParse(body);
  if (parsed.success) {
    const unknown = unknownFields(body, KNOWN);
    if (parsed.data.strict) refuseUnknown(unknown);
    return withNotes(parsed.data, { warnings: unknown.map(unknownField) });
  }
  const [issue] = parsed.error.issues;
  if (issue.path.length === 0) throw new SoriError('invalid_type', 'The body must be a JSON object.');
  const param = String(issue.path[0]);
  const value = (body as Record<string, unknown>)[param];
  if (value === undefined)
    throw new SoriError('missing_required_parameter', `${param} is required.`, { param });
  const code = param.endsWith('_format') && param !== 'score_file' ? 'unsupported_format' : 'invalid_value';
  throw new SoriError(code, `${issue.path.join('.')}: ${reasonOf(issue)}.`, { param });
}

function reasonOf(issue: { readonly message: string; readonly code: string }): string {
  const text = issue.code === 'invalid_union' ? 'it has none of the allowed types' : issue.message;
  return text.replace(/\.$/, '').toLowerCase();
}

/** Fields of a {@link SingingRequest} that are not in the body. */
export interface SingingOptions {
  /** Cloned voices that the body names. */
  readonly clones?: NamedClones;
  readonly signal?: AbortSignal;
}

/**
 * Makes the engine's request of a checked body and its score.
 * @throws {SoriError} `unknown_voice`, `unknown_emotion`, `invalid_style`, `style_of_another_model`, `invalid_value`,
 * `missing_required_parameter`.
 */
export async function singingRequest(
  model: ModelInfo,
  body: SingingBody,
  score: Score,
  { clones = new Map(), signal }: SingingOptions = {},
): Promise<SingingRequest> {
  if (body.voice === undefined && body.style === undefined) {
    throw new SoriError('missing_required_parameter', 'voice is required unless style is given.', {
      param: 'voice',
    });
  }
  const voice = body.voice === undefined ? {} : voiceWeights(model, body.voice, clones);
  const lead = Object.keys(voice).length > 0 ? leadOf(voice) : '';
  const spoken = clones.get(lead)?.voice.language ?? model.voices.find(({ id }) => id === lead)?.language;
  const styles = Object.fromEntries([...clones].map(([id, { style }]) => [id, style]));
  return {
    model: model.id,
    score: {
      ...score,
      parts: score.parts.map((part) => ({ ...part, voice: partVoice(model, part.voice, clones) })),
    },
    voice: body.style ? {} : voice,
    style: body.style ? decodeStyleId(body.style, model.styleSpace) : undefined,
    clones: clones.size > 0 ? styles : undefined,
    language: body.language ?? spoken ?? model.languages[0],
    expression: expressionOf(body.expression, {
      portamento: body.portamento,
      vibratoDepth: body.vibrato_depth,
      vibratoRate: body.vibrato_rate,
      vibratoDelay: body.vibrato_delay,
      preparation: body.preparation,
      overshoot: body.overshoot,
      jitter: body.jitter,
    }),
    emotion: body.emotion === undefined ? undefined : emotionWeights(model, body.emotion),
    pronunciations: body.pronunciations,
    transpose: body.transpose,
    leadIn: body.lead_in,
    breaths: body.breaths === 'off' ? undefined : body.breaths,
    energy: body.energy,
    click: body.click === 'off' ? undefined : body.click,
    accompaniment: await accompanimentOf(body, signal),
    seed: body.seed,
  };
}

function partVoice(model: ModelInfo, name: string | undefined, clones: NamedClones): string | undefined {
  if (name === undefined || clones.has(name)) return name;
  const id = findVoice(model, name)?.id;
  if (id !== undefined) return id;
  const known = model.voices.map((voice) => voice.id).join(', ');
  throw new SoriError(
    'unknown_voice',
    `${model.id} has no voice ${JSON.stringify(name)}; it has: ${known}.`,
    { param: 'score' },
  );
}

async function accompanimentOf(
  { accompaniment, accompaniment_gain }: SingingBody,
  signal?: AbortSignal,
): Promise<Float32Array | undefined> {
  if (accompaniment === undefined) return undefined;
  const bytes = bytesOf(accompaniment.slice(accompaniment.indexOf(',') + 1), 'accompaniment');
  return await readAccompaniment(bytes, accompaniment_gain, signal);
}

/** @throws {SoriError} `invalid_value` for text that is not base64. */
export function bytesOf(base64: string, param: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch (cause) {
    throw new SoriError('invalid_value', `${param} is not valid base64.`, { param, cause });
  }
}

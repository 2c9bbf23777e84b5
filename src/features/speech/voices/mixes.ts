import { SoriError } from '../../../base/errors.ts';
import type { ModelInfo } from '../../../engine/engine.ts';
import type { SpeechBody } from '../schema.ts';
import { findVoice } from './openai-names.ts';

/** Names and weights. */
export type Weights = Readonly<Record<string, number>>;

/** Most voices in a mix. */
export const MAX_MIX = 8;

const NO_CLONES: ReadonlyMap<string, unknown> = new Map();

const PART = /^([^()+]+)(?:\((\d{1,4}(?:\.\d{1,6})?)\))?$/;

/**
 * Resolves a request's voice to voice ids and weights that sum to 1. `a(2)+b(1)` states proportions, an object states shares;
 * OpenAI's names are accepted, and the weights of two names of one voice are added.
 * @param clones cloned voices that the caller may use, by id.
 * @throws {SoriError} `unknown_voice`, `invalid_value`.
 */
export function voiceWeights(
  model: ModelInfo,
  voice: NonNullable<SpeechBody['voice']>,
  clones: ReadonlyMap<string, unknown> = NO_CLONES,
): Weights {
  const parts = partsOf(voice);
  if (parts.length > MAX_MIX) throw invalid(`voice mixes ${MAX_MIX} voices at most.`);
  const total = parts.reduce((sum, [, weight]) => sum + weight, 0);
  const mix: Record<string, number> = Object.create(null);
  for (const [name, weight] of parts) {
    const id = clones.has(name) ? name : findVoice(model, name)?.id;
    if (id === undefined) throw unknownVoice(model, name);
    if (weight > 0) mix[id] = (mix[id] ?? 0) + weight / total;
  }
  if (!(total > 0)) throw invalid('voice needs a weight above 0.');
  return { ...mix };
}

/** The voice with the largest weight; the first of equals. */
export function leadOf(mix: Weights): string {
  return Object.entries(mix).reduce((lead, part) => (part[1] > lead[1] ? part : lead))[0];
}

/**
 * The name with the largest weight in a request's voice, as it is written there.
 * @throws {SoriError} `invalid_value`.
 */
export function leadNameOf(voice: NonNullable<SpeechBody['voice']>): string {
  return leadOf(Object.fromEntries(partsOf(voice)));
}

/**
 * Resolves a request's emotion to weights.
 * @throws {SoriError} `unknown_emotion`.
 */
export function emotionWeights(model: ModelInfo, emotion: NonNullable<SpeechBody['emotion']>): Weights {
  const given = typeof emotion === 'string' ? { [emotion]: 1 } : emotion;
  const known = (name: string) =>
    model.emotions.find((one) => one === name) ??
    model.emotions.find((one) => one.toLowerCase() === name.toLowerCase());
  const unknown = Object.keys(given).find((name) => known(name) === undefined);
  if (unknown === undefined) {
    const weights: Record<string, number> = {};
    for (const [name, weight] of Object.entries(given)) {
      const own = known(name) ?? name;
      weights[own] = (weights[own] ?? 0) + weight;
    }
    return weights;
  }
  throw new SoriError(
    'unknown_emotion',
    `${model.id} has no emotion ${JSON.stringify(unknown)}; it has: ${model.emotions.join(', ') || 'none'}.`,
    { param: 'emotion' },
  );
}

function partsOf(voice: NonNullable<SpeechBody['voice']>): [name: string, weight: number][] {
  if (typeof voice !== 'string') {
    if (typeof voice.id === 'string') return [[voice.id, 1]];
    return Object.entries(voice as Record<string, number>);
  }
  return voice.split('+').map((part) => {
    const match = PART.exec(part.trim());
    if (match === null) throw invalid('voice must be a name, or a mix such as hazel(2)+clara(1).');
    return [match[1].trim(), Number(match[2] ?? 1)];
  });
}

function unknownVoice(model: ModelInfo, name: string): SoriError {
  const known = model.voices.map(({ id }) => id).join(', ');
  const shown = JSON.stringify(name.slice(0, 64));
  return new SoriError('unknown_voice', `${model.id} has no voice ${shown}; it has: ${known}.`, {
    param: 'voice',
  });
}

function invalid(message: string): SoriError {
  return new SoriError('invalid_value', message, { param: 'voice' });
}

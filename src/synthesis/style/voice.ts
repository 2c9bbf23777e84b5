import { SoriError } from '../../base/errors.ts';
import type { Manifest } from '../../shards/manifest.ts';

/** Properties of a voice that the pipeline uses. */
export interface VoiceStyle {
  /** Style vector [1, S]: acoustic half, then prosodic half. */
  readonly style: Float32Array;
  /** Factor on log-F0's deviation from the utterance mean. */
  readonly pitchRange: number;
}

/** Style vectors by voice id. */
export type Clones = Readonly<Record<string, Float32Array>>;

/**
 * Mixes voices of the model: the weighted sum of their style vectors and of their pitch ranges. One voice is a mix of one.
 * @param voices weights by voice id, each in [0, 1]; they are scaled to sum to 1, so `{hazel: 1, clara: 0.5}` is two parts to one.
 * @param clones style vectors [S], raw, of voices that the model does not have itself, by id.
 * @throws {SoriError} `unknown_voice`, naming the voices that there are; `invalid_value` for weights (param `voice`).
 */
export function resolveVoice(
  manifest: Manifest,
  voices: Readonly<Record<string, number>>,
  clones: Clones = {},
): VoiceStyle {
  const parts = Object.entries(voices).map(([id, weight]) => {
    const voice = voiceNamed(manifest, id) ?? cloneOf(manifest, clones, id);
    if (!voice) throw unknownVoice(manifest, id);
    if (!(weight >= 0 && weight <= 1))
      throw invalid(`The weight of voice '${id}' must be from 0 to 1, not ${weight}.`);
    return { voice, weight };
  });
  const sum = parts.reduce((total, { weight }) => total + weight, 0);
  if (sum === 0) throw invalid('A voice must have a weight above 0.');

  // In float64, and rounded once: a mix of one is the voice itself, to the last bit.
  const style = new Float64Array(manifest.styleSize);
  let pitchRange = 0;
  for (const { voice, weight } of parts) {
    const share = weight / sum;
    for (let i = 0; i < style.length; i++) style[i] += share * voice.style[i];
    pitchRange += share * voice.pitchRange;
  }
  return { style: Float32Array.from(style), pitchRange };
}

/** A model's voice by its id, or by the name of an older model's voice that it answers for. */
export function voiceNamed({ voices }: Pick<Manifest, 'voices'>, name: string) {
  return (
    voices.find(({ id }) => id === name) ?? voices.find(({ formerly }) => formerly?.includes(name) ?? false)
  );
}

function cloneOf({ name, styleSize }: Manifest, clones: Clones, id: string) {
  if (!Object.hasOwn(clones, id)) return undefined;
  const style = clones[id];
  if (style.length === styleSize && style.every(Number.isFinite)) return { style, pitchRange: 1 };
  const message = `A style of model '${name}' is ${styleSize} finite numbers.`;
  throw new SoriError('invalid_style', message, { param: 'voice' });
}

function unknownVoice({ name, voices }: Manifest, id: string): SoriError {
  const known = voices.map((candidate) => candidate.id).join(', ');
  return new SoriError('unknown_voice', `Unknown voice '${id}'. Model '${name}' has: ${known}.`, {
    param: 'voice',
  });
}

function invalid(message: string): SoriError {
  return new SoriError('invalid_value', message, { param: 'voice' });
}

import { formatNamed } from '../../audio/format-names.ts';
import { SoriError } from '../../base/errors.ts';
import type { AskedSpeech } from '../speech/index.ts';
import { voiceFor } from './voices.ts';

/** Fields of ElevenLabs' bodies that have an effect here. */
const USED: ReadonlySet<string> = new Set(['text', 'model_id', 'language_code', 'seed', 'voice_settings']);

/** ElevenLabs' names of our fields. */
const NAMES = {
  model: 'model_id',
  input: 'text',
  voice: 'voice_id',
  language: 'language_code',
  speed: 'voice_settings.speed',
  response_format: 'output_format',
  audio_format: 'output_format',
  sample_rate: 'output_format',
};

/** Fields of an ElevenLabs request that determine the form of the answer. */
export interface Asked {
  readonly voiceId: string;
  readonly query: URLSearchParams;
  /** The JSON body. */
  readonly body: unknown;
}

/** The audio of an answer: fields of a speech request. */
export interface AskedFormat {
  readonly format: string;
  readonly sampleRate?: number;
}

/** ElevenLabs' `output_format`, as `mp3_44100_128` or `pcm_16000`; default MP3. */
export function formatOf(query: URLSearchParams): AskedFormat {
  const name = query.get('output_format') ?? 'mp3';
  const named = formatNamed(name);
  return { format: named?.format ?? name, sampleRate: named?.sampleRate };
}

/**
 * Converts a request of ElevenLabs' API. `model_id` chooses a model of this server, and any other one means the default model.
 * @param answer fields that say how speech answers.
 * @param models names of this server's models.
 * @throws {SoriError} `invalid_type`, `missing_required_parameter`.
 */
export function speechOf(
  { voiceId, query, body }: Asked,
  answer: Readonly<Record<string, unknown>>,
  models: readonly string[],
): AskedSpeech {
  const given = objectOf(body, 'The body');
  const { text, model_id, language_code, seed, voice_settings } = given;
  if (text === undefined || text === null)
    throw new SoriError('missing_required_parameter', 'text is required and must be a string.', {
      param: 'text',
    });
  const settings = objectOf(voice_settings ?? {}, 'voice_settings');
  const { speed, ...others } = settings;
  const own = models.find((name) => name === model_id);
  const unused = [
    ...Object.keys(given).filter((name) => !USED.has(name) && isSet(given[name])),
    ...(typeof model_id === 'string' && own === undefined ? ['model_id'] : []),
    ...Object.keys(others)
      .filter((name) => isSet(others[name]))
      .map((name) => `voice_settings.${name}`),
    ...[...query.keys()].filter((name) => name !== 'output_format'),
  ];
  const fields = {
    model: own,
    input: text,
    voice: voiceFor(voiceId),
    language: language_code,
    seed,
    speed,
    ...answer,
  };
  return { fields, unused, names: NAMES };
}

const isSet = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

function objectOf(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new SoriError('invalid_type', `${name} must be a JSON object.`, {
    param: name.startsWith('The') ? undefined : name,
  });
}

import { AUDIO_FORMATS, type AudioFormatId } from '../../../audio/format.ts';
import { SoriError } from '../../../base/errors.ts';
import { type SigningKeys, signQuery } from '../../../http/signed-url.ts';
import { PAYER } from '../../keys/index.ts';
import { checkSpeech } from '../conflicts.ts';
import { parseSpeech } from '../parse.ts';
import { RANGES, type SpeechBody, speechSchema } from '../schema.ts';

/** Path of signed speech. */
export const SIGNED_PATH = '/v1/audio/speech';
/** Longest URL that servers must accept: RFC 9110, section 4.1, recommends at least 8000 bytes. */
export const MAX_URL_LENGTH = 8000;

/** Fields of other answers than audio, and ignored fields. */
const NOT_IN_URLS: ReadonlySet<string> = new Set([
  'audio_format',
  'timestamps',
  'stream_format',
  'sample_rate',
  'instructions',
]);

/** Fields of a speech body that a URL may contain. */
export const URL_FIELDS: readonly string[] = Object.keys(speechSchema.shape).filter(
  (name) => !NOT_IN_URLS.has(name),
);

/** Speech that is answered with audio only. */
export type AudioBody = SpeechBody & { readonly response_format: AudioFormatId };

/**
 * Validates a body for a URL.
 * @throws {SoriError} as for `POST /v1/audio/speech`; `unsupported_format`, `conflicting_parameters` and `invalid_style` where a
 *   URL supports less than a request.
 */
export function parseUrlSpeech(given: unknown): AudioBody {
  const body = parseSpeech(given);
  checkSpeech(body);
  const { response_format } = body;
  if (response_format === 'json') {
    const message = `A URL returns audio: response_format must be one of ${AUDIO_FORMATS.join(', ')}.`;
    throw new SoriError('unsupported_format', message, { param: 'response_format' });
  }
  for (const [param, wrong] of [
    ['stream_format', body.stream_format === 'sse'],
    ['timestamps', body.timestamps !== undefined],
    ['audio_format', body.audio_format !== undefined],
    ['sample_rate', body.sample_rate !== undefined],
  ] as const) {
    if (!wrong) continue;
    const message = `A URL returns audio: ${param} is only for POST ${SIGNED_PATH}.`;
    throw new SoriError('conflicting_parameters', message, { param });
  }
  if (body.style?.startsWith('data:')) {
    const message = 'A URL accepts a style id (sty_…), not a recording: POST /v1/styles makes one.';
    throw new SoriError('invalid_style', message, { param: 'style' });
  }
  return { ...body, response_format };
}

/**
 * Writes the fields of a body as query parameters: strings unchanged, other values as JSON. Absent fields stay absent.
 * @param given a body that {@link parseUrlSpeech} accepts, before its defaults were filled in.
 */
function toUrlParameters(given: Readonly<Record<string, unknown>>): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const name of URL_FIELDS) {
    const value = given[name];
    if (value === undefined || value === null) continue;
    parameters[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  return parameters;
}

/**
 * Makes a signed URL of a body that {@link parseUrlSpeech} accepts.
 * @param endpoint address of {@link SIGNED_PATH} on the server.
 * @param grant.expires Unix time in seconds.
 * @param grant.payer id of the API key whose quota is used.
 * @throws {SoriError} `string_above_max_length` when the URL is longer than servers must accept.
 */
export async function signSpeechUrl(
  keys: SigningKeys,
  endpoint: string,
  given: Readonly<Record<string, unknown>>,
  { expires, payer }: { expires: number; payer?: string },
): Promise<string> {
  const parameters = toUrlParameters(given);
  if (payer !== undefined) parameters[PAYER] = payer;
  const url = `${endpoint}?${await signQuery(keys, { path: SIGNED_PATH, parameters, expires })}`;
  if (url.length <= MAX_URL_LENGTH) return url;
  const message = `This speech makes a URL of ${url.length} characters, and many servers take no more than ${MAX_URL_LENGTH}: shorten the text, or POST it to ${SIGNED_PATH} and use the address in Content-Location.`;
  throw new SoriError('string_above_max_length', message, { param: 'input' });
}

/**
 * Reads query parameters as the fields of a body, the inverse of {@link toUrlParameters}. Malformed numbers and JSON
 * stay texts, which the schema rejects.
 * @param defaultModel default of `model`.
 * @throws {SoriError} as {@link parseUrlSpeech}.
 */
export function fromUrlParameters(parameters: ReadonlyMap<string, string>, defaultModel: string): AudioBody {
  const body: Record<string, unknown> = { model: defaultModel };
  for (const [name, text] of parameters) body[name] = readField(name, text);
  return parseUrlSpeech(body);
}

function readField(name: string, text: string): unknown {
  const json =
    Object.hasOwn(RANGES, name) || SWITCHES.has(name) || (OBJECTS.has(name) && text.startsWith('{'));
  if (!json) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Fields that are true or false. */
const SWITCHES: ReadonlySet<string> = new Set(['degrade']);
/** Fields that may be, or are, JSON objects. */
const OBJECTS: ReadonlySet<string> = new Set(['voice', 'emotion', 'pronunciations']);

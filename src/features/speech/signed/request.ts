import { AUDIO_FORMATS, type AudioFormatId } from '../../../audio/format.ts';
import { SoriError } from '../../../base/errors.ts';
import { type SigningKeys, signQuery } from '../../../http/signed-url.ts';
import { PAYER } from '../../keys/index.ts';
import { checkSpeech } from '../conflicts.ts';
import { parseSpeech } from '../parse.ts';
import { RANGES, type SpeechBody, speechSchema } from '../schema.ts';

/** Path of signed speech. */
export const SIGNED_PATH = '/v1/audio/speech';
/** Characters of an address that every server and cache takes: RFC 9110, section 4.1, asks for 8000 bytes at least. */
export const MAX_URL_LENGTH = 8000;

/** Fields that choose another answer than audio, or that mean nothing. */
const NOT_IN_URLS: ReadonlySet<string> = new Set([
  'audio_format',
  'timestamps',
  'stream_format',
  'instructions',
]);

/** Fields of a speech body that may stand in a URL. */
export const URL_FIELDS: readonly string[] = Object.keys(speechSchema.shape).filter(
  (name) => !NOT_IN_URLS.has(name),
);

/** Speech whose answer is audio and nothing else. */
export type AudioBody = SpeechBody & { readonly response_format: AudioFormatId };

/**
 * Checks a body that a URL is to stand for.
 * @throws {SoriError} as for `POST /v1/audio/speech`; `unsupported_format`, `conflicting_parameters` and `invalid_style` where a
 *   URL can't do what a request can.
 */
export function parseUrlSpeech(given: unknown): AudioBody {
  const body = parseSpeech(given);
  checkSpeech(body);
  const { response_format } = body;
  if (response_format === 'json') {
    const message = `A URL gives bare audio: response_format must be one of ${AUDIO_FORMATS.join(', ')}.`;
    throw new SoriError('unsupported_format', message, { param: 'response_format' });
  }
  for (const [param, wrong] of [
    ['stream_format', body.stream_format === 'sse'],
    ['timestamps', body.timestamps !== undefined],
    ['audio_format', body.audio_format !== undefined],
  ] as const) {
    if (!wrong) continue;
    const message = `A URL gives bare audio: ${param} belongs to POST ${SIGNED_PATH}.`;
    throw new SoriError('conflicting_parameters', message, { param });
  }
  if (body.style?.startsWith('data:')) {
    const message = 'A URL takes a style id (sty_…), not a recording: POST /v1/styles makes one of it.';
    throw new SoriError('invalid_style', message, { param: 'style' });
  }
  return { ...body, response_format };
}

/**
 * Writes the fields of a body as query parameters: texts as they are, all else as JSON. Fields left out stay left out.
 * @param given a body that {@link parseUrlSpeech} accepts, before its defaults were filled in.
 */
function toUrlParameters(given: Readonly<Record<string, unknown>>): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const name of URL_FIELDS) {
    const value = given[name];
    if (value === undefined) continue;
    parameters[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  return parameters;
}

/**
 * Makes a URL of a body that {@link parseUrlSpeech} accepts, and which it stands for.
 * @param endpoint address of {@link SIGNED_PATH} on the server.
 * @param grant.expires Unix time in seconds.
 * @param grant.payer id of the API key that pays.
 * @throws {SoriError} `string_above_max_length` when servers might refuse it for its length.
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
 * Reads query parameters as the fields of a body: the other way round from {@link toUrlParameters}. What is no number or JSON
 * where one is due stays a text, for the schema to refuse.
 * @param defaultModel what `model` is where there is none.
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

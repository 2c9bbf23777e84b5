import { SoriError } from '../../base/errors.ts';
import type { FormBody } from '../../http/bodies/form-body.ts';
import { switchOf, wordOf } from '../../http/bodies/words.ts';

/** Formats of an answer. */
export const TRANSCRIPT_FORMATS = ['json', 'text', 'srt', 'verbose_json', 'vtt'] as const;
/** One of {@link TRANSCRIPT_FORMATS}. */
export type TranscriptFormat = (typeof TRANSCRIPT_FORMATS)[number];

/** Units of the times in a `verbose_json` answer. */
export const GRANULARITIES = ['segment', 'word'] as const;
/** One of {@link GRANULARITIES}. */
export type Granularity = (typeof GRANULARITIES)[number];

/** Bytes of an uploaded recording at most; OpenAI's. */
export const MAX_UPLOAD_BYTES = 25 * 1024 * 1024;
/** Seconds of a recording at most. */
export const MAX_SECONDS = 1800;
const MAX_PROMPT = 2000;

/** A checked request. */
export interface TranscriptionForm {
  readonly file: Blob;
  readonly model: string;
  /** ISO 639-1. */
  readonly language?: string;
  readonly prompt?: string;
  readonly temperature: number;
  readonly format: TranscriptFormat;
  readonly granularities: readonly Granularity[];
  readonly stream: boolean;
}

/**
 * Checks the fields of a form, as OpenAI names them.
 * @throws {SoriError} `missing_required_parameter`, `invalid_value`, `string_above_max_length`, `conflicting_parameters`.
 */
export function parseTranscription(form: FormBody): TranscriptionForm {
  const [file, ...more] = form.files('file');
  if (file === undefined || file.size === 0) throw missing('file', 'file is required: the recording.');
  if (more.length > 0) throw invalid('file', 'Send one file.');
  const model = form.text('model');
  if (!model) throw missing('model', 'model is required, such as whisper-1.');
  const format = wordOf('response_format', form.text('response_format') || 'json', TRANSCRIPT_FORMATS);
  const stream = switchOf('stream', form.text('stream'));
  const requested = form.texts('timestamp_granularities[]', 'timestamp_granularities');
  const granularities = requested.map((value) => wordOf('timestamp_granularities', value, GRANULARITIES));
  if (granularities.length > 0 && format !== 'verbose_json') {
    throw conflict('timestamp_granularities', 'timestamp_granularities takes response_format=verbose_json.');
  }
  if (stream && format !== 'json' && format !== 'text') {
    throw conflict('stream', 'stream takes response_format=json or text.');
  }
  const prompt = form.text('prompt');
  if (prompt !== undefined && prompt.length > MAX_PROMPT) {
    const message = `prompt has ${prompt.length} characters; at most ${MAX_PROMPT} are taken.`;
    throw new SoriError('string_above_max_length', message, { param: 'prompt' });
  }
  return {
    file,
    model,
    language: languageOf(form.text('language')),
    prompt: prompt || undefined,
    temperature: temperatureOf(form.text('temperature')),
    format,
    granularities: granularities.length > 0 ? granularities : ['segment'],
    stream,
  };
}

/** `en`, `en-US` and `EN` all mean `en`. */
function languageOf(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const [, code] = /^([a-z]{2,3})(?:-[a-z0-9]+)*$/i.exec(text) ?? [];
  if (code === undefined) throw invalid('language', 'language must be an ISO 639-1 code, such as en or ko.');
  return code.toLowerCase();
}

function temperatureOf(text: string | undefined): number {
  if (!text) return 0;
  const value = Number(text);
  if (value >= 0 && value <= 1) return value;
  throw invalid('temperature', 'temperature must be between 0 and 1.');
}

const missing = (param: string, message: string) =>
  new SoriError('missing_required_parameter', message, { param });
const invalid = (param: string, message: string) => new SoriError('invalid_value', message, { param });
const conflict = (param: string, message: string) =>
  new SoriError('conflicting_parameters', message, { param });

import { AUDIO_FORMATS, type AudioFormatId } from '../../audio/format.ts';
import { formatByName } from '../../audio/format-names.ts';
import { SoriError } from '../../base/errors.ts';
import { isLanguageTag } from '../../base/language-tag.ts';
import type { FormBody } from '../../http/bodies/form-body.ts';
import { switchOf, wordOf } from '../../http/bodies/words.ts';
import { primarySubtag } from '../../text/language.ts';

/** Properties of the speaker's delivery that the translation can copy. */
export const KEPT_FEATURES = ['rate', 'pauses', 'pitch_range'] as const;
/** One of {@link KEPT_FEATURES}. */
export type KeptFeature = (typeof KEPT_FEATURES)[number];

/** A checked request for a translation, without its recording. */
export interface TranslationRequest {
  /** BCP 47 tag of the translation. */
  readonly to: string;
  /** ISO 639-1 of the recording; detected when absent. */
  readonly language?: string;
  /** Transcription model; default: the first. */
  readonly model: string;
  /** Translation model; default: the first that supports the languages, else the recognizer's own translation to English. */
  readonly translationModel?: string;
  /** Model that speaks. */
  readonly speechModel?: string;
  /** A voice, or a cloned voice of the caller. */
  readonly voice: string;
  readonly keep: readonly KeptFeature[];
  readonly seed: number;
}

/** A checked form. */
export interface TranslationForm {
  readonly file: Blob;
  readonly request: TranslationRequest;
  readonly format: AudioFormatId;
  readonly stream: boolean;
  /** Whether the translation is spoken; otherwise it is text only. */
  readonly speech: boolean;
}

/** A checked request for a translation by a job. */
export interface JobTranslation {
  readonly request: TranslationRequest;
  readonly format: AudioFormatId;
}

/**
 * Checks the fields of a job's form.
 * @throws {SoriError} as {@link parseTranslationForm}; `conflicting_parameters` for fields of the streamed answer.
 */
export function parseTranslationJob(form: FormBody): JobTranslation & { readonly file: Blob } {
  const { file, request, format, stream, speech } = parseTranslationForm(form);
  if (!stream && speech) return { file, request, format };
  const param = stream ? 'stream' : 'speech';
  throw new SoriError('conflicting_parameters', `A job stores its audio: leave ${param} out.`, { param });
}

/**
 * Checks the fields of a form.
 * @throws {SoriError} `missing_required_parameter`, `invalid_value`, `unsupported_format`, `conflicting_parameters`.
 */
export function parseTranslationForm(form: FormBody): TranslationForm {
  const [file, ...more] = form.files('file');
  if (file === undefined || file.size === 0) throw missing('file', 'file is required: the recording.');
  if (more.length > 0) throw invalid('file', 'Send one file.');
  const speech = wordOf('speech', form.text('speech') || 'on', ['on', 'off']) === 'on';
  const stream = switchOf('stream', form.text('stream'));
  if (!speech && !stream) {
    const message = 'speech=off takes stream=true: it answers with events alone.';
    throw new SoriError('conflicting_parameters', message, { param: 'speech' });
  }
  const voice = form.text('voice');
  if (!voice && speech) {
    throw missing(
      'voice',
      'voice is required: a cloned voice of the speaker (vce_…), or a voice of the model.',
    );
  }
  const format = formatByName(form.text('response_format') || 'mp3');
  if (format === undefined) {
    const message = `response_format must be one of ${AUDIO_FORMATS.join(', ')}.`;
    throw new SoriError('unsupported_format', message, { param: 'response_format' });
  }
  const seed = Number(form.text('seed') || '0');
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
    throw invalid('seed', 'seed must be a whole number from 0 to 4294967295.');
  }
  const to = form.text('to') || 'en';
  if (!isLanguageTag(to)) throw invalid('to', 'to must be a BCP 47 language tag such as en or ko.');
  const language = form.text('language') || undefined;
  if (language !== undefined && !isLanguageTag(language)) {
    throw invalid('language', 'language must be an ISO 639-1 code, such as en or ko.');
  }
  const keep = form
    .texts('keep', 'keep[]')
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter(Boolean)
    .map((name) => wordOf('keep', name, KEPT_FEATURES));
  return {
    file,
    format,
    stream,
    speech,
    request: {
      to,
      language: language && primarySubtag(language),
      model: form.text('model') || 'whisper-1',
      translationModel: form.text('translation_model') || undefined,
      speechModel: form.text('speech_model') || undefined,
      voice: voice ?? '',
      keep: [...new Set(keep)],
      seed,
    },
  };
}

const missing = (param: string, message: string) =>
  new SoriError('missing_required_parameter', message, { param });
const invalid = (param: string, message: string) => new SoriError('invalid_value', message, { param });

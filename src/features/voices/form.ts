import { SoriError } from '../../base/errors.ts';
import type { FormBody } from '../../http/bodies/form-body.ts';
import { switchOf } from '../../http/bodies/words.ts';
import { type ConsentPurpose, consentRoute } from './consents.ts';

/** Most recordings of a voice. */
export const MAX_RECORDINGS = 5;
/** Largest upload in bytes; five of the longest recordings would not fit an isolate. */
export const MAX_VOICE_BYTES = 16 * 1024 * 1024;
/** Longest text fields in characters. */
export const VOICE_LIMITS = { name: 64, description: 500, statement: 2000, signedBy: 200 } as const;

/** A validated form of `POST /v1/voices`. */
export interface VoiceForm {
  readonly name: string;
  readonly description: string;
  readonly model?: string;
  readonly language?: string;
  readonly keep: boolean;
  readonly files: readonly Blob[];
  readonly consent: ConsentForm;
}

/** The consent in a form. */
export type ConsentForm =
  | { readonly kind: 'recording'; readonly id: string; readonly recording: Blob }
  | { readonly kind: 'statement'; readonly text: string; readonly signedBy: string };

/**
 * Parses and validates the form.
 * @throws {SoriError} `missing_required_parameter`, `invalid_value`, `string_above_max_length`, `consent_required`,
 *   `conflicting_parameters`.
 */
export function voiceFormOf(form: FormBody): VoiceForm {
  const text = (name: string, most: number) => checkedText(name, form.text(name), most);
  const name = text('name', VOICE_LIMITS.name);
  if (name === undefined) throw missing('name', 'what the voice is called');
  const files = form.files('files', 'files[]', 'file');
  if (files.length === 0) throw missing('files', `one to ${MAX_RECORDINGS} recordings`);
  if (files.length > MAX_RECORDINGS) {
    const message = `files may hold at most ${MAX_RECORDINGS} recordings; there are ${files.length}.`;
    throw new SoriError('invalid_value', message, { param: 'files' });
  }
  return {
    name,
    description: text('description', VOICE_LIMITS.description) ?? '',
    model: form.text('model') || undefined,
    language: form.text('language') || undefined,
    keep: switchOf('keep', form.text('keep')),
    files,
    consent: consentFormOf(form, 'clone'),
  };
}

/**
 * Parses and validates the fields of a consent.
 * @throws {SoriError} as {@link voiceFormOf}.
 */
export function consentFormOf(form: FormBody, purpose: ConsentPurpose): ConsentForm {
  const recordings = form.files('consent_recording');
  const id = form.text('consent') || undefined;
  const text = (name: string, most: number) => checkedText(name, form.text(name), most);
  const statement = text('consent_statement', VOICE_LIMITS.statement);
  const signedBy = text('consent_signed_by', VOICE_LIMITS.signedBy);
  if (recordings.length > 0 && statement !== undefined) {
    const message = 'Send consent_recording or consent_statement, not both.';
    throw new SoriError('conflicting_parameters', message, { param: 'consent_statement' });
  }
  if (recordings.length > 1) {
    throw new SoriError('invalid_value', 'consent_recording must be one recording.', {
      param: 'consent_recording',
    });
  }
  if (statement !== undefined) {
    if (signedBy === undefined) throw missing('consent_signed_by', 'who makes the statement');
    return { kind: 'statement', text: statement, signedBy };
  }
  if (recordings.length === 1) {
    if (id === undefined)
      throw missing('consent', `the id that ${consentRoute(purpose)} gave with the sentence`);
    return { kind: 'recording', id, recording: recordings[0] };
  }
  const work = purpose === 'clone' ? 'A voice is cloned' : 'A speaker is enrolled';
  const message = `${work} by consent of its speaker only: send consent_recording, the speaker reading the sentence of ${consentRoute(purpose)}, and its id as consent; or consent_statement and consent_signed_by where this server takes those.`;
  throw new SoriError('consent_required', message, { param: 'consent_recording' });
}

function checkedText(name: string, value: string | undefined, most: number): string | undefined {
  if (value === undefined || value === '') return undefined;
  const length = Array.from(value).length;
  if (length > most) {
    const message = `${name} may have at most ${most} characters; it has ${length}.`;
    throw new SoriError('string_above_max_length', message, { param: name });
  }
  if (/\p{Cc}/u.test(value.replace(/[\r\n\t]/g, ' '))) {
    throw new SoriError('invalid_value', `${name} holds control characters.`, { param: name });
  }
  return value;
}

function missing(param: string, what: string): SoriError {
  return new SoriError('missing_required_parameter', `${param} is required: ${what}.`, { param });
}

import { SoriError } from '../../base/errors.ts';
import type { ModelInfo } from '../../engine/engine.ts';
import { modelNamed, requireOriginFor } from '../speech/index.ts';
import type { CloningContext } from './cloning-context.ts';
import { type ConsentReading, readConsent } from './consent-check.ts';
import type { VoiceForm } from './form.ts';
import { type SentRecording, sentRecording } from './recordings.ts';

/** A form that is valid as far as that can be checked before the analysis. */
export interface PreparedVoice {
  readonly form: VoiceForm;
  readonly model: ModelInfo;
  readonly language: string;
  readonly files: readonly SentRecording[];
  readonly consent?: ConsentReading;
}

/**
 * Validates a form before its recordings are analyzed.
 * @param reserved the sentence of its consent, if that is reserved.
 * @throws {SoriError} `invalid_consent`, `invalid_value`, `unknown_model`, `unsupported_language`, `body_too_large`.
 */
export async function prepareVoice(
  cloning: CloningContext,
  form: VoiceForm,
  reserved?: string,
): Promise<PreparedVoice> {
  const { deps, owner, voices, consents, signal } = cloning;
  await voices.checkRoom(owner);
  if (form.model !== undefined) requireOriginFor(deps, form.model);
  const model = await modelNamed(deps, form.model, signal);
  const language = languageOf(model, form.language);
  if (form.keep && !deps.library) {
    const message = 'This server keeps no audio: its operator has given it no bucket. Send keep=false.';
    throw new SoriError('not_configured', message, { param: 'keep' });
  }
  const files: SentRecording[] = [];
  for (const [i, file] of form.files.entries()) files.push(await sentRecording(file, `files[${i}]`));
  mustDiffer(files);
  const request = { owner, purpose: 'clone', files, reserved } as const;
  const consent = await readConsent(deps, consents, form.consent, request);
  return { form, model, language, files, consent };
}

/** @throws {SoriError} `invalid_value` for a recording that is there twice. */
export function mustDiffer(recordings: readonly SentRecording[]): void {
  const seen = new Set<string>();
  for (const [i, { sha256 }] of recordings.entries()) {
    if (seen.has(sha256)) {
      const message = 'This recording is among files twice.';
      throw new SoriError('invalid_value', message, { param: `files[${i}]` });
    }
    seen.add(sha256);
  }
}

function languageOf({ id, languages, voices }: ModelInfo, wanted: string | undefined): string {
  if (wanted === undefined) return voices[0]?.language ?? languages[0];
  const known = [...languages, ...voices.map(({ language }) => language)];
  const found = known.find((tag) => tag.toLowerCase() === wanted.toLowerCase());
  if (found !== undefined) return found;
  const message = `${id} does not speak this language; it speaks: ${languages.join(', ')}.`;
  throw new SoriError('unsupported_language', message, { param: 'language' });
}

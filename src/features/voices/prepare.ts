import { SoriError } from '../../base/errors.ts';
import type { ModelInfo } from '../../engine/engine.ts';
import { resolveModelName } from '../speech/index.ts';
import type { CloningContext } from './cloning-context.ts';
import type { ConsentClaim } from './consents.ts';
import type { VoiceDependencies } from './dependencies.ts';
import type { ConsentForm, VoiceForm } from './form.ts';
import { type SentRecording, sentRecording } from './recordings.ts';

/** A form that is valid as far as that can be checked before the analysis. */
export interface PreparedVoice {
  readonly form: VoiceForm;
  readonly model: ModelInfo;
  readonly language: string;
  readonly files: readonly SentRecording[];
  readonly consent?: {
    /** Absent if the consent is already reserved. */
    readonly claim?: ConsentClaim;
    readonly sentence: string;
    readonly reading: SentRecording;
  };
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
  const { engine } = deps;
  checkConsentKind(deps, form.consent);
  await voices.checkRoom(owner);
  const name = form.model === undefined ? engine.names[0] : resolveModelName(engine.names, form.model);
  const model = await engine.model(name, signal);
  const language = languageOf(model, form.language);
  if (form.keep && !deps.library) {
    const message = 'This server keeps no audio: its operator has given it no bucket. Send keep=false.';
    throw new SoriError('not_configured', message, { param: 'keep' });
  }
  const { consent: given } = form;
  const claim = given.kind === 'recording' && reserved === undefined ? { id: given.id, owner } : undefined;
  const sentence = claim ? await consents.find(claim) : reserved;
  const files: SentRecording[] = [];
  for (const [i, file] of form.files.entries()) files.push(await sentRecording(file, `files[${i}]`));
  mustDiffer(files);
  if (given.kind === 'statement' || sentence === undefined) {
    return { form, model, language, files };
  }
  const reading = await sentRecording(given.recording, 'consent_recording');
  if (files.some(({ sha256 }) => sha256 === reading.sha256)) {
    const message = 'consent_recording is one of files: it has to be the speaker reading the sentence.';
    throw new SoriError('invalid_consent', message, { param: 'consent_recording' });
  }
  return { form, model, language, files, consent: { claim, sentence, reading } };
}

/** @throws {SoriError} `invalid_consent` where the operator takes consent in another form only. */
function checkConsentKind({ voiceConsent = 'recording' }: VoiceDependencies, { kind }: ConsentForm): void {
  if (voiceConsent === 'both' || voiceConsent === kind) return;
  const wanted =
    voiceConsent === 'recording'
      ? 'consent_recording, the speaker reading the sentence of POST /v1/voices/consent'
      : 'consent_statement and consent_signed_by';
  const message = `This server takes consent as ${wanted} only: its operator has set VOICE_CONSENT.`;
  throw new SoriError('invalid_consent', message, { param: `consent_${kind}` });
}

function mustDiffer(recordings: readonly SentRecording[]): void {
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

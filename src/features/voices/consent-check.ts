import { SoriError } from '../../base/errors.ts';
import { shareSpoken } from '../transcription/index.ts';
import { type ConsentClaim, type ConsentPurpose, type Consents, consentRoute } from './consents.ts';
import type { VoiceDependencies } from './dependencies.ts';
import type { ConsentForm } from './form.ts';
import { type SentRecording, sentRecording } from './recordings.ts';
import type { ConsentRecord } from './voice.ts';

/** Share of the sentence's words that must be recognized: recognizers mistake some, above all names. */
const LEAST_SPOKEN = 0.6;

/** A consent that is read aloud. */
export interface ConsentReading {
  /** Absent if the consent is already reserved. */
  readonly claim?: ConsentClaim;
  readonly sentence: string;
  readonly reading: SentRecording;
}

/** Dependencies of {@link readConsent}. */
export interface ConsentRequest {
  readonly owner: string;
  readonly purpose: ConsentPurpose;
  /** The recordings that it is a consent to. */
  readonly files: readonly SentRecording[];
  /** The sentence, if the consent is already reserved. */
  readonly reserved?: string;
}

/**
 * Checks a consent as far as that is possible before recordings are analyzed.
 * @returns `undefined` for a statement.
 * @throws {SoriError} `invalid_consent`, also for a kind that the operator does not take; `body_too_large`.
 */
export async function readConsent(
  deps: VoiceDependencies,
  consents: Consents,
  given: ConsentForm,
  { owner, purpose, files, reserved }: ConsentRequest,
): Promise<ConsentReading | undefined> {
  checkKind(deps, given, purpose);
  if (given.kind === 'statement') return undefined;
  const claim = reserved === undefined ? { id: given.id, owner } : undefined;
  const sentence = reserved ?? (await consents.find({ id: given.id, owner }, purpose));
  const reading = await sentRecording(given.recording, 'consent_recording');
  if (files.some(({ sha256 }) => sha256 === reading.sha256)) {
    const message = 'consent_recording is one of files: it has to be the speaker reading the sentence.';
    throw new SoriError('invalid_consent', message, { param: 'consent_recording' });
  }
  return { claim, sentence, reading };
}

function checkKind(
  { voiceConsent = 'recording' }: VoiceDependencies,
  { kind }: ConsentForm,
  purpose: ConsentPurpose,
): void {
  if (voiceConsent === 'both' || voiceConsent === kind) return;
  const wanted =
    voiceConsent === 'recording'
      ? `consent_recording, the speaker reading the sentence of ${consentRoute(purpose)}`
      : 'consent_statement and consent_signed_by';
  const message = `This server takes consent as ${wanted} only: its operator has set VOICE_CONSENT.`;
  throw new SoriError('invalid_consent', message, { param: `consent_${kind}` });
}

/** Compares the reading of a consent sentence with the recordings. */
export interface ConsentCheck {
  readonly deps: VoiceDependencies;
  readonly consents: Consents;
  readonly purpose: ConsentPurpose;
  readonly signal: AbortSignal;
  /** Likeness of the voices, and the threshold for one speaker. */
  readonly compare: (
    reading: SentRecording,
  ) => Promise<{ readonly score: number; readonly threshold: number }>;
}

/**
 * Verifies a consent. A sentence that another speaker reads is used up.
 * @param read what {@link readConsent} gave.
 * @throws {SoriError} `invalid_consent`; what `compare` throws.
 */
export async function checkConsent(
  { deps, consents, purpose, signal, compare }: ConsentCheck,
  given: ConsentForm,
  read: ConsentReading | undefined,
): Promise<ConsentRecord> {
  if (given.kind === 'statement') return { kind: 'statement', text: given.text, signedBy: given.signedBy };
  if (read === undefined) throw new TypeError('A consent was not read.');
  const { claim, sentence, reading } = read;
  const wordsChecked = await checkSentence(deps, read, signal);
  const { score, threshold } = await compare(reading);
  if (score < threshold) {
    if (claim) await consents.burn(claim);
    const message = `consent_recording does not sound like the speaker of files: the similarity is ${score.toFixed(2)}; at least ${threshold} is needed. Get another sentence from ${consentRoute(purpose)}.`;
    throw new SoriError('invalid_consent', message, { param: 'consent_recording' });
  }
  return {
    kind: 'recording',
    text: sentence,
    sha256: reading.sha256,
    score: Math.round(score * 1000) / 1000,
    wordsChecked,
  };
}

/**
 * Checks that the sentence is spoken.
 * @returns whether this server has a recognizer; without one nothing is checked.
 */
async function checkSentence(
  deps: VoiceDependencies,
  { reading, sentence }: ConsentReading,
  signal: AbortSignal,
): Promise<boolean> {
  const spoken = await shareSpoken(deps, reading, sentence, signal);
  if (spoken === undefined || spoken >= LEAST_SPOKEN) return spoken !== undefined;
  const message = `consent_recording does not say the sentence: ${Math.round(spoken * 100)} % of its words were recognized. Read it aloud exactly as written: "${sentence}"`;
  throw new SoriError('invalid_consent', message, { param: 'consent_recording' });
}

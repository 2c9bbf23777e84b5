import type { Context } from 'hono';
import { toInt16Array } from '../audio/samples.ts';
import { speechKey } from '../delivery/cache-key.ts';
import type { AudioMeta } from '../delivery/store.ts';
import type { ModelInfo } from '../engine/engine.ts';
import { SoriError } from '../errors.ts';
import { meanStyle, SAME_VOICE, voiceLikeness } from '../pipeline/reference/same-voice.ts';
import { encodeStyleId } from '../pipeline/reference/style-id.ts';
import type { ConsentClaim, Consents } from '../voices/consents.ts';
import { type ClonedVoice, type ConsentRecord, randomId } from '../voices/voice.ts';
import type { Voices } from '../voices/voices.ts';
import { addressSpeech, bakeSpeech, type Purse } from './bake.ts';
import type { AppDependencies, AppEnv } from './context.ts';
import { logFailure, toSoriError } from './errors.ts';
import { keepAlive } from './keep-alive.ts';
import { resolveModelName } from './openai-names.ts';
import { admitSpeech } from './private-audio.ts';
import { parseSpeech } from './speech-faults.ts';
import type { ConsentForm, VoiceForm } from './voice-form.ts';
import { checkOneSpeaker, type HeardRecording, hearRecording } from './voice-recordings.ts';

/** What a cloned voice shows itself with. */
export const PREVIEW_TEXT = 'Hello. This is a copy of a voice, made by consent of its speaker.';

/** What cloning works with. */
export interface Studio {
  readonly c: Context<AppEnv>;
  /** In the name of the caller. */
  readonly deps: AppDependencies;
  readonly owner: string;
  readonly voices: Voices;
  readonly consents: Consents;
}

/**
 * Makes a voice of a form. Its recordings are forgotten once their styles are made, unless they are to be kept.
 * @throws {SoriError} `consent_required`, `invalid_consent`, `invalid_reference`, `unusable_reference`, `unsupported_language`, and what
 *   the engine and the stores throw.
 */
export async function cloneVoice(studio: Studio, form: VoiceForm): Promise<ClonedVoice> {
  const { c, deps, owner, voices, consents } = studio;
  const { signal } = c.req.raw;
  const { engine } = deps;
  checkConsentKind(deps, form.consent);
  await voices.checkRoom(owner);
  const model = await engine.model(
    form.model === undefined ? engine.names[0] : resolveModelName(engine.names, form.model),
    signal,
  );
  const language = languageOf(model, form.language);
  // A consent that can't count is refused before anything is listened to.
  const claim = form.consent.kind === 'recording' ? { id: form.consent.id, owner } : undefined;
  const sentence = claim && (await consents.find(claim));

  const recordings: HeardRecording[] = [];
  for (const [i, file] of form.files.entries()) {
    recordings.push(await hearRecording(deps, model, file, `files[${i}]`, signal));
  }
  mustDiffer(recordings);
  await checkOneSpeaker(deps, model, recordings, signal);
  const style = meanStyle(recordings.map((recording) => recording.style));
  const consent = await consentRecord(studio, model, form.consent, { sentence, claim, recordings, style });

  const id = randomId('vce_');
  const kept = form.keep ? await Promise.all(recordings.map(({ sha256 }) => keptKey(id, sha256))) : [];
  const made = await voices.create(
    {
      id,
      owner,
      name: form.name,
      description: form.description,
      model: model.id,
      language,
      style: encodeStyleId(style, model.styleSpace),
      provenance: {
        recordings: recordings.map(({ sha256, seconds }, i) => ({
          sha256,
          seconds: Math.round(seconds * 1000) / 1000,
          ...(form.keep && { kept: kept[i] }),
        })),
        consent,
        key: owner,
      },
    },
    claim,
  );
  if (form.keep) await keepRecordings(studio, made, recordings, kept);
  return { ...made, preview: await makePreview(studio, made) };
}

/** @throws {SoriError} `invalid_consent` where the operator takes consent in another form only. */
function checkConsentKind({ voiceConsent = 'recording' }: AppDependencies, { kind }: ConsentForm): void {
  if (voiceConsent === 'both' || voiceConsent === kind) return;
  const wanted =
    voiceConsent === 'recording'
      ? 'consent_recording, the speaker reading the sentence of POST /v1/voices/consent'
      : 'consent_statement and consent_signed_by';
  const message = `This server takes consent as ${wanted} only: its operator has set VOICE_CONSENT.`;
  throw new SoriError('invalid_consent', message, { param: `consent_${kind}` });
}

interface Evidence {
  readonly sentence?: string;
  readonly claim?: ConsentClaim;
  readonly recordings: readonly HeardRecording[];
  readonly style: Float32Array;
}

/** Listens to who consents. A sentence that somebody else reads is used up. */
async function consentRecord(
  { c, deps, consents }: Studio,
  model: ModelInfo,
  form: ConsentForm,
  { sentence = '', claim, recordings, style }: Evidence,
): Promise<ConsentRecord> {
  if (form.kind === 'statement') return { kind: 'statement', text: form.text, signedBy: form.signedBy };
  const param = 'consent_recording';
  const heard = await hearRecording(deps, model, form.recording, param, c.req.raw.signal);
  if (recordings.some(({ sha256 }) => sha256 === heard.sha256)) {
    const message = 'consent_recording is one of files: it has to be the speaker reading the sentence.';
    throw new SoriError('invalid_consent', message, { param });
  }
  const score = voiceLikeness(heard.style, style, model.styleSpace, model.statistics);
  if (score < SAME_VOICE) {
    if (claim) await consents.burn(claim);
    const message = `consent_recording does not sound like the speaker of files: they are alike by ${score.toFixed(2)}; ${SAME_VOICE} is needed. Ask POST /v1/voices/consent for another sentence.`;
    throw new SoriError('invalid_consent', message, { param });
  }
  return { kind: 'recording', text: sentence, sha256: heard.sha256, score: Math.round(score * 1000) / 1000 };
}

function mustDiffer(recordings: readonly HeardRecording[]): void {
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

/** Of a recording that is kept; another voice of the same recording has its own. */
const keptKey = (voice: string, sha256: string): Promise<string> => speechKey({ voice, recording: sha256 });

/** Keeps recordings as they were listened to, mono at 24 kHz. Where that fails there is no voice. */
async function keepRecordings(
  { deps, owner, voices }: Studio,
  { id, model }: ClonedVoice,
  recordings: readonly HeardRecording[],
  keys: readonly string[],
): Promise<void> {
  try {
    if (!deps.library) {
      const message = 'This server keeps no audio: its operator has given it no bucket. Send keep=false.';
      throw new SoriError('not_configured', message, { param: 'keep' });
    }
    for (const [i, recording] of recordings.entries()) {
      const samples = toInt16Array(recording.samples);
      const meta: AudioMeta = {
        model,
        voice: id,
        samples: samples.length,
        long: false,
        characters: 0,
        telephonyLoudness: null,
        loudness: null,
        owner,
      };
      const privacy = { owner, clones: [id] };
      await admitSpeech(deps, deps.library, keys[i], { samples, meta }, [], { privacy });
    }
  } catch (error) {
    const stored = await voices.delete(id, owner);
    await deps.library?.remove(stored).catch(() => {});
    throw error;
  }
}

/** The preview is a gift. */
const FREE: Purse = { take: async () => {}, giveBack: () => {} };

/** @returns its key; null where it could not be made, which is no reason to have no voice. */
async function makePreview({ c, deps, voices }: Studio, { id, model }: ClonedVoice): Promise<string | null> {
  if (!deps.library) return null;
  const { signal } = c.req.raw;
  try {
    const speech = await addressSpeech(deps, parseSpeech({ model, voice: id, input: PREVIEW_TEXT }), signal);
    const options = { signal, purse: FREE, keepAlive: (work: Promise<unknown>) => keepAlive(c, work) };
    const { key } = await bakeSpeech(deps, speech, ['mp3'], options);
    await voices.setPreview(id, key);
    return key;
  } catch (error) {
    if (signal.aborted) throw error;
    logFailure(c.get('requestId'), toSoriError(error));
    return null;
  }
}

import { toInt16Array } from '../../audio/samples.ts';
import type { CharacterQuota } from '../../http/access.ts';
import { speechKey } from '../../library/cache-key.ts';
import type { AudioMeta } from '../../library/store.ts';
import { meanStyle, SAME_VOICE, voiceLikeness } from '../../synthesis/reference/same-voice.ts';
import { encodeStyleId } from '../../synthesis/reference/style-id.ts';
import { admitSpeech } from '../delivery/index.ts';
import { addressSpeech, bakeSpeech, parseSpeech, requireLibrary } from '../speech/index.ts';
import { checkUnderstood } from '../transcription/index.ts';
import type { Placed } from './analysis.ts';
import type { CloningContext } from './cloning-context.ts';
import { checkConsent } from './consent-check.ts';
import type { PreparedVoice } from './prepare.ts';
import { type AnalyzedRecording, checkOneSpeaker, type SentRecording } from './recordings.ts';
import { type ClonedVoice, type ConsentRecord, randomId } from './voice.ts';

/** The text of a cloned voice's preview. */
export const PREVIEW_TEXT = 'Hello. This is a copy of a voice, made by consent of its speaker.';

/** Options of {@link cloneVoice}. */
export interface CloneOptions {
  /** Default: a new one. */
  readonly id?: string;
  /** Called with the place of the analysis as soon as it is known. */
  readonly onPlaced?: (placed: Placed) => void;
  /** Whether {@link resumeVoice} can finish an incomplete voice. Otherwise an incomplete voice is removed. */
  readonly resumable?: boolean;
}

/**
 * Creates a voice. Its recordings are discarded after the analysis, unless `keep` is set. The
 * voice is stored here for its owner.
 * @throws {SoriError} `invalid_consent`, `invalid_reference`, `unusable_reference`, `unintelligible_reference`, `origin_required`, `origin_unavailable`, and what the
 *   engine and the stores throw.
 */
export async function cloneVoice(
  cloning: CloningContext,
  { form, model, language, files, consent: read }: PreparedVoice,
  { id = randomId('vce_'), onPlaced = () => {}, resumable = false }: CloneOptions = {},
): Promise<ClonedVoice> {
  const { owner, voices } = cloning;
  const { analyze, placed } = cloning.place(model, read ? [...files, read.reading] : files);
  const recordings: AnalyzedRecording[] = [];
  let consent: ConsentRecord;
  try {
    for (const file of files) recordings.push(await analyze(file, { oneSpeaker: true, samples: form.keep }));
    checkOneSpeaker(model, recordings);
    for (const file of files) await checkUnderstood(cloning.deps, file, cloning.signal);
    const compare = async (reading: SentRecording) => {
      const mean = meanStyle(recordings.map(({ style }) => style));
      const { style } = await analyze(reading);
      const score = voiceLikeness(style, mean, model.styleSpace, model.statistics);
      return { score, threshold: model.voiceThreshold ?? SAME_VOICE };
    };
    consent = await checkConsent({ ...cloning, purpose: 'clone', compare }, form.consent, read);
  } finally {
    onPlaced(placed());
  }
  const kept = form.keep ? await Promise.all(recordings.map(({ sha256 }) => keptKey(id, sha256))) : [];
  const made = await voices.create(
    {
      id,
      owner,
      name: form.name,
      description: form.description,
      model: model.id,
      language,
      style: encodeStyleId(meanStyle(recordings.map(({ style }) => style)), model.styleSpace),
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
    read?.claim,
  );
  if (form.keep) {
    try {
      await keepRecordings(cloning, made, recordings);
    } catch (error) {
      // A resumable caller finishes the voice later; otherwise remove the incomplete voice.
      if (!resumable) await forget(cloning, made);
      throw error;
    }
  }
  return { ...made, preview: await makePreview(cloning, made) };
}

/**
 * Finishes a voice that {@link cloneVoice} had not completed.
 * @param files reads its recordings again.
 */
export async function resumeVoice(
  cloning: CloningContext,
  voice: ClonedVoice,
  files: () => Promise<readonly SentRecording[]>,
): Promise<ClonedVoice> {
  const { deps, signal } = cloning;
  const keys = voice.provenance.recordings.flatMap(({ kept }) => kept ?? []);
  const stored = await Promise.all(keys.map((key) => requireLibrary(deps).head(key, 'wav')));
  if (stored.includes(null)) {
    const model = await deps.engine.model(voice.model, signal);
    const sent = await files();
    const { analyze } = cloning.place(model, sent);
    const recordings: AnalyzedRecording[] = [];
    for (const file of sent) recordings.push(await analyze(file, { samples: true }));
    await keepRecordings(cloning, voice, recordings);
  }
  return { ...voice, preview: voice.preview ?? (await makePreview(cloning, voice)) };
}

/** Removes an incomplete voice. */
async function forget({ deps, owner, voices }: CloningContext, { id }: ClonedVoice): Promise<void> {
  const stored = await voices.delete(id, owner);
  await deps.library?.remove(stored).catch(() => {});
}

/** The key of a kept recording; each voice has its own key for it. */
const keptKey = (voice: string, sha256: string): Promise<string> => speechKey({ voice, recording: sha256 });

/** Stores recordings as mono audio at 24 kHz under the keys of their voice. */
async function keepRecordings(
  { deps, owner, voices }: CloningContext,
  { id, model, provenance }: ClonedVoice,
  recordings: readonly AnalyzedRecording[],
): Promise<void> {
  const library = requireLibrary(deps);
  for (const [i, recording] of recordings.entries()) {
    const key = provenance.recordings[i].kept;
    if (recording.samples === undefined || key === undefined) {
      throw new TypeError('A recording to be stored has no sound, or no key.');
    }
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
    await admitSpeech(deps, library, key, { samples, meta }, [], { privacy: { owner, clones: [id] } });
    // Mark it as a recording, which housekeeping never removes: unlike speech it cannot be made again.
    await voices.track([id], key, 'recording');
  }
}

/** The preview costs no quota. */
const FREE: CharacterQuota = { reserve: async () => {}, refund: () => {} };

/** @returns the key of the preview; null if it failed, which does not fail the voice. */
async function makePreview(
  { deps, voices, signal, keepAlive, log }: CloningContext,
  { id, model }: ClonedVoice,
): Promise<string | null> {
  if (!deps.library) return null;
  try {
    const speech = await addressSpeech(deps, parseSpeech({ model, voice: id, input: PREVIEW_TEXT }), signal);
    const { key } = await bakeSpeech(deps, speech, ['mp3'], { signal, quota: FREE, keepAlive });
    await voices.setPreview(id, key);
    return key;
  } catch (error) {
    if (signal.aborted) throw error;
    log(error);
    return null;
  }
}

import { speechKey } from '../../library/cache-key.ts';
import type { AudioMeta } from '../../library/store.ts';
import { admitSpeech } from '../delivery/index.ts';
import { onAccount, requireLibrary } from '../speech/index.ts';
import { RATE, readRecording } from '../transcription/index.ts';
import type { AnalysisContext } from '../voices/index.ts';
import type { SpeechTranslationDependencies } from './dependencies.ts';
import { priceOf } from './price.ts';
import type { JobTranslation } from './schema.ts';
import { checkSpeaker, usualRangeOf } from './speaker.ts';
import { textsFor } from './texts-for.ts';
import { describeSegment, TELEPHONY_LUFS, tagsFor, wholeOf } from './timeline.ts';
import { addressText, type SpokenSegment, spokenSegments } from './translate.ts';

/** The job on whose behalf a recording is translated. */
export interface TranslationJob {
  /** Id of the job. */
  readonly job: string;
  /** Context of its owner. */
  readonly context: AnalysisContext;
  /** Called with the share that is done, 0 to 1. */
  readonly onProgress: (share: number) => void;
  /** Stores descriptions of the segments. Called before the audio is stored. */
  readonly storeSegments: (segments: readonly ReturnType<typeof describeSegment>[]) => Promise<void>;
}

/** A translation in the library. */
export interface StoredTranslation {
  readonly key: string;
  readonly meta: AudioMeta;
}

/**
 * Translates a recording for a job, stores the audio, and charges its owner. A repeated call finds the stored audio.
 * @param bytes the recording.
 * @throws {SoriError} as `POST /v1/audio/speech-translations` does; `insufficient_quota`, `invalid_api_key`, `storage_unavailable`.
 */
export async function translateForJob(
  deps: SpeechTranslationDependencies,
  { request, format }: JobTranslation,
  bytes: Uint8Array<ArrayBuffer>,
  { job, context, onProgress, storeSegments }: TranslationJob,
): Promise<StoredTranslation> {
  const library = requireLibrary(deps);
  const { caller: owner, signal } = context;
  const key = await speechKey({ speechTranslation: { ...request }, job });
  return await onAccount(deps, owner, async (quota) => {
    const stored = await library.head(key, format);
    // A runner that ended after it had stored the audio.
    if (stored) return { key, meta: stored.meta, cache: 'hit' };
    const texts = await textsFor(deps, request, new Blob([bytes]), context);
    const speech = await addressText(deps, request, 'x', signal);
    const samples = await readRecording(bytes, 'file');
    await checkSpeaker(deps, bytes, speech, context);
    const price = priceOf(samples.length / RATE);
    await quota.reserve(price);
    try {
      const made: SpokenSegment[] = [];
      const usualRange = usualRangeOf(speech);
      const options = { request, texts, samples, usualRange, requester: quota, signal };
      for await (const segment of spokenSegments(deps, options)) {
        made.push(segment);
        onProgress(Math.min(1, (segment.end * RATE) / samples.length));
      }
      const whole = await wholeOf(made, speech);
      await storeSegments(made.map(describeSegment));
      const { model, privacy } = speech;
      const meta: AudioMeta = {
        model: `${model.id}@${model.version}`,
        voice: privacy ? privacy.clones.join(',') : request.voice,
        samples: whole.length,
        long: true,
        characters: made.reduce((sum, { text }) => sum + Array.from(text).length, 0),
        telephonyLoudness: TELEPHONY_LUFS,
        loudness: null,
        ...(privacy && { owner: privacy.owner }),
        ...tagsFor(speech),
      };
      await admitSpeech(deps, library, key, { samples: whole, meta }, [format], { privacy });
      return { key, meta, cache: 'miss' };
    } catch (error) {
      quota.refund(price);
      throw error;
    }
  });
}

import type { AudioTags } from '../../audio/tags/types.ts';
import { SoriError } from '../../base/errors.ts';
import { marked, type Privacy, provenanceTags } from '../delivery/index.ts';
import type { AddressedSpeech } from '../speech/index.ts';
import type { SpokenSegment } from './translate.ts';

/** Lays segments out in time; silence is between them. */
export function layOut(segments: readonly Pick<SpokenSegment, 'samples' | 'at'>[]): Int16Array {
  const end = segments.reduce((most, { samples, at }) => Math.max(most, at + samples.length), 0);
  const whole = new Int16Array(end);
  for (const { samples, at } of segments) whole.set(samples, at);
  return whole;
}

/** Adds the watermark of a cloned voice. @param at sample of the translation at which the samples begin. */
export async function markedFor(
  samples: Int16Array,
  privacy: Privacy | undefined,
  at = 0,
): Promise<Int16Array> {
  return privacy && samples.length > 0 ? await marked(samples, privacy, at) : samples;
}

/** Provenance tags of a translation with a cloned voice. */
export function tagsFor({ model, privacy }: AddressedSpeech): { tags?: AudioTags } {
  return privacy ? { tags: provenanceTags(privacy, `${model.id}@${model.version}`) } : {};
}

/** Loudness of telephony formats in LUFS, as of other speech. */
export const TELEPHONY_LUFS = -23;

/**
 * Lays all segments out and adds the watermark of a cloned voice.
 * @returns 24 kHz, mono.
 * @throws {SoriError} `nothing_to_speak` when no segment has sound.
 */
export async function wholeOf(
  segments: readonly SpokenSegment[],
  { privacy }: AddressedSpeech,
): Promise<Int16Array> {
  const samples = await markedFor(layOut(segments), privacy);
  if (samples.length > 0) return samples;
  throw new SoriError('nothing_to_speak', 'Nothing is said in the recording that can be translated.', {
    param: 'file',
  });
}

/** A segment, as answers describe it. Times are milliseconds; `start_ms` and `end_ms` are those of the source. */
export function describeSegment(segment: SpokenSegment) {
  const { index, language, source, text, start, end, at, samples, skipped } = segment;
  const begin = Math.round(at / 24);
  return {
    index,
    language,
    ...(source !== undefined && { source_text: source.trim() }),
    text: text.trim(),
    start_ms: Math.round(1000 * start),
    end_ms: Math.round(1000 * end),
    ...(samples.length > 0 && {
      audio_start_ms: begin,
      audio_end_ms: begin + Math.round(samples.length / 24),
    }),
    ...(skipped !== undefined && { skipped }),
    speed: segment.speed,
    pitch_range: segment.pitchRange,
    latency_ms: {
      recognition: Math.round(segment.recognitionMs),
      translation: Math.round(segment.translationMs),
      speech: Math.round(segment.speechMs),
      total: Math.round(segment.latencyMs),
    },
  };
}

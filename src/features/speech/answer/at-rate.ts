import { wavFrame } from '../../../audio/encoders/wav.ts';
import { resampledLength, resamplePcm } from '../../../audio/resample-stream.ts';
import type { SpeechBody } from '../schema.ts';
import type { SpeechSource } from '../source.ts';

const BYTES_PER_SAMPLE = 2;

/** Audio at the `sample_rate` of a request, made of the `pcm` at 24 kHz that is stored. Without one, the source itself. */
export function atRate(source: SpeechSource, body: SpeechBody): SpeechSource {
  const { sample_rate: rate, response_format, audio_format } = body;
  if (rate === undefined) return source;
  const format = (response_format === 'json' ? audio_format : response_format) === 'wav' ? 'wav' : 'pcm';
  const { contentLength: stored } = source;
  const samples = stored === undefined ? undefined : resampledLength(stored / BYTES_PER_SAMPLE, rate);
  const pcm = resamplePcm(source.bytes, rate);
  const { whole: _, ...rest } = source;
  if (format === 'pcm') {
    const contentLength = samples === undefined ? undefined : samples * BYTES_PER_SAMPLE;
    return { ...rest, format, contentLength, bytes: pcm };
  }
  const { header, fileLength } = wavFrame({ coding: 'pcm', sampleRate: rate, samples });
  return { ...rest, format, contentLength: fileLength, bytes: headed(header, pcm) };
}

/** The type of an answer. Bare samples need their rate stated. */
export function typeAtRate(contentType: string, { sample_rate, response_format }: SpeechBody): string {
  return sample_rate !== undefined && response_format === 'pcm'
    ? `${contentType};rate=${sample_rate}`
    : contentType;
}

async function* headed(
  header: Uint8Array,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  yield header;
  yield* pieces;
}

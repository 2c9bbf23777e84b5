import { concatBytes } from '../../base/bytes.ts';
import { Decimator, decimatedLength } from '../decimate.ts';
import { type EncoderOptions, FORMAT_INFO, type TelephonyFormatId } from '../format.ts';
import { int16Bytes, toInt16Array } from '../samples.ts';
import type { AudioTags } from '../tags/types.ts';
import { compand } from './g711.ts';
import type { Sink } from './sink.ts';
import { SteadyLevel } from './steady-level.ts';
import { type WavLayout, wavFrame } from './wav.ts';

/** How samples at 8 kHz become bytes, and whether they are in a WAV container. */
const LAYOUTS: Readonly<Record<TelephonyFormatId, { coding: WavLayout['coding']; inWav: boolean }>> = {
  mulaw: { coding: 'mulaw', inWav: false },
  alaw: { coding: 'alaw', inWav: false },
  'mulaw-wav': { coding: 'mulaw', inWav: true },
  'alaw-wav': { coding: 'alaw', inWav: true },
  'wav-8k': { coding: 'pcm', inWav: true },
};

/** Encodes for telephony: downsamples 24 kHz to 8 kHz, then encodes as {@link createNarrowbandSink}. */
export function createTelephonySink(
  format: TelephonyFormatId,
  { totalSamples, tags, loudness }: EncoderOptions,
): Sink {
  const narrow = createNarrowbandSink(
    format,
    totalSamples === undefined ? undefined : decimatedLength(totalSamples),
    tags,
  );
  const decimator = new Decimator();
  const level =
    loudness === undefined ? undefined : new SteadyLevel(FORMAT_INFO[format].sampleRate, loudness);
  const push = (filtered: Float64Array) => {
    const samples = toInt16Array(filtered);
    return narrow.push(level ? level.push(samples) : samples);
  };
  return {
    contentLength: narrow.contentLength,
    push: (samples) => push(decimator.push(samples)),
    finish() {
      const last = push(decimator.finish());
      return concatBytes([last, level ? narrow.push(level.finish()) : NOTHING, narrow.finish()]);
    },
  };
}

const NOTHING = new Uint8Array(0);

/** Result of {@link createNarrowbandSink}: encodes samples at 8 kHz. */
export interface NarrowbandSink {
  readonly contentLength: number | undefined;
  push(samples: Int16Array): Uint8Array;
  finish(): Uint8Array;
}

/**
 * Encodes samples at 8 kHz in a telephony format.
 * @param samples how many there will be; `undefined` where that is not known yet.
 */
export function createNarrowbandSink(
  format: TelephonyFormatId,
  samples: number | undefined,
  tags?: AudioTags,
): NarrowbandSink {
  const { coding, inWav } = LAYOUTS[format];
  const { sampleRate } = FORMAT_INFO[format];
  const frame = inWav ? wavFrame({ coding, sampleRate, samples, tags }) : undefined;
  let header = frame?.header;
  const withHeader = (bytes: Uint8Array): Uint8Array => {
    if (!header) return bytes;
    const whole = concatBytes([header, bytes]);
    header = undefined;
    return whole;
  };
  return {
    contentLength: frame ? frame.fileLength : samples,
    push: (piece) => withHeader(coding === 'pcm' ? int16Bytes(piece) : compand(piece, coding)),
    finish: () => withHeader(frame?.trailer ?? new Uint8Array(0)),
  };
}

import type { AudioFormatId } from '../../../audio/format.ts';
import { createLengthMeter, type LengthMeter } from '../../../audio/length-meter.ts';
import type { SpeechBody } from '../schema.ts';

/** `output_tokens` counts frames of 12.5 ms. */
const FRAME_MS = 12.5;
/** The end of an answer, which contains its usage. */
const TAIL_BYTES = 256;

/** Measures the speech in an answer as it passes: audio by its format, events and JSON by the usage at their end. */
export function createAnswerMeter(
  { response_format, stream_format, sample_rate }: SpeechBody,
  format: AudioFormatId,
): LengthMeter {
  if (response_format !== 'json' && stream_format !== 'sse' && sample_rate !== undefined)
    return createRateMeter(sample_rate);
  if (response_format !== 'json' && stream_format !== 'sse') return createLengthMeter(format);
  let tail = new Uint8Array(0);
  return {
    push(bytes) {
      const joined = new Uint8Array(tail.length + bytes.length);
      joined.set(tail);
      joined.set(bytes, tail.length);
      tail = joined.slice(-TAIL_BYTES);
    },
    ms() {
      const frames = /"output_tokens":(\d{1,9})/.exec(new TextDecoder().decode(tail))?.[1];
      return frames === undefined ? undefined : Number(frames) * FRAME_MS;
    },
  };
}

/** Counts 16-bit samples at a rate. The header of a WAV file is below a hundredth of a second. */
function createRateMeter(rate: number): LengthMeter {
  let bytes = 0;
  return {
    push: ({ length }) => {
      bytes += length;
    },
    ms: () => (bytes / 2 / rate) * 1000,
  };
}

import { encodeInTurns, finishInTurns } from '../../../audio/encoders/in-turns.ts';
import type { AudioEncoder, AudioFormatId } from '../../../audio/format.ts';
import { FORMAT_INFO } from '../../../audio/format.ts';
import { base64 } from '../../../base/base64.ts';
import type { Speech } from '../../../engine/engine.ts';
import { errorBody, toSoriError } from '../../../http/errors.ts';
import type { Warning } from '../../../text/warnings.ts';

/** Progress of an answer. */
export interface Progress {
  /** Samples at 24 kHz that were passed to the encoder. */
  samples: number;
}

/** Encodes speech as it is made, in turns of the event loop, without empty pieces. Closes the encoder in every case. */
export async function* encodeSpeech(
  speech: Pick<Speech, 'chunks'>,
  encoder: AudioEncoder,
  progress: Progress,
): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const samples of speech.chunks) {
      for await (const part of encodeInTurns(encoder, samples)) {
        progress.samples += part.samples;
        if (part.bytes.length > 0) yield part.bytes;
      }
    }
    yield* finishInTurns(encoder);
  } finally {
    encoder.close();
  }
}

/** The content of an answer in addition to the audio. */
export interface Telling {
  readonly progress: Progress;
  /** Characters of the input. */
  readonly characters: number;
  /** Absent if no timestamps were requested. */
  readonly cues?: { upTo(samples: number): object | undefined; rest(): object | undefined };
  /** Parts of the request without effect; events state them at their end. */
  readonly warnings?: readonly Warning[];
}

/** Samples in a frame of the model: 12.5 ms at 24 kHz. */
const SAMPLES_PER_FRAME = 300;

/** OpenAI's usage object: input counts characters, output counts frames of 12.5 ms. */
function usageOf({ characters, progress }: Telling) {
  const output = Math.ceil(progress.samples / SAMPLES_PER_FRAME);
  return { input_tokens: characters, output_tokens: output, total_tokens: characters + output };
}

const utf8 = new TextEncoder();

/**
 * Wraps audio in OpenAI's server-sent events, and cues in `speech.audio.timing` events after their audio.
 * A failure after the first event becomes a final `error` event; an earlier failure is thrown.
 * @param onFailure called with such a late failure.
 */
export async function* speechEvents(
  audio: AsyncIterable<Uint8Array>,
  telling: Telling,
  onFailure: (error: unknown) => void,
): AsyncGenerator<Uint8Array, void> {
  const { cues, progress } = telling;
  const event = (data: object, name = '') => utf8.encode(`${name}data: ${JSON.stringify(data)}\n\n`);
  const timing = (timestamps: object) => event({ type: 'speech.audio.timing', timestamps });
  let begun = false;
  try {
    for await (const bytes of audio) {
      begun = true;
      yield event({ type: 'speech.audio.delta', audio: base64(bytes) });
      const due = cues?.upTo(progress.samples);
      if (due) yield timing(due);
    }
    const rest = cues?.rest();
    if (rest) yield timing(rest);
    const warnings = telling.warnings?.length ? telling.warnings : undefined;
    yield event({ type: 'speech.audio.done', usage: usageOf(telling), warnings });
  } catch (error) {
    if (!begun) throw error;
    onFailure(error);
    yield event(errorBody(toSoriError(error)), 'event: error\n');
  }
}

/** Metadata of a JSON answer. */
export interface SpeechHead {
  readonly model: string;
  readonly format: AudioFormatId;
  /** Samples per second, where it is not the format's own. */
  readonly sampleRate?: number;
  readonly warnings?: readonly Warning[];
}

/**
 * Writes speech as one JSON object, piece by piece as the audio is made, in constant memory.
 * The first piece contains audio, so an earlier failure is thrown before anything was sent.
 */
export async function* speechJson(
  audio: AsyncIterable<Uint8Array>,
  head: SpeechHead,
  telling: Telling,
): AsyncGenerator<Uint8Array, void> {
  const { contentType, sampleRate } = FORMAT_INFO[head.format];
  const fields = JSON.stringify({
    object: 'speech',
    model: head.model,
    audio_format: head.format,
    content_type: contentType,
    sample_rate: head.sampleRate ?? sampleRate,
    warnings: head.warnings?.length ? head.warnings : undefined,
  });
  let open = `${fields.slice(0, -1)},"audio":"`;
  // Base64 encodes three bytes at a time; the rest waits for the next piece.
  let held = new Uint8Array(0);
  for await (const bytes of audio) {
    const joined = new Uint8Array(held.length + bytes.length);
    joined.set(held);
    joined.set(bytes, held.length);
    const whole = joined.length - (joined.length % 3);
    held = joined.slice(whole);
    yield utf8.encode(open + base64(joined.subarray(0, whole)));
    open = '';
  }
  const rest = {
    duration_ms: telling.progress.samples / 24,
    timestamps: telling.cues ? (telling.cues.rest() ?? {}) : undefined,
    usage: usageOf(telling),
  };
  yield utf8.encode(`${open}${base64(held)}",${JSON.stringify(rest).slice(1)}`);
}

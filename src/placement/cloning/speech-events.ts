import { z } from 'zod';
import { SoriError } from '../../base/errors.ts';
import { readEvents } from '../../http/read-events.ts';
import type { Cue } from '../../synthesis/alignment.ts';
import { WARNING_CODES, type Warning } from '../../text/warnings.ts';
import { garbage } from '../origin-answer.ts';
import { faultIn } from '../origin-error.ts';

const span = z.object({ start: z.number(), end: z.number() });
const cues = z.array(z.object({ start_ms: z.number(), end_ms: z.number(), text: z.string(), span }));
const position = z.object({ offset: z.number(), line: z.number(), column: z.number() });
const warning = z.object({
  code: z.enum(WARNING_CODES),
  message: z.string(),
  param: z.string(),
  position: position.optional(),
});

const eventSchema = z.union([
  z.object({ type: z.literal('speech.audio.delta'), audio: z.base64() }),
  z.object({
    type: z.literal('speech.audio.timing'),
    timestamps: z.partialRecord(z.enum(['word', 'phoneme', 'sentence', 'mark']), cues),
  }),
  z.object({ type: z.literal('speech.audio.done'), warnings: z.array(warning).optional() }),
  z.object({ error: z.looseObject({}) }),
]);

/** Units of cues in the events. */
export type EventUnit = 'word' | 'phoneme' | 'sentence' | 'mark';

/** Speech that has been received whole. */
export interface ReceivedSpeech {
  /** Mono, 24 kHz, in the pieces that it came in. */
  readonly pieces: readonly Int16Array[];
  readonly cues: Readonly<Record<EventUnit, readonly Cue[]>>;
  readonly warnings: readonly Warning[];
}

/**
 * Receives speech as the server-sent events of `POST /v1/audio/speech` with `response_format: "pcm"`.
 * @throws {SoriError} the error that the events state; `origin_failed` if they break off or are malformed.
 */
export async function receiveSpeech(body: ReadableStream<Uint8Array>): Promise<ReceivedSpeech> {
  const pcm = new PcmPieces();
  const timed: Record<EventUnit, Cue[]> = { word: [], phoneme: [], sentence: [], mark: [] };
  try {
    for await (const given of readEvents<unknown>(body)) {
      const event = eventSchema.parse(given);
      if ('error' in event) throw faultIn(event);
      if (event.type === 'speech.audio.delta') pcm.push(event.audio);
      else if (event.type === 'speech.audio.timing') {
        for (const [unit, found] of Object.entries(event.timestamps)) timed[unit as EventUnit].push(...found);
      } else return { pieces: pcm.pieces, cues: timed, warnings: event.warnings ?? [] };
    }
  } catch (cause) {
    if (cause instanceof SoriError) throw cause;
    throw garbage('Its events of speech cannot be read.', cause);
  }
  throw garbage('Its events of speech ended too early.');
}

/** Joins base64 pieces of 16-bit little-endian samples, which may end within a sample. */
class PcmPieces {
  readonly pieces: Int16Array[] = [];
  #rest = '';

  push(base64: string): void {
    const bytes = this.#rest + atob(base64);
    const samples = new Int16Array(bytes.length >> 1);
    for (let i = 0; i < samples.length; i++) {
      samples[i] = bytes.charCodeAt(2 * i) | (bytes.charCodeAt(2 * i + 1) << 8);
    }
    this.#rest = bytes.slice(2 * samples.length);
    if (samples.length > 0) this.pieces.push(samples);
  }
}

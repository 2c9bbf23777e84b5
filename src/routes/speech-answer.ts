import type { Context } from 'hono';
import { FORMAT_INFO } from '../audio/format.ts';
import type { AlignedSpeech, ModelInfo, Speech, Timings } from '../engine/engine.ts';
import { type CueUnit, cuesOf } from '../pipeline/alignment.ts';
import { CAPTION_FORMATS, type CaptionFormat } from './captions.ts';
import type { AppDependencies, AppEnv } from './context.ts';
import { logFailure, toSoriError } from './errors.ts';
import { keepAlive } from './keep-alive.ts';
import { encodeSpeech, speechEvents, speechJson, type Telling } from './speech-bodies.ts';
import { unitsOf } from './speech-conflicts.ts';
import type { SpeechBody } from './speech-schema.ts';
import { pullStream, withLength } from './speech-stream.ts';
import { CueStream } from './timestamps.ts';

const DEFAULT_STALL_MS = 60_000;

/** Speech under way, and what to answer it with. */
export interface Answer {
  readonly body: SpeechBody;
  readonly model: ModelInfo;
  readonly speech: Speech;
  readonly work: AbortController;
  /** To be called once nothing more is needed. */
  readonly end: () => void;
}

/**
 * Answers with audio, with the events that carry it, or with JSON that holds it.
 * @throws whatever keeps the first piece of audio from being made.
 */
export async function answerSpeech(
  c: Context<AppEnv>,
  deps: AppDependencies,
  { body, model, speech, work, end }: Answer,
): Promise<Response> {
  const json = body.response_format === 'json';
  const format = body.response_format === 'json' ? (body.audio_format ?? 'mp3') : body.response_format;
  const encoder = await deps.createEncoder(format, { totalSamples: speech.totalSamples });
  const onFailure = (error: unknown) => logFailure(c.get('requestId'), toSoriError(error));
  const sse = body.stream_format === 'sse';
  const units = unitsOf(body);
  const progress = { samples: 0 };
  const telling: Telling = {
    progress,
    characters: Array.from(body.input).length,
    cues: units.length > 0 ? new CueStream(speech.alignment, body.input, units) : undefined,
  };
  const audio = encodeSpeech(speech, encoder, progress);
  const spoken = `${model.id}@${model.version}`;
  const source = json
    ? speechJson(audio, { model: spoken, format }, telling)
    : sse
      ? speechEvents(audio, telling, onFailure)
      : audio;
  // With the first piece in hand, whatever keeps a stage from running is still an error with a status.
  const first = await source.next();

  let onRest = () => {};
  keepAlive(c, new Promise<void>((resolve) => (onRest = resolve)));
  const stallMs = deps.stallMs ?? DEFAULT_STALL_MS;
  const stream = pullStream(source, { first, work, stallMs, onFailure, onEnd: end, onRest });

  c.header('X-Sori-Model', spoken);
  c.header('Server-Timing', serverTiming(speech.timings));
  c.header('Cache-Control', 'no-store');
  if (json || sse) {
    c.header('Content-Type', json ? 'application/json' : 'text/event-stream; charset=utf-8');
    return c.body(stream);
  }
  c.header('Content-Type', encoder.contentType);
  c.header('Content-Disposition', `inline; filename="speech.${FORMAT_INFO[format].extension}"`);
  if (encoder.contentLength === undefined) return c.body(stream);
  c.header('Content-Length', String(encoder.contentLength));
  return c.body(withLength(stream, encoder.contentLength));
}

/** When what is spoken, and as what to tell it. */
export interface CaptionAnswer {
  readonly body: SpeechBody;
  readonly model: ModelInfo;
  readonly speech: AlignedSpeech;
  readonly format: CaptionFormat;
  readonly unit: CueUnit;
}

/** Answers with captions. */
export function answerCaptions(
  c: Context<AppEnv>,
  { body, model, speech, format, unit }: CaptionAnswer,
): Response {
  const { contentType, write } = CAPTION_FORMATS[format];
  c.header('X-Sori-Model', `${model.id}@${model.version}`);
  c.header('Cache-Control', 'no-store');
  c.header('Content-Type', contentType);
  c.header('Content-Disposition', `inline; filename="speech.${format}"`);
  return c.body(write(cuesOf(speech.alignment, body.input, unit), speech.totalSamples / 24));
}

function serverTiming(timings: Timings): string {
  return Object.entries(timings)
    .map(([stage, ms]) => `${stage};dur=${ms.toFixed(1)}`)
    .join(', ');
}

import type { Context } from 'hono';
import { FORMAT_INFO } from '../../../audio/format.ts';
import type { AlignedSpeech, ModelInfo, SpeechRequest, Timings } from '../../../engine/engine.ts';
import type { AppEnv } from '../../../http/context.ts';
import { lateFailureLog } from '../../../http/errors.ts';
import { keepAlive } from '../../../http/keep-alive.ts';
import { pullStream, withLength } from '../../../http/stream.ts';
import { type CueUnit, cuesOf } from '../../../synthesis/alignment.ts';
import { unitsOf } from '../conflicts.ts';
import type { SpeechDependencies } from '../dependencies.ts';
import { fieldWarnings, IGNORED_HEADER, ignoredHeader } from '../ignored.ts';
import type { SpeechBody } from '../schema.ts';
import type { SpeechSource } from '../source.ts';
import { atRate, typeAtRate } from './at-rate.ts';
import { speechEvents, speechJson, type Telling } from './bodies.ts';
import { CAPTION_FORMATS, type CaptionFormat } from './captions.ts';
import { CueStream } from './timestamps.ts';

const DEFAULT_STALL_MS = 60_000;

/** Speech and the way to answer with it. */
export interface Answer {
  readonly body: SpeechBody;
  readonly model: ModelInfo;
  /** The stored or running speech. */
  readonly request: SpeechRequest;
  readonly source: SpeechSource;
  /** The permanent address of the audio. */
  readonly location?: string;
  /** Timestamps in place of the speech's own, for `json`. */
  readonly cues?: Telling['cues'];
  readonly work: AbortController;
  /** Call it once when nothing more is needed. */
  readonly end: () => void;
}

/**
 * Answers with audio, with server-sent events, or with JSON that contains the audio.
 * @throws any error before the first piece of audio.
 */
export async function answerSpeech(
  c: Context<AppEnv>,
  deps: SpeechDependencies,
  { body, model, request, source: stored, location, cues, work, end }: Answer,
): Promise<Response> {
  const source = atRate(stored, body);
  const { format, progress } = source;
  const { contentType, extension } = FORMAT_INFO[format];
  const json = body.response_format === 'json';
  const sse = body.stream_format === 'sse';
  const spoken = `${model.id}@${model.version}`;
  c.header('X-Sori-Model', spoken);
  c.header('X-Cache', source.cache);
  const ofFields = fieldWarnings(body);
  const ignored = [ignoredHeader(ofFields), source.ignored].filter((list) => list !== undefined);
  if (ignored.length > 0) c.header(IGNORED_HEADER, ignored.join(', '));
  // Audio at another rate is not stored.
  if (location !== undefined && body.sample_rate === undefined) c.header('Content-Location', location);
  c.header('Cache-Control', 'no-store');
  c.header(
    'Content-Type',
    json ? 'application/json' : sse ? 'text/event-stream; charset=utf-8' : typeAtRate(contentType, body),
  );
  if (!json && !sse) {
    c.header('Content-Disposition', `inline; filename="speech.${extension}"`);
    if (source.contentLength !== undefined) c.header('Content-Length', String(source.contentLength));
    if (source.whole) {
      c.header('Server-Timing', serverTiming(source.timings));
      account(c, source);
      end();
      return c.body(source.whole as Uint8Array<ArrayBuffer>);
    }
  }
  // Stored audio has the list of codes; their messages take another look at the text.
  const found = (json || sse) && source.ignored !== undefined && source.warnings === undefined;
  const ofText = found ? await deps.engine.review(request, work.signal) : (source.warnings ?? []);
  const warnings = [...ofFields, ...ofText];
  const onFailure = lateFailureLog(c, work, body.input);
  const units = unitsOf(body);
  const telling: Telling = {
    progress,
    characters: Array.from(body.input).length,
    cues:
      cues ??
      (units.length > 0 && source.alignment ? new CueStream(source.alignment, body.input, units) : undefined),
    warnings,
  };
  const pieces = json
    ? speechJson(source.bytes, { model: spoken, format, sampleRate: body.sample_rate, warnings }, telling)
    : sse
      ? speechEvents(source.bytes, telling, onFailure)
      : source.bytes;
  // Wait for the first piece, so that a failing stage is still answered with an error status.
  const first = await pieces.next();
  let onRest = () => {};
  const rest = new Promise<void>((resolve) => (onRest = resolve));
  keepAlive(c, rest);
  c.get('account').ended = rest;
  const stallMs = deps.stallMs ?? DEFAULT_STALL_MS;
  const onEnd = () => {
    account(c, source);
    end();
  };
  const length = json || sse ? undefined : source.contentLength;
  const crowded = () => deps.slots?.full ?? false;
  const stream = pullStream(pieces, { first, work, length, stallMs, crowded, onFailure, onEnd, onRest });
  c.header('Server-Timing', serverTiming(source.timings));
  return c.body(length === undefined ? stream : withLength(stream, length));
}

/** Records the result in the request's account. */
function account(c: Context<AppEnv>, { cache, progress }: SpeechSource): void {
  const entry = c.get('account');
  entry.cache = cache;
  entry.audioMs = progress.samples / 24;
}

/** The times of the spoken text and the requested units. */
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
  const ignored = ignoredHeader([...fieldWarnings(body), ...speech.warnings]);
  if (ignored !== undefined) c.header(IGNORED_HEADER, ignored);
  c.header('Content-Disposition', `inline; filename="speech.${format}"`);
  return c.body(write(cuesOf(speech.alignment, body.input, unit), speech.totalSamples / 24));
}

function serverTiming(timings: Timings): string {
  return Object.entries(timings)
    .map(([stage, ms]) => `${stage};dur=${ms.toFixed(1)}`)
    .join(', ');
}

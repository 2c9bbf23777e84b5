import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { FORMAT_INFO } from '../../audio/format.ts';
import { transcode } from '../../audio/transcode.ts';
import { readUpload } from '../../http/bodies/form-body.ts';
import type { AppEnv } from '../../http/context.ts';
import { eventStream } from '../../http/event-stream.ts';
import { reportHere, reportPlaced } from '../../placement/placed-header.ts';
import { quotaOf } from '../keys/index.ts';
import { type AddressedSpeech, onBehalf, underWay } from '../speech/index.ts';
import { MAX_UPLOAD_BYTES, RATE, readRecording } from '../transcription/index.ts';
import { analysisContextOf } from '../voices/index.ts';
import type { SpeechTranslationDependencies } from './dependencies.ts';
import { translationDocs } from './docs.ts';
import { segmentEvents, textEvents } from './events.ts';
import { priceOf } from './price.ts';
import { parseTranslationForm, type TranslationForm } from './schema.ts';
import { checkSpeaker, usualRangeOf } from './speaker.ts';
import { requirePool, textsFor } from './texts-for.ts';
import { TELEPHONY_LUFS, tagsFor, wholeOf } from './timeline.ts';
import { addressText, type SpokenSegment, spokenSegments } from './translate.ts';

/** Bytes of a form around its file, and of the form that an edge takes. */
const FORM_BYTES = 64 * 1024;
const MAX_EDGE_BYTES = 16 * 1024 * 1024;

/** Adds `POST /v1/audio/speech-translations`. */
export function speechTranslationRoute(app: OpenAPIHono<AppEnv>, given: SpeechTranslationDependencies): void {
  // Registered by hand: the library's own validator would read a body of any length.
  app.openAPIRegistry.registerPath(translationDocs);
  app.post(translationDocs.path, async (c) => {
    const deps = onBehalf(c, given);
    // Only an origin recognises speech; without one the request is refused before its body is read.
    if (deps.placement !== undefined) requirePool(deps);
    const limit = deps.placement === undefined ? MAX_UPLOAD_BYTES + FORM_BYTES : MAX_EDGE_BYTES;
    const form = parseTranslationForm(await readUpload(deps, c.req.raw, limit));
    return await underWay(c, async (work, hold, end) => {
      hold(deps.slots?.take() ?? (() => {}));
      return await answer(c, deps, form, work, end);
    });
  });
}

async function answer(
  c: Context<AppEnv>,
  deps: SpeechTranslationDependencies,
  { file, request, format, stream, speech: aloud }: TranslationForm,
  work: AbortController,
  end: () => void,
): Promise<Response> {
  const { signal } = work;
  const context = { ...analysisContextOf(c), signal };
  const texts = await textsFor(deps, request, file, context);
  // Voice, model and language are checked before the recording is worked on.
  const speech = aloud ? await addressText(deps, request, 'x', signal) : undefined;
  const bytes = new Uint8Array(await file.arrayBuffer());
  const samples = await readRecording(bytes, 'file');
  const seconds = samples.length / RATE;
  const score = speech && (await checkSpeaker(deps, bytes, speech, context));
  if (deps.placement === undefined) reportHere(c, deps);
  else reportPlaced(c, 'origin', 'model');
  const quota = quotaOf(c, deps);
  await quota.reserve(priceOf(seconds));
  c.get('account').audioMs = seconds * 1000;
  c.header('X-Sori-Audio-Ms', String(Math.round(seconds * 1000)));
  c.header('Cache-Control', 'no-store');
  if (speech) c.header('X-Sori-Model', `${speech.model.id}@${speech.model.version}`);
  if (score !== undefined) c.header('X-Sori-Speaker-Similarity', score.toFixed(3));
  try {
    if (speech === undefined) {
      return await eventStream(c, (onFailure) => textEvents(texts(samples, signal), onFailure), work, end);
    }
    const segments = spokenSegments(deps, {
      request,
      texts,
      samples,
      usualRange: usualRangeOf(speech),
      requester: quota,
      signal,
    });
    if (stream) {
      const events = (onFailure: (error: unknown) => void) =>
        segmentEvents(deps, segments, speech, format, onFailure);
      return await eventStream(c, events, work, end);
    }
    const audio = await fileOf(deps, segments, speech, format);
    end();
    return c.body(audio, 200, { 'Content-Type': FORMAT_INFO[format].contentType });
  } catch (error) {
    if (!signal.aborted) quota.refund(priceOf(seconds));
    throw error;
  }
}

async function fileOf(
  { createEncoder }: SpeechTranslationDependencies,
  segments: AsyncIterable<SpokenSegment>,
  speech: AddressedSpeech,
  format: TranslationForm['format'],
): Promise<Uint8Array<ArrayBuffer>> {
  const made: SpokenSegment[] = [];
  for await (const segment of segments) made.push(segment);
  const samples = await wholeOf(made, speech);
  const master = { samples, long: true, telephonyLoudness: TELEPHONY_LUFS, ...tagsFor(speech) };
  return Uint8Array.from(await transcode(createEncoder, master, format));
}

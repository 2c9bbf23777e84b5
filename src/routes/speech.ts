import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AudioFormatId } from '../audio/format.ts';
import type { ModelInfo, SpeechRequest } from '../engine/engine.ts';
import { SoriError } from '../errors.ts';
import { CAPTION_FORMATS, type CaptionFormat } from './captions.ts';
import type { AppDependencies, AppEnv } from './context.ts';
import { MAX_BODY_BYTES, MAX_BODY_WITH_REFERENCE_BYTES, readJsonBody } from './json-body.ts';
import { resolveModelName } from './openai-names.ts';
import { bytesOfDataUrl, requireReferences, styleOf } from './references.ts';
import type { Slots } from './slots.ts';
import { answerCaptions, answerSpeech } from './speech-answer.ts';
import { checkOutput, checkSpeech, unitsOf } from './speech-conflicts.ts';
import { captionRouteDocs, speechRouteDocs } from './speech-docs.ts';
import { parseSpeech } from './speech-faults.ts';
import { speechRequest } from './speech-request.ts';
import type { SpeechBody } from './speech-schema.ts';

/** Formats whose answers state their length, or have a header that does: it must be known before the first byte. */
const OF_KNOWN_LENGTH: readonly string[] = ['wav', 'pcm', 'mulaw', 'alaw'] satisfies AudioFormatId[];

/** Adds `POST /v1/audio/speech`, `POST /v1/audio/speech.vtt` and `POST /v1/audio/speech.srt`. */
export function speechRoute(app: OpenAPIHono<AppEnv>, deps: AppDependencies, slots: Slots): void {
  // Registered by hand: the library's own validator would read a body of any length.
  app.openAPIRegistry.registerPath(speechRouteDocs);
  app.post(speechRouteDocs.path, async (c) => {
    const body = await readSpeech(c, deps);
    checkOutput(body);
    return await underWay(c, slots, async (work, end) => {
      const { model, request } = await understand(deps, body, needsLength(body), work.signal);
      const speech = await deps.engine.speak(request, work.signal);
      return await answerSpeech(c, deps, { body, model, speech, work, end });
    });
  });
  for (const format of Object.keys(CAPTION_FORMATS) as CaptionFormat[]) {
    app.openAPIRegistry.registerPath(captionRouteDocs[format]);
    app.post(captionRouteDocs[format].path, async (c) => {
      const body = await readSpeech(c, deps);
      const units = unitsOf(body);
      if (units.length > 1) {
        const message = 'Captions are made of one unit: give timestamps one value here.';
        throw new SoriError('conflicting_parameters', message, { param: 'timestamps' });
      }
      return await underWay(c, slots, async (work, end) => {
        const { model, request } = await understand(deps, body, true, work.signal);
        const speech = await deps.engine.align(request, work.signal);
        end();
        return answerCaptions(c, { body, model, speech, format, unit: units[0] ?? 'sentence' });
      });
    });
  }
}

/** Reads and checks what can be checked without the model. */
async function readSpeech(c: Context<AppEnv>, { referenceStyles }: AppDependencies): Promise<SpeechBody> {
  const limit = referenceStyles ? MAX_BODY_WITH_REFERENCE_BYTES : MAX_BODY_BYTES;
  const body = parseSpeech(await readJsonBody(c.req.raw, limit));
  checkSpeech(body);
  if (body.style?.startsWith('data:')) requireReferences(referenceStyles);
  return body;
}

/**
 * Does work in a slot, until `end` is called or it fails. The client's leaving aborts it.
 * @throws {SoriError} `overloaded`, and what `run` throws.
 */
async function underWay(
  c: Context<AppEnv>,
  slots: Slots,
  run: (work: AbortController, end: () => void) => Promise<Response>,
): Promise<Response> {
  const client = c.req.raw.signal;
  const work = new AbortController();
  const abort = () => work.abort(client.reason);
  const release = slots.take();
  const end = () => {
    client.removeEventListener('abort', abort);
    release();
  };
  try {
    if (client.aborted) abort();
    else client.addEventListener('abort', abort);
    return await run(work, end);
  } catch (error) {
    end();
    throw error;
  }
}

/** Finds the model and puts the body into its terms. */
async function understand(
  { engine }: AppDependencies,
  body: SpeechBody,
  exactLength: boolean,
  signal: AbortSignal,
): Promise<{ model: ModelInfo; request: SpeechRequest }> {
  const model = await engine.model(resolveModelName(engine.names, body.model), signal);
  const request = await speechRequest(model, body, {
    exactLength,
    encodeReference: async (url) => {
      const reference = { wav: bytesOfDataUrl(url), param: 'style' };
      return (await styleOf(engine, model.id, reference, signal)).style;
    },
  });
  return { model, request };
}

function needsLength({ response_format, audio_format, stream_format }: SpeechBody): boolean {
  // Without a Content-Length only a WAV header states a length.
  if (response_format === 'json') return audio_format === 'wav';
  return stream_format === 'sse' ? response_format === 'wav' : OF_KNOWN_LENGTH.includes(response_format);
}

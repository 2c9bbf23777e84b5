import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { FORMAT_INFO } from '../audio/format.ts';
import type { ModelInfo, Speech, SpeechRequest, Timings } from '../engine/engine.ts';
import { SoriError } from '../errors.ts';
import type { AppDependencies, AppEnv } from './context.ts';
import { errorResponses, logFailure, toSoriError } from './errors.ts';
import { readJsonBody } from './json-body.ts';
import { keepAlive } from './keep-alive.ts';
import { findVoice, resolveModelName } from './openai-names.ts';
import { Slots } from './slots.ts';
import { parseSpeech, type SpeechBody, speechSchema } from './speech-schema.ts';
import { encodeSpeech, pullStream, speechEvents, type Usage, withLength } from './speech-stream.ts';

const DEFAULT_MAX_SPEECH_REQUESTS = 64;
const DEFAULT_STALL_MS = 60_000;
/** Samples in a frame of the model: 12.5 ms at 24 kHz. */
const SAMPLES_PER_FRAME = 300;

const AUDIO_CONTENT = Object.fromEntries(
  Object.values(FORMAT_INFO).map(({ contentType }) => [
    contentType.split(';')[0],
    { schema: z.string().openapi({ format: 'binary' }) },
  ]),
);

const route = createRoute({
  method: 'post',
  path: '/v1/audio/speech',
  tags: ['speech'],
  operationId: 'createSpeech',
  summary: 'Speak a text',
  description: 'OpenAI’s text-to-speech call. The audio is streamed as it is made.',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: speechSchema,
          examples: {
            phrase: { value: { model: 'sori-1', voice: 'kathleen', input: 'Your table is ready.' } },
            openai: { value: { model: 'tts-1', voice: 'alloy', input: 'Hello.', response_format: 'opus' } },
            events: { value: { model: 'sori-1', voice: 'linda', input: 'Hello.', stream_format: 'sse' } },
          },
        },
      },
    },
  },
  responses: {
    200: {
      description: 'The audio, or with `stream_format: "sse"` the events that carry it.',
      headers: {
        'Content-Length': {
          description: 'Exact, for wav, pcm, mulaw and alaw.',
          schema: { type: 'integer' },
        },
        'X-Sori-Model': {
          description: 'Model and version that spoke: `sori-1@1.0.0`.',
          schema: { type: 'string' },
        },
        'Server-Timing': {
          description: 'Milliseconds by stage up to the first byte.',
          schema: { type: 'string' },
        },
        'x-request-id': { description: 'Names this request in the log.', schema: { type: 'string' } },
      },
      content: {
        ...AUDIO_CONTENT,
        'text/event-stream': {
          schema: z.string().openapi({
            description:
              '`speech.audio.delta` events with base64 `audio`, then one `speech.audio.done` with `usage`; or an event named `error` with an Error.',
            example:
              'data: {"type":"speech.audio.delta","audio":"UklGRg=="}\n\ndata: {"type":"speech.audio.done","usage":{"input_tokens":20,"output_tokens":110,"total_tokens":130}}\n\n',
          }),
        },
      },
    },
    ...errorResponses(400, 404, 413, 415, 500, 503),
  },
});

/** Adds `POST /v1/audio/speech`. */
export function speechRoute(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  const slots = new Slots(deps.maxSpeechRequests ?? DEFAULT_MAX_SPEECH_REQUESTS);
  // Registered by hand: the library's own validator would read a body of any length.
  app.openAPIRegistry.registerPath(route);
  app.post(route.path, async (c) => {
    const body = parseSpeech(await readJsonBody(c.req.raw));
    const { engine } = deps;
    const client = c.req.raw.signal;
    const model = await engine.model(resolveModelName(engine.names, body.model), client);
    const request = requestFor(model, body);

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
      const speech = await engine.speak(request, work.signal);
      return await answer(c, deps, { body, model, speech, work, end });
    } catch (error) {
      end();
      throw error;
    }
  });
}

interface Answer {
  readonly body: SpeechBody;
  readonly model: ModelInfo;
  readonly speech: Speech;
  readonly work: AbortController;
  readonly end: () => void;
}

async function answer(
  c: Context<AppEnv>,
  deps: AppDependencies,
  { body, model, speech, work, end }: Answer,
): Promise<Response> {
  const format = body.response_format;
  const encoder = await deps.createEncoder(format, { totalSamples: speech.totalSamples });
  const audio = encodeSpeech(speech, encoder);
  const onFailure = (error: unknown) => logFailure(c.get('requestId'), toSoriError(error));
  const sse = body.stream_format === 'sse';
  const source = sse ? speechEvents(audio, usageOf(body, speech), onFailure) : audio;
  // With the first piece in hand, whatever keeps a stage from running is still an error with a status.
  const first = await source.next();

  let onRest = () => {};
  keepAlive(c, new Promise<void>((resolve) => (onRest = resolve)));
  const stallMs = deps.stallMs ?? DEFAULT_STALL_MS;
  const stream = pullStream(source, { first, work, stallMs, onFailure, onEnd: end, onRest });

  c.header('X-Sori-Model', `${model.id}@${model.version}`);
  c.header('Server-Timing', serverTiming(speech.timings));
  c.header('Cache-Control', 'no-store');
  if (sse) {
    c.header('Content-Type', 'text/event-stream; charset=utf-8');
    return c.body(stream);
  }
  c.header('Content-Type', encoder.contentType);
  c.header('Content-Disposition', `inline; filename="speech.${FORMAT_INFO[format].extension}"`);
  if (encoder.contentLength === undefined) return c.body(stream);
  c.header('Content-Length', String(encoder.contentLength));
  return c.body(withLength(stream, encoder.contentLength));
}

/**
 * Fills in what a request leaves to the model.
 * @throws {SoriError} `unknown_voice`, `unsupported_language`.
 */
function requestFor(model: ModelInfo, body: SpeechBody): SpeechRequest {
  const voice = findVoice(model, typeof body.voice === 'string' ? body.voice : body.voice.id);
  if (voice === undefined) {
    const known = model.voices.map(({ id }) => id).join(', ');
    throw new SoriError('unknown_voice', `${model.id} has no such voice; it has: ${known}.`, {
      param: 'voice',
    });
  }
  const language = primarySubtag(body.language ?? voice.language);
  if (!model.languages.some((tag) => primarySubtag(tag) === language)) {
    const known = model.languages.join(', ');
    throw new SoriError(
      'unsupported_language',
      `${model.id} does not speak this language; it speaks: ${known}.`,
      {
        param: 'language',
      },
    );
  }
  return {
    model: model.id,
    voice: voice.id,
    input: body.input,
    language,
    speed: body.speed,
    seed: body.seed,
    refineSteps: body.refine_steps,
    pronunciations: body.pronunciations,
  };
}

const primarySubtag = (tag: string): string => tag.split('-')[0].toLowerCase();

function usageOf(body: SpeechBody, speech: Speech): Usage {
  const input = Array.from(body.input).length;
  const output = Math.ceil(speech.totalSamples / SAMPLES_PER_FRAME);
  return { input_tokens: input, output_tokens: output, total_tokens: input + output };
}

function serverTiming(timings: Timings): string {
  return Object.entries(timings)
    .map(([stage, ms]) => `${stage};dur=${ms.toFixed(1)}`)
    .join(', ');
}

import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { FORMAT_INFO } from '../../audio/format.ts';
import { transcode } from '../../audio/transcode.ts';
import { base64 } from '../../base/base64.ts';
import { SoriError } from '../../base/errors.ts';
import { readJsonBody } from '../../http/bodies/json-body.ts';
import type { AppEnv } from '../../http/context.ts';
import { errorBody, toSoriError } from '../../http/errors.ts';
import { type EventSource, eventStream } from '../../http/event-stream.ts';
import { handOver } from '../../placement/forward.ts';
import { reportHere } from '../../placement/placed-header.ts';
import { quotaOf } from '../keys/index.ts';
import { underWay } from '../speech/index.ts';
import type { TranscriptionDependencies } from '../transcription/index.ts';
import { generationDocs } from './docs.ts';
import { type GeneratedSound, generateHere, generatorOf, priceOf, requirePool } from './generate.ts';
import { type GenerationBody, parseGeneration } from './schema.ts';

const MAX_BODY_BYTES = 16 * 1024;
const ANSWER_MS = 1_800_000;
const utf8 = new TextEncoder();

/** Makes a job of a body, and answers with it. */
export type RespondWithJob = (
  c: Context<AppEnv>,
  job: { kind: string; request: object },
) => Promise<Response>;

/** Adds `POST /v1/audio/generations`. */
export function generationRoute(
  app: OpenAPIHono<AppEnv>,
  deps: TranscriptionDependencies,
  respondWithJob: RespondWithJob | undefined,
): void {
  // Registered by hand: the library's own validator would read a body of any length.
  app.openAPIRegistry.registerPath(generationDocs);
  app.post(generationDocs.path, async (c) => {
    const body = parseGeneration(await readJsonBody(c.req.raw, MAX_BODY_BYTES));
    const { stream_format, ...request } = body;
    if (stream_format === undefined) {
      if (respondWithJob) return await respondWithJob(c, { kind: 'generation', request });
      const message = 'This server runs no jobs: set stream_format to audio or sse.';
      throw new SoriError('not_configured', message, { param: 'stream_format' });
    }
    return await underWay(c, async (work, hold, end) => {
      if (deps.placement !== undefined) return await atOrigin(c, deps, body, work.signal, end);
      const { id, version, licence } = await generatorOf(deps, body);
      hold(deps.slots?.take() ?? (() => {}));
      reportHere(c, deps);
      const quota = quotaOf(c, deps);
      await quota.reserve(priceOf(body));
      c.header('Cache-Control', 'no-store');
      c.header('X-Sori-Model', `${id}@${version}`);
      c.header('X-Sori-Licence', licence);
      try {
        if (stream_format === 'sse') {
          const events: EventSource = (onFailure) => generationEvents(deps, body, work.signal, onFailure);
          return await eventStream(c, events, work, end);
        }
        const made = await generateHere(deps, body, work.signal);
        const bytes = await encoded(deps, made, body);
        end();
        return c.body(bytes, 200, { 'Content-Type': FORMAT_INFO[body.response_format].contentType });
      } catch (error) {
        if (!work.signal.aborted) quota.refund(priceOf(body));
        throw error;
      }
    });
  });
}

async function encoded(
  { createEncoder }: TranscriptionDependencies,
  { samples }: GeneratedSound,
  { response_format }: GenerationBody,
): Promise<Uint8Array<ArrayBuffer>> {
  const master = { samples, long: false, telephonyLoudness: null };
  return Uint8Array.from(await transcode(createEncoder, master, response_format));
}

/** Has an origin answer. */
async function atOrigin(
  c: Context<AppEnv>,
  deps: TranscriptionDependencies,
  body: GenerationBody,
  signal: AbortSignal,
  end: () => void,
): Promise<Response> {
  const pool = requirePool(deps);
  const quota = quotaOf(c, deps);
  await quota.reserve(priceOf(body));
  try {
    return await handOver(c, {
      pool,
      body: Uint8Array.from(utf8.encode(JSON.stringify(body))),
      signal,
      reason: 'model',
      answerMs: ANSWER_MS,
      accepts: (type) => /^(?:audio\/|text\/event-stream|application\/json)/.test(type),
      onAnswer: (status) => {
        if (status >= 400) quota.refund(priceOf(body));
      },
      onEnd: end,
    });
  } catch (error) {
    if (!signal.aborted) quota.refund(priceOf(body));
    throw error;
  }
}

/** `generation.progress` events, then `generation.done` with the sound. A failure after the first becomes a last event, `error`. */
async function* generationEvents(
  deps: TranscriptionDependencies,
  body: GenerationBody,
  signal: AbortSignal,
  onFailure: (error: unknown) => void,
): AsyncGenerator<Uint8Array, void> {
  const event = (data: object, name = '') => utf8.encode(`${name}data: ${JSON.stringify(data)}\n\n`);
  const shares: number[] = [];
  let wake = () => {};
  let begun = false;
  const making = generateHere(deps, body, signal, (share) => {
    shares.push(share);
    wake();
  });
  const ended = making.then(
    () => true,
    () => true,
  );
  try {
    for (let done = false; !done || shares.length > 0; ) {
      const share = shares.splice(0).at(-1);
      if (share !== undefined) {
        begun = true;
        yield event({ type: 'generation.progress', progress: Math.round(share * 1000) / 1000 });
        continue;
      }
      done = await Promise.race([ended, new Promise<false>((resolve) => (wake = () => resolve(false)))]);
    }
    const made = await making;
    const audio = base64(await encoded(deps, made, body));
    const { model, licence } = made;
    yield event({
      type: 'generation.done',
      model,
      licence,
      duration_ms: Math.round(made.samples.length / 24),
      audio,
    });
  } catch (error) {
    if (!begun) throw error;
    onFailure(error);
    yield event(errorBody(toSoriError(error)), 'event: error\n');
  }
}

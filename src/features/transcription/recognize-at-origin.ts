import { z } from 'zod';
import { SoriError } from '../../base/errors.ts';
import type { TranscriptionSegment } from '../../models/tasks.ts';
import { faultOf } from '../../placement/origin-error.ts';
import type { OriginPool } from '../../placement/origin-pool.ts';

/** ms for which an origin's list of models is used, and that it has to send it. */
const FRESH_MS = 30_000;
const LIST_MS = 3_000;
/** ms that an origin has to transcribe a recording: it may have to load the model first. */
const ANSWER_MS = 120_000;

/** Codes for which the words are left unchecked, because the client can't help it. */
const UNCHECKED: ReadonlySet<string> = new Set(['origin_unavailable', 'origin_failed', 'model_unavailable']);

const modelList = z.object({ data: z.array(z.object({ task: z.string().optional() })) });

const transcript = z.object({
  segments: z.array(
    z.object({
      start: z.number(),
      end: z.number(),
      text: z.string(),
      tokens: z.array(z.number()),
      temperature: z.number(),
      avg_logprob: z.number(),
      compression_ratio: z.number(),
      no_speech_prob: z.number(),
    }),
  ),
});

/** Whether the origins of a pool have a recognizer, and when they were asked. */
const known = new WeakMap<OriginPool, { readonly at: number; readonly has: boolean }>();

/** The request on whose behalf a recording is transcribed. */
export interface RecognizeContext {
  /** Id of the API key. */
  readonly caller?: string;
  readonly signal: AbortSignal;
}

/**
 * Has an origin transcribe a recording, to check it. An edge has no recognizer itself.
 * @returns `undefined` where no origin has a recognizer, or none answers.
 * @throws {SoriError} `invalid_reference`, `overloaded`, `queue_full`; the signal's reason.
 */
export async function recognizeAtOrigin(
  pool: OriginPool,
  { bytes, param }: { readonly bytes: Uint8Array; readonly param: string },
  context: RecognizeContext,
): Promise<readonly TranscriptionSegment[] | undefined> {
  // A request that an origin cannot serve counts as a fault of it, so its models are looked up first.
  if (!(await hasRecognizer(pool, context))) return undefined;
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(bytes)]), 'recording');
  form.append('model', 'whisper-1');
  form.append('response_format', 'verbose_json');
  const request = new Request('http://origin/v1/audio/transcriptions', {
    method: 'POST',
    headers: { 'x-request-id': crypto.randomUUID() },
    body: form,
  });
  try {
    const response = await ask(pool, request, context, ANSWER_MS);
    return transcript.parse(await response.json()).segments.map(segmentOf);
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof SoriError) || UNCHECKED.has(error.code)) return undefined;
    throw new SoriError(error.code, error.message, { param, cause: error });
  }
}

async function hasRecognizer(pool: OriginPool, context: RecognizeContext): Promise<boolean> {
  const last = known.get(pool);
  if (last && Date.now() - last.at < FRESH_MS) return last.has;
  const has = await ask(pool, new Request('http://origin/v1/models'), context, LIST_MS)
    .then(async (response) => modelList.parse(await response.json()))
    .then(({ data }) => data.some(({ task }) => task === 'transcription'))
    .catch(() => undefined);
  context.signal.throwIfAborted();
  // Without an answer the next request asks again.
  if (has !== undefined) known.set(pool, { at: Date.now(), has });
  return has ?? false;
}

/** @throws {SoriError} what the origin answers; `origin_unavailable`, `origin_failed`. */
async function ask(
  pool: OriginPool,
  request: Request,
  { caller, signal }: RecognizeContext,
  answerMs: number,
): Promise<Response> {
  const response = await pool.forward(request, {
    signal,
    caller,
    answerMs,
    accepts: (type) => type.startsWith('application/json'),
    repeatable: true,
    keepAlive: () => {},
  });
  if (!response.ok) throw await faultOf(response);
  return response;
}

type Written = z.infer<typeof transcript>['segments'][number];

function segmentOf(written: Written): TranscriptionSegment {
  const { start, end, text, tokens, temperature } = written;
  return {
    start,
    end,
    text,
    tokens,
    temperature,
    averageLogProbability: written.avg_logprob,
    compressionRatio: written.compression_ratio,
    noSpeechProbability: written.no_speech_prob,
  };
}

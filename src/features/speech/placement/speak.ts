import type { Context } from 'hono';
import { AUDIO_FORMATS, type AudioFormatId, FORMAT_INFO } from '../../../audio/format.ts';
import { concatBytes } from '../../../base/bytes.ts';
import type { AppEnv } from '../../../http/context.ts';
import { logFailure, toSoriError } from '../../../http/errors.ts';
import { keepAlive } from '../../../http/keep-alive.ts';
import { AUDIO_KEY } from '../../../library/cache-key.ts';
import { answerMsOf, handOver } from '../../../placement/forward.ts';
import type { OriginPool } from '../../../placement/origin-pool.ts';
import type { Placement } from '../../../placement/policy.ts';
import { quotaOf } from '../../keys/index.ts';
import type { SpeechDependencies } from '../dependencies.ts';
import { fieldWarnings, IGNORED_HEADER, ignoredHeader } from '../ignored.ts';
import { charactersOf } from '../make-speech.ts';
import type { SpeechBody } from '../schema.ts';
import { keepFromOrigin } from './keep.ts';
import { originKeys } from './kept.ts';
import { createAnswerMeter } from './meter.ts';
import type { SpeechToPlace } from './speech-to-place.ts';

/** Bytes of an answer that are held for storing; longer audio is transferred again as a master. */
const MOST_COPIED_BYTES = 4 * 1024 * 1024;

/**
 * Synthesizes at an origin on the caller's quota, streams the answer and stores the audio.
 * @throws {SoriError} `origin_unavailable`, `origin_failed`, `insufficient_quota`.
 */
export async function speakAtOrigin(
  c: Context<AppEnv>,
  deps: SpeechDependencies,
  pool: OriginPool,
  given: SpeechToPlace,
  { reason, work }: Placement,
): Promise<Response> {
  const { body, speech, format, signal, end } = given;
  const quota = quotaOf(c, deps);
  const characters = charactersOf(body);
  const account = c.get('account');
  account.text = body.input;
  await quota.reserve(characters);
  let paid = true;
  const refund = () => {
    if (paid) quota.refund(characters);
    paid = false;
  };
  // Send the resolved name, because the origin's default may differ.
  const sent = { ...body, model: speech?.model.id ?? body.model };
  const meter = createAnswerMeter(body, format);
  const copy = copying(isBareAudio(body) && body.sample_rate === undefined);
  let made: { key: string; origin: string } | undefined;
  try {
    const answer = await handOver(c, {
      pool,
      body: Uint8Array.from(new TextEncoder().encode(JSON.stringify(sent))),
      signal,
      reason,
      answerMs: given.answerMs ?? answerMsOf(work),
      accepts: (type) => type.startsWith(typeOf(body, format)),
      onAnswer: (status, headers, origin) => {
        const cache = headers.get('x-cache');
        if (cache === 'hit' || cache === 'miss' || cache === 'coalesced' || cache === 'bypass')
          account.cache = cache;
        // Stored speech and refused requests cost nothing.
        if (status >= 400 || cache === 'hit' || cache === 'coalesced') refund();
        const key = keyIn(headers);
        if (status === 200 && key !== undefined) made = { key, origin };
      },
      onPiece: (piece) => {
        meter.push(piece);
        copy.push(piece);
      },
      onEnd: (outcome) => {
        account.audioMs = meter.ms();
        if (outcome === 'broken' && !signal.aborted) refund();
        if (outcome === 'whole' && made !== undefined) keep(c, deps, pool, given, { ...made, copy });
        end();
      },
    });
    reportIgnored(answer.headers, body);
    return answer;
  } catch (error) {
    if (!signal.aborted) refund();
    throw error;
  }
}

/** Adds what this server has noted to the list of the origin, which gets known fields alone. */
function reportIgnored(headers: Headers, body: SpeechBody): void {
  const there = headers.get(IGNORED_HEADER);
  const here = fieldWarnings(body)
    .map((warning) => ignoredHeader([warning]) ?? '')
    .filter((item) => !there?.includes(item));
  const all = [...(there === null ? [] : [there]), ...here].join(', ');
  if (all !== '') headers.set(IGNORED_HEADER, all);
}

/** Stores the streamed audio under the origin's key, in the background. */
function keep(
  c: Context<AppEnv>,
  { library }: SpeechDependencies,
  pool: OriginPool,
  { speech, format, bypass }: SpeechToPlace,
  { key, origin, copy }: { key: string; origin: string; copy: Copy },
): void {
  if (library === undefined || speech === undefined || speech.privacy !== undefined || bypass) return;
  const caller = c.get('caller').id;
  const whole = copy.take();
  const work = async () => {
    // Accept only an expected key: audio under another one would never be found.
    if (!(await originKeys(pool, speech, true)).includes(key)) return;
    await keepFromOrigin({
      library,
      pool,
      origin,
      key,
      caller,
      // The client has disconnected or has its answer.
      signal: new AbortController().signal,
      ready: whole && new Map([[format, whole]]),
      keepAlive: (promise) => keepAlive(c, promise),
    });
  };
  const kept = work().catch((error) => logFailure(c.get('requestId'), toSoriError(error)));
  keepAlive(c, kept);
}

/** The key in an answer's `Content-Location`. */
export function keyIn(headers: Headers): string | undefined {
  const [, key, format] = /^\/audio\/([^./]+)\.([\w-]+)$/.exec(headers.get('content-location') ?? '') ?? [];
  const known = AUDIO_FORMATS.some((id) => id === format);
  return known && AUDIO_KEY.test(key) ? key : undefined;
}

interface Copy {
  push(piece: Uint8Array): void;
  /** @returns `undefined` for audio that was too long. */
  take(): Uint8Array | undefined;
}

function copying(wanted: boolean): Copy {
  let pieces: Uint8Array[] | undefined = wanted ? [] : undefined;
  let length = 0;
  return {
    push(piece) {
      length += piece.length;
      if (length > MOST_COPIED_BYTES) pieces = undefined;
      // Copy the piece, because the reader of the stream may transfer its buffer.
      pieces?.push(piece.slice());
    },
    take() {
      const whole = pieces && concatBytes(pieces);
      pieces = undefined;
      return whole;
    },
  };
}

function isBareAudio({ response_format, stream_format }: SpeechBody): boolean {
  return response_format !== 'json' && stream_format !== 'sse';
}

function typeOf(body: SpeechBody, format: AudioFormatId): string {
  if (body.response_format === 'json') return 'application/json';
  if (!isBareAudio(body)) return 'text/event-stream';
  // At another rate, `wav` is made of the `pcm` that is stored.
  const sent = body.sample_rate === undefined ? format : body.response_format;
  return FORMAT_INFO[sent].contentType.split(';')[0];
}

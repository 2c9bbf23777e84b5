import type { Context } from 'hono';
import { SoriError } from '../../base/errors.ts';
import { readLimited } from '../../http/bodies/body.ts';
import type { Receiving } from '../../http/bodies/upload-room.ts';
import type { AppEnv } from '../../http/context.ts';
import { handOver } from '../../placement/forward.ts';
import { quotaOf } from '../keys/index.ts';
import type { TranscriptionDependencies } from './dependencies.ts';
import { charactersFor } from './price.ts';

/** Bytes of a form that an edge takes: it holds them in memory together with its model. */
const MAX_EDGE_BYTES = 16 * 1024 * 1024;
/** Bytes per second of usual MP3 or telephony audio, for the reservation before the length is known. */
const USUAL_BYTES = 16_000;
/** Milliseconds that an origin has for its first byte: it may have to load the model, and a whole recording is written down before. */
const ANSWER_MS = 280_000;
const FORM_TYPE = /^multipart\/form-data\s*;/i;

/**
 * Forwards a recording to an origin, for a model that only origins have. It is charged when the origin reports the length of the recording.
 * @throws {SoriError} `model_unavailable` without an origin; `unsupported_media_type`, `body_too_large`, `insufficient_quota`,
 *   `origin_unavailable`, `origin_failed`.
 */
export async function recordingAtOrigin(
  c: Context<AppEnv>,
  deps: TranscriptionDependencies,
): Promise<Response> {
  const pool = deps.placement?.pool;
  if (pool === undefined) {
    const message =
      'Models of other makers run on an origin, and this server has none: its operator can configure one (ORIGINS).';
    throw new SoriError('model_unavailable', message, { param: 'model' });
  }
  if (!FORM_TYPE.test(c.req.header('content-type') ?? '')) {
    throw new SoriError('unsupported_media_type', 'Send the fields as a multipart/form-data form.');
  }
  const read = (receiving?: Receiving) => readLimited(c.req.raw, MAX_EDGE_BYTES, receiving);
  const body = await (deps.uploads ? deps.uploads.during(c.req.raw, read) : read());
  const quota = quotaOf(c, deps);
  const reserved = charactersFor(body.length / USUAL_BYTES);
  await quota.reserve(reserved);
  let settled = false;
  const settle = (characters: number) => {
    if (settled) return;
    settled = true;
    if (characters < reserved) quota.refund(reserved - characters);
    // The work is done. If the key is now over its quota, its next request is refused.
    else if (characters > reserved) void quota.reserve(characters - reserved).catch(() => {});
  };
  const { signal } = c.req.raw;
  try {
    return await handOver(c, {
      pool,
      body,
      signal,
      reason: 'model',
      answerMs: ANSWER_MS,
      accepts: (type) => /^(?:application\/(?:json|x-subrip)|text\/(?:plain|vtt|event-stream))/.test(type),
      onAnswer: (status, headers) => {
        const ms = Number(headers.get('x-sori-audio-ms'));
        settle(status < 400 ? charactersFor(ms / 1000) : 0);
        if (status < 400) c.get('account').audioMs = ms;
      },
    });
  } catch (error) {
    if (!signal.aborted) settle(0);
    throw error;
  }
}

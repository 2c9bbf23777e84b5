import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { type ErrorCode, SoriError } from '../base/errors.ts';
import type { RequestAccount } from './access.ts';
import type { AppEnv } from './context.ts';
import { clientIsGone } from './deadline.ts';

/** OpenAI's error types: the request is wrong, comes too often, exceeds the quota, or the server is at fault. */
const ERROR_TYPES = ['invalid_request_error', 'requests', 'insufficient_quota', 'server_error'] as const;
type ErrorType = (typeof ERROR_TYPES)[number];
type ErrorStatus =
  | 400
  | 401
  | 403
  | 404
  | 405
  | 408
  | 409
  | 410
  | 412
  | 413
  | 415
  | 416
  | 422
  | 429
  | 500
  | 501
  | 502
  | 503;

interface ErrorKind {
  readonly status: ErrorStatus;
  readonly type: ErrorType;
  /** Seconds after which a retry makes sense. */
  readonly retryAfter?: number;
}

const refused = (status: ErrorStatus): ErrorKind => ({ status, type: 'invalid_request_error' });

/** HTTP status and OpenAI error type of every {@link ErrorCode}. */
export const ERROR_KINDS: Readonly<Record<ErrorCode, ErrorKind>> = {
  invalid_json: refused(400),
  invalid_body: refused(400),
  unsupported_media_type: refused(415),
  body_too_large: refused(413),
  missing_required_parameter: refused(400),
  invalid_value: refused(400),
  invalid_type: refused(400),
  string_above_max_length: refused(400),
  nothing_to_speak: refused(400),
  unreadable_text: refused(422),
  unknown_model: refused(404),
  unknown_voice: refused(400),
  unknown_emotion: refused(400),
  conflicting_parameters: refused(400),
  unsupported_format: refused(400),
  unsupported_parameter: refused(422),
  unsupported_language: refused(400),
  invalid_pronunciation: refused(400),
  invalid_ssml: refused(400),
  invalid_score: refused(400),
  invalid_lyrics: refused(400),
  out_of_range: refused(400),
  upload_too_slow: refused(408),
  invalid_reference: refused(400),
  unusable_reference: refused(400),
  unintelligible_reference: refused(422),
  invalid_style: refused(400),
  style_of_another_model: refused(400),
  reference_styles_disabled: refused(403),
  invalid_api_key: refused(401),
  foreign_origin: refused(403),
  insufficient_scope: refused(403),
  invalid_signature: refused(403),
  expired_signature: refused(403),
  rate_limit_exceeded: { status: 429, type: 'requests', retryAfter: 60 },
  insufficient_quota: { status: 429, type: 'insufficient_quota' },
  not_found: refused(404),
  unknown_audio: refused(404),
  unknown_job: refused(404),
  job_conflict: refused(409),
  idempotency_mismatch: refused(422),
  too_many_jobs: { status: 429, type: 'requests', retryAfter: 30 },
  unknown_prompt: refused(404),
  voice_not_found: refused(404),
  consent_required: refused(400),
  invalid_consent: refused(403),
  deleted_prompt: refused(410),
  unknown_api_key: refused(404),
  invalid_template: refused(400),
  invalid_slot_value: refused(400),
  invalid_webhook: refused(400),
  precondition_failed: refused(412),
  range_not_satisfiable: refused(416),
  not_configured: { status: 501, type: 'server_error' },
  storage_unavailable: { status: 503, type: 'server_error', retryAfter: 5 },
  method_not_allowed: refused(405),
  model_unavailable: { status: 503, type: 'server_error', retryAfter: 5 },
  origin_required: { status: 501, type: 'server_error' },
  origin_unavailable: { status: 503, type: 'server_error', retryAfter: 5 },
  origin_failed: { status: 502, type: 'server_error', retryAfter: 1 },
  overloaded: { status: 503, type: 'server_error', retryAfter: 1 },
  queue_full: { status: 429, type: 'requests', retryAfter: 5 },
  deadline_exceeded: { status: 503, type: 'server_error', retryAfter: 5 },
  more_to_bake: { status: 503, type: 'server_error', retryAfter: 1 },
  internal_error: { status: 500, type: 'server_error' },
};

const CODES = Object.keys(ERROR_KINDS) as [ErrorCode, ...ErrorCode[]];

/** The body of every error, in OpenAI's shape. */
export const errorSchema = z
  .object({
    error: z.object({
      message: z.string().openapi({ description: 'What is wrong, and how to correct it.' }),
      type: z.enum(ERROR_TYPES),
      param: z.string().nullable().openapi({ description: 'The request field at fault.' }),
      code: z.enum(CODES).openapi({ description: 'Stable code for programs.' }),
    }),
  })
  .openapi('Error', {
    example: {
      error: {
        message: 'speed must be between 0.25 and 4.',
        type: 'invalid_request_error',
        param: 'speed',
        code: 'invalid_value',
      },
    },
  });

/** An error's body. */
export type ErrorBody = z.infer<typeof errorSchema>;

/** Returns a {@link SoriError} unchanged. Any other error becomes `internal_error`, whose message reveals no details. */
export function toSoriError(error: unknown): SoriError {
  if (error instanceof SoriError) return error;
  return new SoriError('internal_error', 'The server failed while it handled this request.', {
    cause: error,
  });
}

/** The body that describes `error`. */
export function errorBody(error: SoriError): ErrorBody {
  const { type } = ERROR_KINDS[error.code];
  return { error: { message: error.message, type, param: error.param, code: error.code } };
}

/**
 * Writes an unexpected failure to the log as a line of JSON with the request id.
 * @param text the spoken text, which is removed from the line.
 */
export function logFailure(requestId: string, error: SoriError, text?: string): void {
  const { cause, code, message } = error;
  const { status } = ERROR_KINDS[code];
  // A feature that is not configured is no failure, unless the error has a cause.
  if (
    status < 500 ||
    code === 'overloaded' ||
    code === 'more_to_bake' ||
    (status === 501 && cause === undefined)
  )
    return;
  const line = JSON.stringify({
    time: new Date().toISOString(),
    level: 'error',
    request_id: requestId,
    error: code,
    message,
    cause:
      cause instanceof Error
        ? (cause.stack ?? String(cause))
        : cause === undefined
          ? undefined
          : String(cause),
  });
  console.error(withoutSecrets(line, text));
}

/**
 * A function that logs failures of an answer that has begun. Nothing is logged when `work` was aborted because the client disconnected or
 * stopped reading, which is no failure.
 * @param text as for {@link logFailure}.
 */
export function lateFailureLog(
  c: Context<AppEnv>,
  work: AbortController,
  text?: string,
): (error: unknown) => void {
  return (error) => {
    if (!clientIsGone(work)) logFailure(c.get('requestId'), toSoriError(error), text);
  };
}

/** Removes API keys and the JSON form of `text` from a line. */
function withoutSecrets(line: string, text = ''): string {
  const clean = line.replaceAll(/sori_[0-9A-Za-z]{12}_[0-9A-Za-z]+/g, '[key]');
  return text === '' ? clean : clean.replaceAll(JSON.stringify(text).slice(1, -1), '[text]');
}

/** Answers any thrown value in OpenAI's shape; the app's `onError`. */
export function respondError(thrown: unknown, c: Context<AppEnv>): Response {
  // Hono throws these for requests that its own validators refuse.
  const error =
    thrown instanceof HTTPException && thrown.status < 500
      ? new SoriError('invalid_value', thrown.message || 'The request is malformed.')
      : toSoriError(thrown);
  const { status, retryAfter: usual } = ERROR_KINDS[error.code];
  const retryAfter = error.retryAfterSeconds ?? usual;
  // A request that failed before the first middleware has no account.
  const account: RequestAccount | undefined = c.get('account');
  // An error after the client has disconnected is no failure.
  if (!clientIsGone(c.req.raw)) {
    if (account !== undefined) account.error = error.code;
    logFailure(c.get('requestId'), error, account?.text);
  }
  c.header('Cache-Control', 'no-store');
  if (status === 401) c.header('WWW-Authenticate', 'Bearer realm="sori"');
  if (retryAfter !== undefined) {
    c.header('Retry-After', String(retryAfter));
    c.header('x-should-retry', 'true');
  }
  // OpenAI's client would otherwise retry twice.
  if (error.code === 'insufficient_quota') c.header('x-should-retry', 'false');
  return c.json(errorBody(error), status);
}

/** The `responses` of a route for its error statuses. */
export function errorResponses<const S extends ErrorStatus>(...statuses: S[]) {
  const content = { 'application/json': { schema: errorSchema } };
  const about: Record<ErrorStatus, string> = {
    400: 'The request is malformed or asks for something that does not exist; see `code` and `param`.',
    401: 'The API key is missing, wrong, revoked or expired.',
    403: 'The key’s scopes, the signature or this server’s configuration do not allow it; see `code`.',
    404: 'Not found.',
    405: 'The path does not support this method; see `Allow`.',
    408: 'The body came too slowly.',
    409: 'The current state does not allow it; see `message`.',
    410: 'It was deleted.',
    412: '`If-Match` or `If-None-Match` does not hold.',
    413: 'The body is too long; see `message`.',
    415: 'This path does not read bodies of this type.',
    416: 'The range lies outside the audio; see `Content-Range`.',
    422: 'The `Idempotency-Key` was used with another body before.',
    429: 'Too many requests (see `Retry-After`), or the monthly quota is used up.',
    500: 'The server failed; the log has details under the request id.',
    501: 'This server is not configured for it.',
    502: 'The origin’s answer was not usable; see `Retry-After`.',
    503: 'The model or the storage is unavailable, too many requests are waiting, or this one took too long; see `Retry-After`.',
  };
  return Object.fromEntries(
    statuses.map((status) => [status, { description: about[status], content }]),
  ) as Record<S, { description: string; content: typeof content }>;
}

import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { type ErrorCode, SoriError } from '../errors.ts';
import type { AppEnv } from './context.ts';

/** OpenAI's two kinds of error: the request must change, or the server must. */
type ErrorType = 'invalid_request_error' | 'server_error';
type ErrorStatus = 400 | 403 | 404 | 405 | 413 | 415 | 500 | 503;

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
  unsupported_media_type: refused(415),
  body_too_large: refused(413),
  missing_required_parameter: refused(400),
  invalid_value: refused(400),
  invalid_type: refused(400),
  string_above_max_length: refused(400),
  nothing_to_speak: refused(400),
  unknown_model: refused(404),
  unknown_voice: refused(400),
  unknown_emotion: refused(400),
  conflicting_parameters: refused(400),
  unsupported_format: refused(400),
  unsupported_language: refused(400),
  invalid_pronunciation: refused(400),
  invalid_ssml: refused(400),
  invalid_reference: refused(400),
  unusable_reference: refused(400),
  invalid_style: refused(400),
  style_of_another_model: refused(400),
  reference_styles_disabled: refused(403),
  not_found: refused(404),
  method_not_allowed: refused(405),
  model_unavailable: { status: 503, type: 'server_error', retryAfter: 5 },
  overloaded: { status: 503, type: 'server_error', retryAfter: 1 },
  internal_error: { status: 500, type: 'server_error' },
};

const CODES = Object.keys(ERROR_KINDS) as [ErrorCode, ...ErrorCode[]];

/** The body of every error, as OpenAI's clients read it. */
export const errorSchema = z
  .object({
    error: z.object({
      message: z.string().openapi({ description: 'What is wrong and what would be right.' }),
      type: z.enum(['invalid_request_error', 'server_error']),
      param: z.string().nullable().openapi({ description: 'The request field at fault.' }),
      code: z.enum(CODES).openapi({ description: 'Stable; programs decide by this.' }),
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

/** A {@link SoriError} passes; anything else becomes `internal_error`, whose message tells a stranger nothing. */
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

/** Writes an unexpected failure to the log, with the id by which a user can report it. */
export function logFailure(requestId: string, error: SoriError): void {
  if (ERROR_KINDS[error.code].status < 500 || error.code === 'overloaded') return;
  console.error(`request ${requestId}: ${error.code}: ${error.message}`, error.cause ?? '');
}

/** Answers any thrown value as OpenAI would; the app's `onError`. */
export function respondError(thrown: unknown, c: Context<AppEnv>): Response {
  // Hono itself throws these only for requests that its own validators refuse.
  const error =
    thrown instanceof HTTPException && thrown.status < 500
      ? new SoriError('invalid_value', thrown.message || 'The request is malformed.')
      : toSoriError(thrown);
  const { status, retryAfter } = ERROR_KINDS[error.code];
  if (!c.req.raw.signal.aborted) logFailure(c.get('requestId'), error);
  c.header('Cache-Control', 'no-store');
  if (retryAfter !== undefined) {
    c.header('Retry-After', String(retryAfter));
    c.header('x-should-retry', 'true');
  }
  return c.json(errorBody(error), status);
}

/** An `responses` entry of a route for the statuses that it may answer besides success. */
export function errorResponses<const S extends ErrorStatus>(...statuses: S[]) {
  const content = { 'application/json': { schema: errorSchema } };
  const about: Record<ErrorStatus, string> = {
    400: 'The request is malformed or asks for something that there is not; `code` and `param` say what.',
    403: 'This server makes no styles of recordings.',
    404: 'There is no such thing.',
    405: 'The path exists, the method does not; see `Allow`.',
    413: 'The body is too long; see `message`.',
    415: 'The body is not of a type that this path reads.',
    500: 'The server failed; the request id names it in the log.',
    503: 'The model can not be used now, or too many requests are waiting; see `Retry-After`.',
  };
  return Object.fromEntries(
    statuses.map((status) => [status, { description: about[status], content }]),
  ) as Record<S, { description: string; content: typeof content }>;
}

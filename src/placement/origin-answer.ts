import { concatBytes } from '../base/bytes.ts';
import { SoriError } from '../base/errors.ts';

/** Header of an answer in which an origin's guard refuses its edge. Such an answer is never passed on to a client. */
export const REFUSED_HEADER = 'x-sori-refused';
/** Content types of successful answers. */
const TYPES = /^(?:audio\/|application\/(?:json|x-subrip|ogg)|text\/(?:event-stream|vtt|plain))/i;
/** Largest error body that is read, in bytes. */
const MOST_ERROR_BYTES = 64 * 1024;
/** Status codes after which another origin is tried, without a fault of this one. */
const BUSY: ReadonlySet<string> = new Set(['overloaded', 'queue_full']);
/** Error codes that describe the request, not the server: another origin would fail alike. */
const OF_THE_REQUEST: ReadonlySet<string> = new Set(['deadline_exceeded']);

/** How an origin's answer is classified. */
export interface JudgedAnswer {
  /** `good`: passed on. `busy`: passed on only if no other origin has a better answer. */
  readonly kind: 'good' | 'busy';
  /** The whole body, if it was read. */
  readonly body?: Uint8Array;
}

/**
 * Distinguishes an answer of our own app from what a proxy, another server or a broken origin sends.
 * @param requestId the `x-request-id` that was sent, which our app returns.
 * @param accepts checks the content type of a successful answer; default: all types of the API.
 * @param bare whether the answer has no body because the request was HEAD.
 * @throws {SoriError} `origin_unavailable` when it cannot serve; `origin_failed` when its answer is malformed.
 */
export async function judgeAnswer(
  response: Response,
  requestId: string,
  accepts = (type: string): boolean => TYPES.test(type),
  bare = false,
): Promise<JudgedAnswer> {
  const { status, headers } = response;
  const refused = headers.get(REFUSED_HEADER);
  if (refused !== null) throw unavailable(`It refuses its edge: ${refused}.`);
  const type = headers.get('content-type') ?? '';
  const own = headers.get('x-request-id') === requestId;
  if (own && (status === 204 || status === 304)) return { kind: 'good' };
  if (own && response.ok && accepts(type)) return { kind: 'good' };
  if (status === 502 || status === 504) throw unavailable(`Something in front of it answered ${status}.`);
  if (!own || status < 400) throw garbage(`It answered ${status} of type '${type}'.`);
  // Answers to HEAD carry no error body.
  if (bare && status < 500) return { kind: 'good' };
  if (bare) throw unavailable(`It answered ${status}.`);
  const body = await readUpTo(response, MOST_ERROR_BYTES);
  const code = codeOf(body);
  if (code === undefined) throw garbage(`It answered ${status} without a code.`);
  if (BUSY.has(code)) return { kind: 'busy', body };
  // 501 describes the origin's configuration; any other 5xx describes its health.
  if (status >= 500 && status !== 501 && !OF_THE_REQUEST.has(code))
    throw unavailable(`It answered ${status}: ${code}.`);
  return { kind: 'good', body };
}

/** The error for an origin that does not serve; the reason goes to the log only. */
export function unavailable(reason: string, cause?: unknown): SoriError {
  const message = 'This request needs an origin, and none answers now; try again later.';
  return new SoriError('origin_unavailable', message, { cause: new Error(reason, { cause }) });
}

/** The error for a malformed answer; the reason goes to the log only. */
export function garbage(reason: string, cause?: unknown): SoriError {
  const message = 'This request needs an origin, and its answer was not usable; try again later.';
  return new SoriError('origin_failed', message, { cause: new Error(reason, { cause }) });
}

function codeOf(body: Uint8Array): string | undefined {
  try {
    const { error } = JSON.parse(new TextDecoder().decode(body)) as { error?: { code?: unknown } };
    return typeof error?.code === 'string' ? error.code : undefined;
  } catch {
    return undefined;
  }
}

async function readUpTo(response: Response, limit: number): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const part = await reader?.read();
    if (part === undefined || part.done) break;
    length += part.value.length;
    if (length > limit) {
      await reader?.cancel().catch(() => {});
      throw garbage(`Its error is over ${limit} bytes.`);
    }
    parts.push(part.value);
  }
  return concatBytes(parts);
}

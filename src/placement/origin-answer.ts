import { SoriError } from '../base/errors.ts';

/** Header by which an origin's guard says that it has refused its edge, and why: that is no answer to a client. */
export const REFUSED_HEADER = 'x-sori-refused';
/** Types that a success may have. */
const TYPES = /^(?:audio\/|application\/(?:json|x-subrip|ogg)|text\/(?:event-stream|vtt|plain))/i;
/** Bytes of an error that are read. */
const MOST_ERROR_BYTES = 64 * 1024;
/** What another origin may do better, and what is no fault of this one. */
const BUSY: ReadonlySet<string> = new Set(['overloaded']);
/** What says of a request, and not of the server, that it failed: another origin would take as long. */
const OF_THE_REQUEST: ReadonlySet<string> = new Set(['deadline_exceeded']);

/** What an origin's answer is worth. */
export interface JudgedAnswer {
  /** `good`: to be passed on. `busy`: to be passed on if no other origin has a better one. */
  readonly kind: 'good' | 'busy';
  /** The whole body, where it had to be read. */
  readonly body?: Uint8Array;
}

/**
 * Tells an answer of our own app from what a proxy, another server or a broken origin sends.
 * @param requestId what was sent as `x-request-id`, which our app gives back.
 * @param accepts what the type of a success must be; default: anything that the API answers.
 * @param bare has it no body, being an answer to HEAD?
 * @throws {SoriError} `origin_unavailable` when it can't serve; `origin_failed` when its answer makes no sense.
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
  // HEAD is refused without a word.
  if (bare && status < 500) return { kind: 'good' };
  if (bare) throw unavailable(`It answered ${status}.`);
  const body = await readUpTo(response, MOST_ERROR_BYTES);
  const code = codeOf(body);
  if (code === undefined) throw garbage(`It answered ${status} without a code.`);
  if (BUSY.has(code)) return { kind: 'busy', body };
  // 501 is a word about its configuration; any other 5xx, about its health.
  if (status >= 500 && status !== 501 && !OF_THE_REQUEST.has(code))
    throw unavailable(`It answered ${status}: ${code}.`);
  return { kind: 'good', body };
}

/** An origin that does not serve; the reason is for the log. */
export function unavailable(reason: string, cause?: unknown): SoriError {
  const message = 'The origin that this takes does not answer now; try again later.';
  return new SoriError('origin_unavailable', message, { cause: new Error(reason, { cause }) });
}

/** An origin that answers nonsense; the reason is for the log. */
export function garbage(reason: string, cause?: unknown): SoriError {
  const message = 'The origin that this takes has not answered as it should; try again later.';
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
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

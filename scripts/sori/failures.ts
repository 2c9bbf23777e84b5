/** Failures that a user can act on: their message says it all, so no stack trace is shown. */

/** The command line is wrong: exit code 2. */
export class UsageError extends Error {}

/** The command could not do what it was told: exit code 1. */
export class CommandError extends Error {}

/** A server's refusal. */
export class RequestError extends CommandError {
  readonly status: number;
  /** The error's stable code, where the server is a Sori. */
  readonly code: string | undefined;
  /** Request field at fault. */
  readonly param: string | undefined;
  readonly requestId: string | undefined;

  constructor(message: string, about: { status: number; code?: string; param?: string; requestId?: string }) {
    super(message);
    this.status = about.status;
    this.code = about.code;
    this.param = about.param;
    this.requestId = about.requestId;
  }
}

/** No answer: nobody listens there, the connection broke, or it took too long. */
export class ConnectionError extends CommandError {
  readonly timedOut: boolean;

  constructor(address: URL, timeoutMs: number, cause: unknown) {
    const timedOut = cause instanceof DOMException && cause.name === 'TimeoutError';
    const why = timedOut ? `no answer within ${timeoutMs / 1000} s` : reasonOf(cause);
    super(
      `${address.origin} can't be reached: ${why}. Is --url (or SORI_URL) right, and does the server run?`,
      {
        cause,
      },
    );
    this.timedOut = timedOut;
  }
}

/** Reads an error as OpenAI shapes it; of anything else it shows the status and how it begins. */
export async function describeRefusal(response: Response, what: string): Promise<RequestError> {
  const { status, headers } = response;
  const requestId = headers.get('x-request-id') ?? undefined;
  const text = await response.text();
  const error = errorOf(text);
  const details = [
    error ? `${status} ${error.code ?? error.type ?? ''}`.trim() : undefined,
    requestId && `request ${requestId}`,
  ].filter(Boolean);
  const excerpt = text.trim().replace(/\s+/g, ' ').slice(0, 200);
  const message = error?.message ?? `${what} was answered ${status}${excerpt ? `: ${excerpt}` : ''}`;
  return new RequestError(details.length > 0 ? `${message} (${details.join(', ')})` : message, {
    status,
    code: error?.code ?? undefined,
    param: error?.param ?? undefined,
    requestId,
  });
}

interface OpenAiError {
  readonly message: string;
  readonly type?: string;
  readonly code?: string | null;
  readonly param?: string | null;
}

function errorOf(text: string): OpenAiError | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: OpenAiError };
    return typeof error?.message === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}

/** fetch says only "fetch failed"; what failed is in its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  const { code } = cause as NodeJS.ErrnoException;
  return cause.message || code || cause.name;
}

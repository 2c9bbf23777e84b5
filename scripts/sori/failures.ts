/** Errors that the user can fix. They are shown without a stack trace. */

/** The command line is wrong: exit code 2. */
export class UsageError extends Error {}

/** The command failed: exit code 1. */
export class CommandError extends Error {}

/** An error response of a server. */
export class RequestError extends CommandError {
  readonly status: number;
  /** The error's stable code, if the server is Sori. */
  readonly code: string | undefined;
  /** The invalid request field. */
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

/** No response: the connection was refused or broke, or the request timed out. */
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

/** Reads an error in OpenAI's format. For any other response it reports the status and the beginning of the body. */
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

/** The reason of a failed request: the message of fetch is only "fetch failed", and its cause has the reason. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  const { code } = cause as NodeJS.ErrnoException;
  return cause.message || code || cause.name;
}

import { type ErrorCode, SoriError } from '../base/errors.ts';
import { ERROR_KINDS } from '../http/errors.ts';

/** Converts an origin's error answer into this server's error. */
export async function faultOf(response: Response): Promise<SoriError> {
  return faultIn(await response.json().catch(() => ({})));
}

/** Converts the JSON of an origin's error into this server's error. */
export function faultIn(answer: unknown): SoriError {
  const { error } = (answer ?? {}) as {
    error?: { code?: string; message?: string; param?: string | null };
  };
  if (error?.code === undefined || !Object.hasOwn(ERROR_KINDS, error.code)) {
    return new SoriError('origin_failed', 'The origin could not speak this.');
  }
  return new SoriError(error.code as ErrorCode, error.message ?? '', { param: error.param ?? undefined });
}

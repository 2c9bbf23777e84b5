import { concatBytes } from '../../base/bytes.ts';
import { SoriError } from '../../base/errors.ts';
import type { Receiving } from './upload-room.ts';

/**
 * Reads a body and stops as soon as it is too long, even if Content-Length says otherwise.
 * @param limit bytes.
 * @param receiving the upload's part in the room for uploads, if it counts.
 * @throws {SoriError} `body_too_large`; `invalid_body` for one that is malformed or cut off on its way, such as a chunked body with a
 *   wrong chunk size; the reason of the request's signal.
 */
export async function readLimited(
  request: Request,
  limit: number,
  receiving?: Receiving,
): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get('content-length')) > limit) throw tooLarge(limit);
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  const signal = receiving ? AbortSignal.any([request.signal, receiving.signal]) : request.signal;
  // Do not wait for the sender to notice.
  const stop = () => void reader?.cancel().catch(() => {});
  signal.addEventListener('abort', stop);
  try {
    for (;;) {
      const part = await reader?.read().catch((cause: unknown) => {
        signal.throwIfAborted();
        const message = 'The body could not be read to its end: it is malformed or was cut off.';
        throw new SoriError('invalid_body', message, { cause });
      });
      signal.throwIfAborted();
      if (part === undefined || part.done) return concatBytes(parts);
      length += part.value.length;
      receiving?.received(part.value.length);
      if (length > limit) {
        stop();
        throw tooLarge(limit);
      }
      parts.push(part.value);
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function tooLarge(limit: number): SoriError {
  const size = limit < 1024 * 1024 ? `${limit / 1024} KiB` : `${Math.floor(limit / 1024 / 1024)} MiB`;
  return new SoriError('body_too_large', `The body is over ${size}.`);
}

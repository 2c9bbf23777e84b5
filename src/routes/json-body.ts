import { SoriError } from '../errors.ts';

/** Largest request body, in bytes: 4096 characters take at most 24 KiB as JSON escapes, the rest is for pronunciations. */
export const MAX_BODY_BYTES = 64 * 1024;

const JSON_TYPE = /^application\/(?:[\w.!#$&^-]+\+)?json\s*(?:;|$)/i;

/**
 * Reads a JSON body and gives up as soon as it is too long, whatever Content-Length says.
 * @throws {SoriError} `unsupported_media_type`, `body_too_large`, `invalid_json`.
 */
export async function readJsonBody(request: Request): Promise<unknown> {
  if (!JSON_TYPE.test(request.headers.get('content-type')?.trim() ?? '')) {
    throw new SoriError('unsupported_media_type', 'Send the body as Content-Type: application/json.');
  }
  const bytes = await readLimited(request);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (cause) {
    const what = bytes.length === 0 ? 'is empty' : 'is not valid JSON in UTF-8';
    throw new SoriError('invalid_json', `The body ${what}.`, { cause });
  }
}

async function readLimited(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length')) > MAX_BODY_BYTES) throw tooLarge();
  const bytes = new Uint8Array(MAX_BODY_BYTES);
  let length = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const part = await reader?.read();
    if (part === undefined || part.done) return bytes.subarray(0, length);
    if (length + part.value.length > MAX_BODY_BYTES) {
      // The rest is not wanted; nobody need wait until the sender has taken note.
      void reader?.cancel().catch(() => {});
      throw tooLarge();
    }
    bytes.set(part.value, length);
    length += part.value.length;
  }
}

function tooLarge(): SoriError {
  return new SoriError('body_too_large', `The body is over ${MAX_BODY_BYTES / 1024} KiB.`);
}

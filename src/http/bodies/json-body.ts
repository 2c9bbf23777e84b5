import { SoriError } from '../../base/errors.ts';
import { jsonFaultAt } from '../../base/json-fault.ts';
import { TurnLimit } from '../../base/turns.ts';
import { readLimited } from './body.ts';

/** Largest request body, in bytes: 4096 characters take at most 24 KiB as JSON escapes, the rest is for pronunciations. */
export const MAX_BODY_BYTES = 64 * 1024;
/** The same where a body may hold a recording: base64 of a minute of mono 16-bit WAV at 24 kHz. */
export const MAX_BODY_WITH_REFERENCE_BYTES = 4 * 1024 * 1024;

/** A request takes 2 to 4 ms from its body to its first wait for storage or the engine, so many at once would hold up the event loop. */
const starts = new TurnLimit(2);

const JSON_TYPE = /^application\/(?:[\w.!#$&^-]+\+)?json\s*(?:;|$)/i;

/**
 * Reads a JSON body of at most `limit` bytes.
 * @throws {SoriError} `unsupported_media_type`, `body_too_large`, `invalid_json`.
 */
export async function readJsonBody(request: Request, limit = MAX_BODY_BYTES): Promise<unknown> {
  if (!JSON_TYPE.test(request.headers.get('content-type')?.trim() ?? '')) {
    throw new SoriError('unsupported_media_type', 'Send the body as Content-Type: application/json.');
  }
  const bytes = await readLimited(request, limit);
  if (bytes.length === 0) throw new SoriError('invalid_json', 'The body is empty.');
  await starts.start();
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
    return JSON.parse(text);
  } catch (cause) {
    const message = `The body is not valid JSON in UTF-8${placeOf(cause, text)}`;
    throw new SoriError('invalid_json', message, { cause });
  }
}

/** Position where the parser stopped. */
function placeOf(cause: unknown, text: string): string {
  if (!(cause instanceof SyntaxError)) return '.';
  const position = jsonFaultAt(text);
  if (position >= text.length) return ': it ends too early.';
  const quote = text[position] === "'" ? ' JSON has double quotes.' : '';
  return `: see character ${position + 1}.${quote}`;
}

import { SoriError } from '../../base/errors.ts';
import type { HttpDependencies } from '../context.ts';
import { readLimited } from './body.ts';
import { checkParts } from './form-parts.ts';
import type { Receiving } from './upload-room.ts';

const FORM_TYPE = /^multipart\/form-data\s*;/i;

/** A parsed multipart form. */
export interface FormBody {
  /** Names of the fields, each once. */
  readonly names: readonly string[];
  /** A text field; `undefined` if it is missing or a file. */
  text(name: string): string | undefined;
  /** The values of text fields with these names, in their order. */
  texts(...names: readonly string[]): readonly string[];
  /** The files of the fields with these names, in their order. */
  files(...names: readonly string[]): readonly Blob[];
}

/**
 * Reads a form with recordings, within the room for uploads.
 * @throws {SoriError} `queue_full`, `upload_too_slow`; as {@link readForm}.
 */
export function readUpload(
  { uploads }: Pick<HttpDependencies, 'uploads'>,
  request: Request,
  limit: number,
): Promise<FormBody> {
  return uploads
    ? uploads.during(request, (receiving) => readForm(request, limit, receiving))
    : readForm(request, limit);
}

/**
 * Reads a form with files and stops as soon as it is too long, even if Content-Length says otherwise.
 * @param limit largest body in bytes.
 * @throws {SoriError} `unsupported_media_type`, `body_too_large`, `invalid_value`.
 */
export async function readForm(request: Request, limit: number, receiving?: Receiving): Promise<FormBody> {
  const type = request.headers.get('content-type')?.trim() ?? '';
  if (!FORM_TYPE.test(type)) {
    throw new SoriError('unsupported_media_type', 'Send the fields as a multipart/form-data form.');
  }
  const bytes = await readLimited(request, limit, receiving);
  checkParts(bytes, type);
  let form: FormData;
  try {
    form = await new Response(bytes, { headers: { 'Content-Type': type } }).formData();
  } catch (cause) {
    throw new SoriError('invalid_value', 'The body is not a multipart/form-data form.', { cause });
  }
  const parts: [string, unknown][] = [...form.entries()];
  return {
    names: [...new Set(parts.map(([name]) => name))],
    text(name) {
      const value: unknown = form.get(name);
      return typeof value === 'string' ? value.trim() : undefined;
    },
    texts: (...names) =>
      parts.flatMap(([name, value]) =>
        names.includes(name) && typeof value === 'string' ? [value.trim()] : [],
      ),
    files: (...names) =>
      parts.flatMap(([name, value]) => (names.includes(name) && value instanceof Blob ? [value] : [])),
  };
}

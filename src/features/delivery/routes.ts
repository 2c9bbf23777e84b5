import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { AUDIO_FORMATS, type AudioFormatId } from '../../audio/format.ts';
import { SoriError } from '../../base/errors.ts';
import type { RequestAccount } from '../../http/access.ts';
import { ifRange, isConditional, weighConditions } from '../../http/conditional.ts';
import type { AppEnv } from '../../http/context.ts';
import { respondError } from '../../http/errors.ts';
import { AUDIO_KEY } from '../../library/cache-key.ts';
import type { AudioHead, ByteRange } from '../../library/store.ts';
import type { DeliveryDependencies } from './dependencies.ts';
import { audioRouteDocs } from './docs.ts';
import { attachment, audioHeaders, cacheControlFor, IMMUTABLE, validatorsOf } from './headers.ts';
import { META_HEADER, writeMeta } from './meta.ts';
import { mayHear } from './private-audio.ts';
import { contentRange, readRange } from './range.ts';
import { findAudio, HIDDEN, inMemory, unknownAudio } from './source.ts';

/** Cache-Control of missing audio: cached briefly, because it may be stored at any moment. */
const BRIEFLY = 'public, max-age=10';

/** Stored audio and how to serve it. */
export interface AudioAnswer {
  readonly key: string;
  readonly format: AudioFormatId;
  readonly cacheControl: string;
  /** Cache tags in addition to the audio's own (`audio:`, `model:`, `voice:`), made by `cacheTag`. */
  readonly tags?: readonly string[];
  /** Default file name of a download, without an extension; default: from the key. */
  readonly fileName?: string;
  /**
   * Since when this URL serves this audio, if it may serve other audio at other times. Last-Modified is not earlier. Absent
   * if the URL always serves the same audio.
   */
  readonly changed?: Date;
  /** Headers that override those of the audio. */
  readonly extraHeaders?: Readonly<Record<string, string>>;
}

/** Adds `GET /audio/{key}.{format}` and HEAD of it. */
export function audioRoute(app: OpenAPIHono<AppEnv>, deps: DeliveryDependencies): void {
  app.openAPIRegistry.registerPath(audioRouteDocs);
  app.get('/audio/:file', async (c) => {
    try {
      const { key, format } = readName(c.req.param('file'));
      return await storedOrRemade(c, deps, key, format);
    } catch (error) {
      if (!(error instanceof SoriError) || error.code !== 'unknown_audio') throw error;
      const response = respondError(error, c);
      // An answer about private audio must not be cached: strangers and the owner get different answers.
      response.headers.set('Cache-Control', error.cause === HIDDEN ? 'no-store' : BRIEFLY);
      return response;
    }
  });
}

/** Makes audio again whose URL was sent but which could not be stored. */
async function storedOrRemade(
  c: Context<AppEnv>,
  deps: DeliveryDependencies,
  key: string,
  format: AudioFormatId,
): Promise<Response> {
  try {
    return await answerAudio(c, deps, { key, format, cacheControl: IMMUTABLE });
  } catch (error) {
    const missing = error instanceof SoriError && error.code === 'unknown_audio' && error.cause !== HIDDEN;
    const remade = missing ? await deps.remake?.(c, key, format) : undefined;
    if (!remade) throw error;
    return remade;
  }
}

/**
 * Serves stored audio: whole, a range, or 304 (RFC 9110, sections 13 and 14). HEAD is
 * answered as GET without a body and without Range; other methods get the whole.
 * @throws {SoriError} `not_configured` without a library; `unknown_audio`; `precondition_failed`; `range_not_satisfiable`;
 *   `storage_unavailable`.
 */
export async function answerAudio(
  c: Context<AppEnv>,
  deps: DeliveryDependencies,
  answer: AudioAnswer,
): Promise<Response> {
  const { library, edgeCache } = deps;
  if (!library) {
    const message = 'This server stores no audio: its operator has configured no bucket.';
    throw new SoriError('not_configured', message);
  }
  const { key, format } = answer;
  const { method, headers: asked } = c.req.raw;
  const safe = method === 'GET' || method === 'HEAD';
  const conditional = safe && isConditional(asked);
  const wanted = method === 'GET' ? asked.get('range') : null;
  const found =
    inMemory(library, `${key}.${format}`) ??
    (await findAudio(
      c,
      { library, edgeCache },
      key,
      format,
      !conditional && wanted === null && method !== 'HEAD',
    ));
  if (!found) throw unknownAudio();

  const { head } = found;
  // Public audio is checked without an await.
  if (head.meta.owner !== undefined && !(await mayHear(c, deps, key, head.meta))) {
    found.drop?.();
    throw unknownAudio(HIDDEN);
  }
  if (conditional) {
    const verdict = weighConditions(asked, validatorsOf(head, answer.changed));
    if (verdict !== 'proceed') found.drop?.();
    if (verdict === 'not_modified') return notModified(c, head, answer);
    if (verdict === 'precondition_failed') {
      throw new SoriError(
        'precondition_failed',
        'The audio is not what If-Match or If-Unmodified-Since says.',
      );
    }
  }
  const applies = wanted !== null && ifRange(asked.get('if-range'), validatorsOf(head, answer.changed));
  const range = applies ? readRange(wanted, head.size) : undefined;
  if (range === 'unsatisfiable') {
    found.drop?.();
    c.header('Content-Range', contentRange(range, head.size));
    throw new SoriError(
      'range_not_satisfiable',
      `The audio has ${head.size} bytes, none of them in this range.`,
    );
  }
  account(c, head, method === 'HEAD' ? 0 : (range?.length ?? head.size));
  const plain = headersOf(c, head, answer, range);
  const headers = deps.originGuard ? new Headers(plain) : plain;
  // The client of an origin is an edge, which needs the metadata to store the audio.
  if (deps.originGuard) headers.set(META_HEADER, writeMeta(head.meta));
  if (method === 'HEAD') {
    found.drop?.();
    return new Response(null, { headers });
  }
  return new Response((await found.read(range)) as BodyInit, { status: range ? 206 : 200, headers });
}

/** Headers of a 304: those that a cache may update, without those of the body. */
function notModified(c: Context<AppEnv>, head: AudioHead, answer: AudioAnswer): Response {
  const headers = new Headers(headersOf(c, head, answer));
  for (const name of ['Content-Disposition', 'Content-Length', 'Content-Type']) headers.delete(name);
  return new Response(null, { status: 304, headers });
}

/** Caches headers by head object: heads in memory stay the same objects. */
const HEADERS = new WeakMap<AudioHead, Headers>();

/** Must not be modified: a response copies them. */
function headersOf(c: Context<AppEnv>, head: AudioHead, answer: AudioAnswer, range?: ByteRange): Headers {
  const { key, format, tags = [], changed, extraHeaders } = answer;
  const cacheControl = cacheControlFor(head.meta.owner, answer.cacheControl);
  let own = HEADERS.get(head);
  if (!own) {
    own = audioHeaders(key, format, head);
    HEADERS.set(head, own);
  }
  const download = c.req.url.includes('?') ? c.req.query('download') : undefined;
  const plain = cacheControl === IMMUTABLE && tags.length === 0 && !changed && !extraHeaders;
  if (plain && !range && download === undefined) return own;

  const headers = new Headers(own);
  headers.set('Cache-Control', cacheControl);
  if (tags.length > 0) headers.set('Cache-Tag', [own.get('Cache-Tag'), ...tags].join(','));
  if (changed) headers.set('Last-Modified', validatorsOf(head, changed).lastModified!.toUTCString());
  if (download !== undefined) {
    const fileName = answer.fileName ?? `sori-${key.slice(0, 12)}`;
    headers.set('Content-Disposition', attachment(download, fileName, format));
  }
  if (range) {
    headers.set('Content-Range', contentRange(range, head.size));
    headers.set('Content-Length', String(range.length));
  }
  for (const [name, value] of Object.entries(extraHeaders ?? {})) headers.set(name, value);
  return headers;
}

/** Records the served audio; a range counts as its share of the duration. */
function account(c: Context<AppEnv>, { size, meta }: AudioHead, bytes: number): void {
  const about: RequestAccount | undefined = c.get('account');
  if (!about) return;
  about.cache ??= 'hit';
  about.audioMs = size === 0 ? 0 : ((meta.samples / 24) * bytes) / size;
}

const FORMATS: ReadonlySet<string> = new Set(AUDIO_FORMATS);

/** Reads `<key>.<format>`. */
function readName(file: string): { key: string; format: AudioFormatId } {
  const dot = file.indexOf('.');
  const key = file.slice(0, dot);
  const format = file.slice(dot + 1);
  if (dot < 0 || !FORMATS.has(format) || !AUDIO_KEY.test(key)) throw unknownAudio();
  return { key, format: format as AudioFormatId };
}

import { type AudioFormatId, FORMAT_INFO } from '../../audio/format.ts';
import { wholeSecond } from '../../base/http-date.ts';
import type { Validators } from '../../http/conditional.ts';
import type { AudioHead } from '../../library/store.ts';

/** Cache-Control of audio whose URL is its key: it never changes. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';

/** Cache-Control of private audio: not cached by others and revalidated each time, so that deleted audio is gone. */
const PRIVATE = 'private, no-cache';

/** Vary of private audio: whether it is served depends on the API key. */
export const PRIVATE_VARY = 'Authorization, X-Api-Key, Api-Key';

/** The Cache-Control that a route wants, except for private audio. */
export function cacheControlFor(owner: string | undefined, wanted: string): string {
  return owner === undefined || wanted === 'no-store' ? wanted : PRIVATE;
}

/** Strong entity tag of stored audio, from its hex hash, because the bytes of a name never change. */
export function etagOf(sha256: string): string {
  return `"${sha256.slice(0, 32)}"`;
}

/**
 * The validators of stored audio.
 * @param changed since when the URL serves this audio, if it may serve other audio at other times; equal dates then do not prove equal bytes.
 */
export function validatorsOf(head: AudioHead, changed?: Date): Validators {
  const stored = head.stored.getTime();
  const lastModified = wholeSecond(Math.max(stored, changed?.getTime() ?? stored));
  return { etag: etagOf(head.sha256), lastModified, exactDate: changed === undefined };
}

/** Makes a Cache-Tag: blanks, commas, non-ASCII characters and the percent sign are percent-encoded. */
export function cacheTag(kind: string, value: string): string {
  // encodeURIComponent throws on a lone surrogate.
  const whole = value.replace(/\p{Cs}/gu, '\ufffd');
  return `${kind}:${whole.replace(/[^\x21-\x24\x26-\x2b\x2d-\x7e]+/gu, encodeURIComponent)}`;
}

/** Permanent path of stored audio. */
export function audioPath(key: string, format: AudioFormatId): string {
  return `/audio/${key}.${format}`;
}

/** Headers of stored audio that do not depend on the request. The type is that of the format. */
export function audioHeaders(key: string, format: AudioFormatId, head: AudioHead): Headers {
  const { model, voice, owner, ignored } = head.meta;
  const voices = voice.split(',').map((name) => cacheTag('voice', name.trim()));
  return new Headers({
    'Accept-Ranges': 'bytes',
    'Cache-Control': cacheControlFor(owner, IMMUTABLE),
    'Cache-Tag': [cacheTag('audio', key), cacheTag('model', model), ...voices].join(','),
    'Content-Disposition': 'inline',
    'Content-Length': String(head.size),
    'Content-Location': audioPath(key, format),
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Content-Type': FORMAT_INFO[format].contentType,
    ETag: etagOf(head.sha256),
    'Last-Modified': validatorsOf(head).lastModified!.toUTCString(),
    'Timing-Allow-Origin': '*',
    'X-Cache': 'hit',
    'X-Sori-Model': model,
    ...(ignored !== undefined && { 'X-Sori-Ignored': ignored }),
    ...(owner !== undefined && { Vary: PRIVATE_VARY }),
  });
}

/** Longest offered file name in characters, without its extension. */
const MAX_NAME_LENGTH = 100;

/** Characters that file names must not have: control and format characters, lone surrogates, and those special to file systems and shells. */
const UNFIT = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}"*/:<>?\\|%]+/gu;

/**
 * Content-Disposition of a download (RFC 6266). The extension is always the format's.
 * @param wanted requested name; unsafe characters are replaced.
 * @param otherwise name if nothing remains.
 */
export function attachment(wanted: string, otherwise: string, format: AudioFormatId): string {
  const { extension } = FORMAT_INFO[format];
  const name = `${fileStem(wanted, extension) || fileStem(otherwise, extension) || 'audio'}.${extension}`;
  // ASCII fallback: letters without accents.
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^\x20-\x7e]/gu, '_');
  const encoded = encodeURIComponent(name).replace(/['()]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain.replace(UNFIT, '_')}"; filename*=UTF-8''${encoded}`;
}

function fileStem(name: string, extension: string): string {
  const clean = name.normalize('NFC').replace(UNFIT, '-').replace(/\s+/gu, ' ');
  const stem = clean.toLowerCase().endsWith(`.${extension}`) ? clean.slice(0, -extension.length - 1) : clean;
  // No hidden files and no parent folders; Windows drops trailing dots and blanks.
  const trimmed = stem.replace(/^[. -]+|[. -]+$/g, '');
  return Array.from(trimmed).slice(0, MAX_NAME_LENGTH).join('');
}

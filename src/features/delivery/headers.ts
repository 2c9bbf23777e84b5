import { type AudioFormatId, FORMAT_INFO } from '../../audio/format.ts';
import { wholeSecond } from '../../base/http-date.ts';
import type { Validators } from '../../http/conditional.ts';
import type { AudioHead } from '../../library/store.ts';

/** Of audio whose URL is its key: it never changes. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';

/** Of audio that is somebody's own: kept by nobody else, and asked for again each time, so that what is deleted is gone. */
export const PRIVATE = 'private, no-cache';

/** Entity tag of stored audio, by its hash in hex: strong, as the bytes of a name never change. */
export function etagOf(sha256: string): string {
  return `"${sha256.slice(0, 32)}"`;
}

/**
 * By what a client knows audio again.
 * @param changed since when the URL serves this audio, where it may serve other audio before and after; equal dates then prove nothing.
 */
export function validatorsOf(head: AudioHead, changed?: Date): Validators {
  const stored = head.stored.getTime();
  const lastModified = wholeSecond(Math.max(stored, changed?.getTime() ?? stored));
  return { etag: etagOf(head.sha256), lastModified, exactDate: changed === undefined };
}

/** A Cache-Tag: what a tag may not hold (blanks, commas, what is not ASCII) is percent-encoded, and the percent sign with it. */
export function cacheTag(kind: string, value: string): string {
  // encodeURIComponent refuses half a character.
  const whole = value.replace(/\p{Cs}/gu, '\ufffd');
  return `${kind}:${whole.replace(/[^\x21-\x24\x26-\x2b\x2d-\x7e]+/gu, encodeURIComponent)}`;
}

/** Path at which audio is served for ever. */
export function audioPath(key: string, format: AudioFormatId): string {
  return `/audio/${key}.${format}`;
}

/** Headers of stored audio that no request changes. The type is the format's and nothing else's, whatever the bytes are. */
export function audioHeaders(key: string, format: AudioFormatId, head: AudioHead): Headers {
  const { model, voice, owner } = head.meta;
  const voices = voice.split(',').map((name) => cacheTag('voice', name.trim()));
  return new Headers({
    'Accept-Ranges': 'bytes',
    'Cache-Control': owner === undefined ? IMMUTABLE : PRIVATE,
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
    ...(owner !== undefined && { Vary: 'Authorization, X-Api-Key, Api-Key' }),
  });
}

/** Characters of a file name that is offered, without its extension. */
const MAX_NAME_LENGTH = 100;

/** What no file name should have: control and format characters, lone surrogates, and what file systems and shells take for their own. */
const UNFIT = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}"*/:<>?\\|%]+/gu;

/**
 * Content-Disposition of a download (RFC 6266). The extension is always the format's.
 * @param wanted name that was asked for; what a file name should not have is replaced.
 * @param otherwise name where nothing is left of it.
 */
export function attachment(wanted: string, otherwise: string, format: AudioFormatId): string {
  const { extension } = FORMAT_INFO[format];
  const name = `${fileStem(wanted, extension) || fileStem(otherwise, extension) || 'audio'}.${extension}`;
  // For clients that know no more than ASCII: letters without their accents.
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
  // No hidden files, no parents; Windows drops dots and blanks at the end.
  const trimmed = stem.replace(/^[. -]+|[. -]+$/g, '');
  return Array.from(trimmed).slice(0, MAX_NAME_LENGTH).join('');
}

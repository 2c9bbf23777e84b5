import { parseHttpDate } from '../base/http-date.ts';

/** The validators of a representation (RFC 9110, section 8.8). */
export interface Validators {
  /** The entity tag with its quotes; a weak one begins with `W/`. */
  readonly etag: string;
  /** Precise to the second; `undefined` where the representation has no useful date. */
  readonly lastModified?: Date;
  /** Whether equal dates mean equal bytes, because the representation changes at most once a second. */
  readonly exactDate?: boolean;
}

/** The result of a request's conditions. */
export type Verdict = 'proceed' | 'not_modified' | 'precondition_failed';

/** Whether a GET or HEAD carries a condition. */
export function isConditional(headers: Headers): boolean {
  return (
    headers.has('if-none-match') ||
    headers.has('if-modified-since') ||
    headers.has('if-match') ||
    headers.has('if-unmodified-since')
  );
}

/**
 * Evaluates the conditions of a GET or HEAD in the order of RFC 9110, section 13.2.2. For If-Range see {@link ifRange}.
 * @param validators those of the current representation, which must exist.
 */
export function weighConditions(headers: Headers, { etag, lastModified }: Validators): Verdict {
  const ifMatch = headers.get('if-match');
  if (ifMatch !== null) {
    if (!matches(ifMatch, etag, strongly)) return 'precondition_failed';
  } else {
    const limit = dateOf(headers, 'if-unmodified-since');
    if (limit !== undefined && lastModified && lastModified.getTime() > limit) return 'precondition_failed';
  }
  const ifNoneMatch = headers.get('if-none-match');
  if (ifNoneMatch !== null) return matches(ifNoneMatch, etag, weakly) ? 'not_modified' : 'proceed';
  const since = dateOf(headers, 'if-modified-since');
  const unchanged = since !== undefined && lastModified !== undefined && lastModified.getTime() <= since;
  return unchanged ? 'not_modified' : 'proceed';
}

/**
 * Whether If-Range allows the Range header (RFC 9110, section 13.1.5). Without If-Range it is allowed.
 * @param condition the header's value, or null.
 */
export function ifRange(condition: string | null, { etag, lastModified, exactDate }: Validators): boolean {
  if (condition === null) return true;
  if (/^(?:W\/)?"/.test(condition)) return strongly(condition, etag);
  const date = parseHttpDate(condition);
  return exactDate === true && date !== undefined && date === lastModified?.getTime();
}

/**
 * An entity tag at the head of the rest of a list, after the commas and blanks that a list may have (RFC 9110, sections 5.6.1 and 8.8.3).
 * Bytes above ASCII are one character each in Node, and read as UTF-8 in workerd.
 */
const TAG = /[\t ,]*((?:W\/)?"[^\x00-\x20"\x7f]*")[\t ]*(?=,|$)/y;

function matches(list: string, etag: string, equal: (a: string, b: string) => boolean): boolean {
  if (list.trim() === '*') return true;
  TAG.lastIndex = 0;
  // Stop at malformed text; the tags before it count.
  for (let found = TAG.exec(list); found; found = TAG.exec(list)) {
    if (equal(found[1], etag)) return true;
  }
  return false;
}

/** RFC 9110, section 8.8.3.2. */
function strongly(a: string, b: string): boolean {
  return a === b && !a.startsWith('W/');
}

/** RFC 9110, section 8.8.3.2. */
function weakly(a: string, b: string): boolean {
  return a.replace(/^W\//, '') === b.replace(/^W\//, '');
}

function dateOf(headers: Headers, name: string): number | undefined {
  const text = headers.get(name);
  // A malformed date counts as absent (sections 13.1.3 and 13.1.4).
  return text === null ? undefined : parseHttpDate(text);
}

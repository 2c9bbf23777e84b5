import { SaxesParser } from 'saxes';
import { SoriError } from '../../base/errors.ts';
import type { Span } from '../types.ts';
import { invalidSsml } from './place.ts';

/** Deepest nesting of elements, the root included. */
export const MAX_DEPTH = 32;
/** Most elements in one document. */
export const MAX_ELEMENTS = 1000;

/** An element by its start tag. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** The start tag. */
  readonly tag: Span;
}

/** Text without its references and folded lines; character `i` of `text` came from `[starts[i], ends[i])` of the input. */
export interface XmlText {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** Receives the parts of a document in their order. */
export interface XmlHandler {
  /** A document type declaration that defines nothing. Without this function it is refused. */
  doctype?(start: number): void;
  open(element: XmlElement): void;
  text(text: XmlText): void;
  /** @param tag the end tag; of an empty element its only one. */
  close(element: XmlElement, tag: Span): void;
}

/**
 * Reads an XML document: elements, text, CDATA sections, the five predefined entities and numeric references.
 * Comments and processing instructions are skipped. No DTD is read, so no entity can be defined. Linear time.
 * @throws {SoriError} `invalid_ssml` for what is not well-formed, a DOCTYPE that defines something, deeper nesting than {@link MAX_DEPTH} and more than
 *   {@link MAX_ELEMENTS} elements; whatever the handler throws.
 */
export function readXml(input: string, handler: XmlHandler): void {
  // The parser takes half a surrogate pair for a whole one and swallows what follows.
  const broken = input.search(/\p{Cs}/u);
  if (broken >= 0)
    throw invalidSsml(
      input,
      broken,
      undefined,
      'The text contains half of a surrogate pair, which is not a valid character.',
    );
  const offset = input.length - input.trimStart().length;
  const parser = new SaxesParser();
  const open: XmlElement[] = [];
  let elements = 0;
  /** End of what was read last. */
  let done = offset;

  /** Passes on the text before the markup that ends at `end`. Returns where that markup begins. */
  const reach = (end: number): number => {
    const start = input.indexOf('<', done);
    if (open.length > 0 && start > done) handler.text(decode(input, done, start));
    done = end;
    return start;
  };

  parser.on('error', (error) => {
    const what = error.message.replace(/^\d+:\d+: /, '');
    throw invalidSsml(input, offset + parser.position, open.at(-1)?.name, notWellFormed(what));
  });
  parser.on('doctype', (declaration) => {
    const start = input.indexOf('<!DOCTYPE');
    if (handler.doctype && !declaration.includes('[')) {
      reach(offset + parser.position);
      handler.doctype(start);
      return;
    }
    const what =
      'DOCTYPE and entity definitions are refused. The entities amp, lt, gt, quot and apos and numeric references need none.';
    throw invalidSsml(input, start, undefined, what);
  });
  parser.on('opentag', ({ name, attributes, isSelfClosing }) => {
    const end = offset + parser.position;
    const tag = { start: reach(end), end };
    if (++elements > MAX_ELEMENTS) {
      throw invalidSsml(input, tag.start, name, `There are more than ${MAX_ELEMENTS} elements.`);
    }
    if (open.length === MAX_DEPTH) {
      throw invalidSsml(input, tag.start, name, `Elements are nested more than ${MAX_DEPTH} deep.`);
    }
    const element = { name, attributes: new Map(Object.entries(attributes)), tag };
    open.push(element);
    handler.open(element);
    if (isSelfClosing) handler.close(open.pop()!, tag);
  });
  parser.on('closetag', ({ isSelfClosing }) => {
    if (isSelfClosing) return;
    const end = offset + parser.position;
    const start = reach(end);
    const element = open.pop()!;
    const [, name] = /^<\/([^\s>]*)/.exec(input.slice(start, end))!;
    if (name !== element.name) {
      throw invalidSsml(input, start, element.name, `Its end tag is missing before </${name}>.`);
    }
    handler.close(element, { start, end });
  });
  parser.on('cdata', () => {
    const end = offset + parser.position;
    const start = reach(end);
    if (open.length > 0) handler.text(verbatim(input, start + '<![CDATA['.length, end - ']]>'.length));
  });
  // These events come before their last character is read.
  parser.on('comment', () => reach(input.indexOf('-->', offset + parser.position - 3) + 3));
  parser.on('processinginstruction', () => reach(offset + parser.position));
  parser.on('xmldecl', () => reach(offset + parser.position));
  try {
    parser.write(input.slice(offset)).close();
  } catch (error) {
    if (error instanceof SoriError) throw error;
    throw invalidSsml(input, offset + parser.position, open.at(-1)?.name, 'The XML is not well-formed.');
  }
}

function notWellFormed(what: string): string {
  if (what.startsWith('undefined entity')) {
    return 'This entity is not defined. There are &amp; &lt; &gt; &quot; &apos; and numeric references such as &#233;.';
  }
  return `The XML is not well-formed: ${what.replace(/\.*$/, '.')}`;
}

const PREDEFINED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Text that the parser has found to be well-formed. */
function decode(input: string, start: number, end: number): XmlText {
  const pieces = input
    .slice(start, end)
    .matchAll(/&#x([\dA-Fa-f]+);|&#(\d+);|&(\w+);|[\r\n][ \t\r\n]*|[^&\r\n]+/g);
  return collect(pieces, start, ([written, hex, decimal, name]) => {
    if (name !== undefined) return PREDEFINED[name];
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return foldLines(written);
  });
}

function verbatim(input: string, start: number, end: number): XmlText {
  const pieces = input.slice(start, end).matchAll(/[\r\n][ \t\r\n]*|[^\r\n]+/g);
  return collect(pieces, start, ([written]) => foldLines(written));
}

/** Markup is indented and wrapped: a line break is a space, an empty line ends a paragraph. A break meant as one is `&#10;`. */
function foldLines(written: string): string {
  if (!/^[\r\n]/.test(written)) return written;
  return (written.match(/\r\n?|\n/g)?.length ?? 0) > 1 ? '\n' : ' ';
}

function collect(
  pieces: Iterable<RegExpExecArray>,
  offset: number,
  read: (piece: RegExpExecArray) => string,
): XmlText {
  const texts: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  for (const piece of pieces) {
    const text = read(piece);
    texts.push(text);
    const start = offset + piece.index;
    const asWritten = text === piece[0];
    for (let i = 0; i < text.length; i++) {
      starts.push(asWritten ? start + i : start);
      ends.push(asWritten ? start + i + 1 : start + piece[0].length);
    }
  }
  return { text: texts.join(''), starts, ends };
}

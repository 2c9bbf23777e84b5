import { primarySubtag } from '../language.ts';
import type { Delivery, Section } from '../script.ts';
import type { Span, SpeechControls } from '../types.ts';
import type { Element } from './element.ts';
import type { Namespaces } from './names.ts';
import type { Report } from './place.ts';
import type { XmlElement, XmlText } from './xml.ts';

/** An element that only holds text. */
export const TRANSPARENT: Element = { attributes: [] };
/** Ignores reports. */
export const NO_REPORT: Report = () => {};

/** An open element. */
export interface Frame {
  readonly element: XmlElement;
  /** Its name without prefix. */
  readonly name: string;
  readonly kind: Element;
  delivery: Delivery;
  readonly controls: SpeechControls;
  readonly namespaces: Namespaces;
  /** Names of active lexicons. */
  readonly lookups: readonly string[];
  /** Reports problems of the elements inside it. */
  readonly report: Report;
  /** Span of its own contour; the end is set when it closes. */
  readonly contourSpan: { start: number; end: number } | undefined;
  /** Pause at its end in ms. */
  tailing: number | undefined;
  /** Text of an element that holds only text. */
  readonly texts: XmlText[];
}

/** The namespaces outside all elements. */
export const NO_NAMESPACES: Namespaces = new Map();

/** A section with the values of the outer section as defaults. */
export function inherit(outer: Section, own: Section | undefined): Section {
  return own === undefined ? outer : { ...outer, ...own, language: own.language ?? outer.language };
}

/** Drops the language of a section that states Korean inside Korean. Korean has one accent, so this must not begin an utterance. */
export function withoutSameKorean(section: Section | undefined, outer: string): Section | undefined {
  const isSame = section?.language !== undefined && primarySubtag(section.language) === 'ko';
  return isSame && primarySubtag(outer) === 'ko' ? { ...section, language: undefined } : section;
}

/** Pieces of text as one text. */
export function joined(texts: readonly XmlText[]): XmlText {
  return {
    text: texts.map(({ text }) => text).join(''),
    starts: texts.flatMap(({ starts }) => starts),
    ends: texts.flatMap(({ ends }) => ends),
  };
}

/** Span of the text without surrounding space. */
export function trimmedSpan({ text, starts, ends }: XmlText): Span | undefined {
  const length = text.trim().length;
  if (length === 0) return undefined;
  const from = text.length - text.trimStart().length;
  return { start: starts[from], end: ends[from + length - 1] };
}

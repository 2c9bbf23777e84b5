import { SoriError } from '../../base/errors.ts';
import type { Delivery, Script, Section } from '../script.ts';
import type { Span, SpeechControls } from '../types.ts';
import { ELEMENTS, type Element, SKIPPED, UNSUPPORTED } from './elements.ts';
import { invalidSsml, quote, Unreadable } from './place.ts';
import { isNeutral, MEAN_PITCH, NEUTRAL } from './prosody.ts';
import { ScriptBuilder } from './script-builder.ts';
import { readXml, type XmlElement, type XmlText } from './xml.ts';

/** Options of {@link readSsml}. */
export interface SsmlOptions {
  /** Mean pitch of the voice in Hz, which changes given in Hz count from. Default {@link MEAN_PITCH}. */
  readonly meanPitch?: number;
}

/** Longest silence by `break` in one document, in ms. */
export const MAX_BREAKS_MS = 60_000;

/** Attributes that any element may have and that say nothing about speech. */
const XML_ONLY = /^(?:xmlns|xsi)(?::|$)|^xml:(?:base|id|space)$/;

/** An element that is open. */
interface Frame {
  readonly element: XmlElement;
  readonly kind: Element | undefined;
  readonly delivery: Delivery;
  readonly controls: SpeechControls;
  /** What its own contour runs over; the end is known when it closes. */
  readonly contourSpan: { start: number; end: number } | undefined;
  /** Text of an element that holds nothing else. */
  readonly texts: XmlText[];
}

/**
 * Reads SSML: W3C SSML 1.1 without what fetches things (`audio`, `lexicon`), and `mstts:express-as`.
 *
 * Decided here where the standard leaves it open: `p` and `s` end a sentence; `voice`, `lang` and `express-as` begin an utterance but
 * not a sentence; breaks in a row add up; inside `prosody` and `emphasis` rates and ranges multiply, semitones and dB add, and the sum
 * stops at the range of the matching request field; a nested `contour` replaces the outer one. A line break is a space, an empty line
 * ends a paragraph.
 *
 * @param input what {@link isSsml} says is SSML.
 * @throws {SoriError} `invalid_ssml`, param `input`, naming the element and its place (line, column, offset).
 */
export function readSsml(input: string, { meanPitch = MEAN_PITCH }: SsmlOptions = {}): Script {
  const builder = new ScriptBuilder();
  const frames: Frame[] = [];
  let skipping = 0;
  let silence = 0;

  /** What an element does, with its place in the message if it can't be done. */
  function act(element: XmlElement, action: () => void): void {
    try {
      action();
    } catch (cause) {
      if (cause instanceof Unreadable)
        throw invalidSsml(input, element.tag.start, element.name, cause.message);
      // Bad IPA, most likely.
      if (cause instanceof SoriError && cause.code !== 'invalid_ssml')
        throw invalidSsml(input, element.tag.start, element.name, cause.message);
      throw cause;
    }
  }

  function open(element: XmlElement): void {
    if (skipping > 0 || SKIPPED.has(element.name)) {
      skipping++;
      return;
    }
    const kind = Object.hasOwn(ELEMENTS, element.name) ? ELEMENTS[element.name] : undefined;
    const parent = frames.at(-1);
    if (!kind) throw new Unreadable(unknown(element.name));
    if (parent === undefined ? element.name !== 'speak' : element.name === 'speak') {
      throw new Unreadable(
        parent ? 'speak can only be the outermost element.' : 'The outermost element has to be speak.',
      );
    }
    if (parent?.kind?.speak) throw new Unreadable(`${parent.element.name} can hold text only.`);
    checkAttributes(element, kind);
    const section = inherit(parent?.delivery.section ?? {}, kind.section?.(element.attributes));
    const outer = parent?.controls ?? NEUTRAL;
    const controls = kind.controls?.(element.attributes, { outer, meanPitch }) ?? outer;
    const start = element.tag.end;
    const contourSpan = controls.contour === outer.contour ? undefined : { start, end: start };
    const placed = contourSpan ? { ...controls, contourSpan } : controls;
    const delivery: Delivery = {
      section,
      stressed: kind.stressed?.(element.attributes) ?? parent?.delivery.stressed,
      controls: isNeutral(placed) ? undefined : placed,
    };
    if (kind.sentence) builder.addSentenceEnd(element.tag, parent?.delivery ?? delivery);
    if (kind.word) builder.addWordBoundary();
    const pause = kind.pause?.(element.attributes);
    if (pause !== undefined) {
      silence += pause;
      if (silence > MAX_BREAKS_MS) {
        throw new Unreadable(`All breaks together are longer than ${MAX_BREAKS_MS / 1000} seconds.`);
      }
      builder.addBreak(pause, element.tag, delivery);
    }
    const mark = kind.mark?.(element.attributes);
    if (mark !== undefined) builder.addMark(mark, element.tag);
    frames.push({ element, kind, delivery, controls: placed, contourSpan, texts: [] });
  }

  function close(element: XmlElement, tag: Span): void {
    if (skipping > 0) {
      skipping--;
      return;
    }
    const { kind, delivery, contourSpan, texts } = frames.pop()!;
    if (kind?.speak) {
      const spoken = joined(texts);
      const span = trimmedSpan(spoken) ?? { start: element.tag.start, end: tag.end };
      kind.speak(element.attributes, spoken.text, { builder, span, delivery });
    }
    if (kind?.sentence) builder.addSentenceEnd(tag, delivery);
    if (kind?.word) builder.addWordBoundary();
    if (contourSpan) contourSpan.end = Math.max(contourSpan.start, tag.start);
  }

  readXml(input, {
    open: (element) => act(element, () => open(element)),
    text(text) {
      const frame = frames.at(-1);
      if (skipping > 0 || frame === undefined) return;
      if (frame.kind?.speak) frame.texts.push(text);
      else if (frame.kind?.empty && text.text.trim() !== '') {
        throw invalidSsml(input, frame.element.tag.start, frame.element.name, 'It can hold no text.');
      } else builder.addText(text, frame.delivery);
    },
    close: (element, tag) => act(element, () => close(element, tag)),
  });
  return builder.build();
}

function unknown(name: string): string {
  if (UNSUPPORTED.has(name))
    return `The element ${name} is not supported: nothing is fetched from elsewhere.`;
  return `The element ${quote(name)} is unknown. There are ${Object.keys(ELEMENTS).join(', ')}.`;
}

function checkAttributes({ attributes }: XmlElement, kind: Element): void {
  for (const attribute of attributes.keys()) {
    if (kind.attributes.includes(attribute) || XML_ONLY.test(attribute)) continue;
    const known = kind.attributes.length === 0 ? 'none' : kind.attributes.join(', ');
    throw new Unreadable(`The attribute ${quote(attribute)} is unknown here. It can have ${known}.`);
  }
  for (const attribute of kind.required ?? []) {
    if ((attributes.get(attribute) ?? '').trim() === '')
      throw new Unreadable(`The attribute ${attribute} is missing.`);
  }
}

function inherit(outer: Section, own: Section | undefined): Section {
  return own === undefined ? outer : { ...outer, ...own };
}

function joined(texts: readonly XmlText[]): XmlText {
  return {
    text: texts.map(({ text }) => text).join(''),
    starts: texts.flatMap(({ starts }) => starts),
    ends: texts.flatMap(({ ends }) => ends),
  };
}

/** Where the text stands without the space around it. */
function trimmedSpan({ text, starts, ends }: XmlText): Span | undefined {
  const length = text.trim().length;
  if (length === 0) return undefined;
  const from = text.length - text.trimStart().length;
  return { start: starts[from], end: ends[from + length - 1] };
}

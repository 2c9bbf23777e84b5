import type { Delivery, Script, Section } from '../script.ts';
import type { Span, SpeechControls } from '../types.ts';
import type { Warnings } from '../warnings.ts';
import type { Context, Element, Lexeme, Place, VoicePauses } from './element.ts';
import { ELEMENTS, SKIPPED, W3C_NAMES } from './elements.ts';
import { LexemeFinder } from './lexicon.ts';
import { canonicalName, declare, declaresMstts, type Namespaces } from './names.ts';
import { attempt, invalidSsml, quote, type Report, shorten, Unreadable } from './place.ts';
import { isNeutral, MEAN_PITCH, NEUTRAL } from './prosody.ts';
import { ScriptBuilder } from './script-builder.ts';
import { readXml, type XmlElement, type XmlText } from './xml.ts';

/** Options of {@link readSsml}. */
export interface SsmlOptions {
  /** Mean pitch of the voice in Hz, which changes given in Hz count from. Default {@link MEAN_PITCH}. */
  readonly meanPitch?: number;
  /** Collects what has no effect; strict ones make errors of it. Default: dropped. */
  readonly warnings?: Warnings;
}

/** Longest silence by `break` and the like in one document, in ms. */
export const MAX_BREAKS_MS = 60_000;

/** Attributes that any element may have and that say nothing about speech. */
const XML_ONLY = /^(?:xmlns|xsi)(?::|$)|^xml:(?:base|id|space)$/;
/** An element that does nothing but hold text. */
const TRANSPARENT: Element = { attributes: [] };
const NO_REPORT: Report = () => {};

/** An element that is open. */
interface Frame {
  readonly element: XmlElement;
  /** Its name, whatever its prefix. */
  readonly name: string;
  readonly kind: Element;
  delivery: Delivery;
  readonly controls: SpeechControls;
  readonly namespaces: Namespaces;
  /** Names of lexicons that are in force. */
  readonly lookups: readonly string[];
  /** Where to report what elements inside can't do. */
  readonly report: Report;
  /** What its own contour runs over; the end is known when it closes. */
  readonly contourSpan: { start: number; end: number } | undefined;
  /** Pause at its end in ms. */
  tailing: number | undefined;
  /** Text of an element that holds nothing else. */
  readonly texts: XmlText[];
}

/**
 * Reads SSML: W3C SSML 1.1, and the extensions of Amazon Polly and Alexa, Azure Speech and Google Cloud Text-to-Speech.
 *
 * What has no effect is reported to `warnings`, and the text is spoken without it: unknown elements and attributes, values that can't be
 * read, recordings and lexicons that would have to be fetched. In strict mode each of these is an error.
 *
 * The standard leaves open what is decided here: `p` and `s` end a sentence; `voice`, `lang` and `express-as` begin an utterance but
 * not a sentence; breaks in a row add up; inside `prosody` and `emphasis` rates and ranges multiply, semitones and dB add, and the sum
 * stops at the range of the matching request field; a nested `contour` replaces the outer one. A line break is a space, an empty line
 * ends a paragraph.
 *
 * @param input what {@link isSsml} says is SSML.
 * @throws {SoriError} `invalid_ssml`, param `input`, naming the element and its place (line, column, offset): for XML that is not
 *   well-formed, and in strict mode for what has no effect.
 */
export function readSsml(input: string, options: SsmlOptions = {}): Script {
  return new SsmlReader(input, options).read();
}

class SsmlReader {
  readonly #input: string;
  readonly #meanPitch: number;
  readonly #warnings: Warnings | undefined;
  readonly #strict: boolean;
  readonly #builder = new ScriptBuilder();
  readonly #frames: Frame[] = [];
  /** Lexemes of lexicons by their name; those without a name under `''`. */
  readonly #lexicons = new Map<string, Lexeme[]>();
  readonly #finders = new Map<string, LexemeFinder>();
  #skipping = 0;
  #silence = 0;

  constructor(input: string, { meanPitch = MEAN_PITCH, warnings }: SsmlOptions) {
    this.#input = input;
    this.#meanPitch = meanPitch;
    this.#warnings = warnings;
    this.#strict = warnings?.strict ?? false;
  }

  read(): Script {
    readXml(this.#input, {
      doctype: (start) => this.#doctype(start),
      open: (element) => this.#act(element, () => this.#open(element)),
      text: (text) => this.#text(text),
      close: (element, tag) => this.#act(element, () => this.#close(tag)),
    });
    return this.#builder.build();
  }

  /** What an element does, with its place in the message if it can't be done. */
  #act(element: XmlElement, action: () => void): void {
    try {
      action();
    } catch (cause) {
      if (cause instanceof Unreadable)
        throw invalidSsml(this.#input, element.tag.start, element.name, cause.message);
      throw cause;
    }
  }

  /** Reports for an element: warnings, or the first one thrown. */
  #reportFor({ name, tag }: XmlElement): Report {
    return (code, what, instead = '') => {
      if (this.#strict) throw new Unreadable(what);
      this.#warnings?.add(code, `<${shorten(name)}>: ${what} ${instead}`.trim(), tag.start);
    };
  }

  #doctype(start: number): void {
    const what = 'DOCTYPE and entity definitions are refused: no document type is fetched.';
    if (this.#strict) throw invalidSsml(this.#input, start, undefined, what);
    this.#warnings?.add(
      'ignored_element',
      'The document type declaration has no effect: no document type is fetched.',
      start,
    );
  }

  #open(element: XmlElement): void {
    const parent = this.#frames.at(-1);
    const namespaces = declare(parent?.namespaces ?? NO_NAMESPACES, element.attributes);
    const name = canonicalName(element.name, namespaces);
    if (this.#skipping > 0 || (parent && SKIPPED.has(name))) {
      this.#skipping++;
      return;
    }
    const report = parent?.report === NO_REPORT ? NO_REPORT : this.#reportFor(element);
    const kind = this.#kindOf(element, name, parent, report);
    const { attributes } = element;
    const outer = parent?.controls ?? NEUTRAL;
    const context: Context = {
      outer,
      meanPitch: this.#meanPitch,
      mstts: declaresMstts(namespaces),
      report,
    };
    kind.ignored?.(attributes, context);
    const section = attempt(report, () => kind.section?.(attributes, context), undefined);
    const controls = attempt(report, () => kind.controls?.(attributes, context) ?? outer, outer);
    const own = attempt(report, () => kind.delivery?.(attributes, context), undefined);
    const start = element.tag.end;
    const contourSpan = controls.contour === outer.contour ? undefined : { start, end: start };
    const placed = contourSpan ? { ...controls, contourSpan } : controls;
    const delivery: Delivery = {
      ...parent?.delivery,
      ...own,
      section: inherit(parent?.delivery.section ?? {}, section),
      controls: isNeutral(placed) ? undefined : placed,
    };
    if (kind.sentence) this.#builder.addSentenceEnd(element.tag, parent?.delivery ?? delivery);
    // Each sign of an opaque element is a word.
    if (kind.word || parent?.report === NO_REPORT) this.#builder.addWordBoundary();
    this.#pause(
      attempt(report, () => kind.pause?.(attributes, context), undefined),
      element.tag,
      delivery,
      report,
    );
    const mark = attempt(report, () => kind.mark?.(attributes), undefined);
    if (mark !== undefined) this.#builder.addMark(mark, element.tag);
    const lexicon = attempt(report, () => kind.lexicon?.(attributes, context), undefined);
    if (lexicon) {
      this.#lexicons.set(lexicon.id ?? '', [
        ...(this.#lexicons.get(lexicon.id ?? '') ?? []),
        ...lexicon.lexemes,
      ]);
      this.#finders.clear();
    }
    const pauses = attempt(report, () => kind.voicePauses?.(attributes, context), undefined);
    if (pauses) this.#voicePauses(pauses, element.tag, report);
    const lookup = kind.lookup?.(attributes);
    this.#frames.push({
      element,
      name,
      kind,
      delivery,
      controls: placed,
      namespaces,
      lookups: lookup === undefined ? (parent?.lookups ?? []) : [...(parent?.lookups ?? []), lookup],
      report: kind.opaque ? NO_REPORT : report,
      contourSpan,
      tailing: undefined,
      texts: [],
    });
  }

  /** What an element does where it stands. */
  #kindOf(element: XmlElement, name: string, parent: Frame | undefined, report: Report): Element {
    const kind = Object.hasOwn(ELEMENTS, name) ? ELEMENTS[name] : undefined;
    if (!kind) {
      const what = `The element ${quote(element.name)} is unknown. There are ${W3C_NAMES.join(', ')}, and those of vendors.`;
      if (this.#strict) report('ignored_element', what);
      report('ignored_element', 'The element is unknown.', 'Its text is spoken.');
      return TRANSPARENT;
    }
    if (parent === undefined) {
      if (name !== 'speak') throw new Unreadable('The outermost element has to be speak.');
    } else if (name === 'speak' && !this.#frames.some((frame) => frame.name === 'media')) {
      report('ignored_element', 'speak can only be the outermost element.', 'Its text is spoken.');
    }
    const holder = this.#frames.findLast((frame) => frame.kind.speak);
    if (holder && kind !== TRANSPARENT && !(kind.mark && !this.#strict)) {
      report('ignored_element', `${holder.element.name} can hold text only.`, 'The element has no effect.');
      return TRANSPARENT;
    }
    const missing = kind.required?.find(
      (attribute) => (element.attributes.get(attribute) ?? '').trim() === '',
    );
    this.#checkAttributes(element, kind, report);
    if (missing === undefined) return kind;
    report('ignored_element', `The attribute ${missing} is missing.`, 'The element has no effect.');
    return TRANSPARENT;
  }

  #checkAttributes({ attributes }: XmlElement, kind: Element, report: Report): void {
    for (const attribute of attributes.keys()) {
      if (kind.attributes.includes(attribute) || XML_ONLY.test(attribute)) continue;
      if (kind.attributes.some((one) => one.startsWith('xml:') && one === attribute)) continue;
      const known = kind.attributes.length === 0 ? 'none' : kind.attributes.join(', ');
      const what = `The attribute ${quote(attribute)} is unknown here. It can have ${known}.`;
      if (this.#strict) report('ignored_attribute', what);
      report('ignored_attribute', `The attribute ${quote(attribute)} has no effect.`);
    }
  }

  /** Adds a pause, as long as all pauses together are no longer than {@link MAX_BREAKS_MS}. */
  #pause(ms: number | undefined, tag: Span, delivery: Delivery, report: Report): void {
    if (ms === undefined) return;
    const allowed = Math.min(ms, MAX_BREAKS_MS - this.#silence);
    if (allowed < ms) {
      const what = `All breaks together are longer than ${MAX_BREAKS_MS / 1000} seconds.`;
      report('approximated', what, 'What is beyond that is left out.');
    }
    this.#silence += allowed;
    this.#builder.addBreak(allowed, tag, delivery);
  }

  /** Pauses that hold for the voice element around, from here on. */
  #voicePauses({ leading, tailing, bySign }: VoicePauses, tag: Span, report: Report): void {
    const from = Math.max(
      0,
      this.#frames.findLastIndex(({ name }) => name === 'voice'),
    );
    const voice = this.#frames[from];
    this.#pause(leading, tag, voice.delivery, report);
    if (tailing !== undefined) voice.tailing = tailing;
    if (!bySign) return;
    for (const frame of this.#frames.slice(from)) {
      frame.delivery = { ...frame.delivery, pauses: { ...frame.delivery.pauses, ...bySign } };
    }
  }

  #text(text: XmlText): void {
    const frame = this.#frames.at(-1);
    if (this.#skipping > 0 || frame === undefined) return;
    if (frame.kind.empty && text.text.trim() !== '') {
      this.#act(frame.element, () =>
        frame.report('ignored_element', 'It can hold no text.', 'The text is spoken.'),
      );
    }
    const holder = this.#frames.findLast(({ kind }) => kind.speak);
    if (holder) holder.texts.push(text);
    else this.#addText(text, frame);
  }

  /** Adds text, and what lexicons say for its words. */
  #addText(text: XmlText, { delivery, lookups }: Pick<Frame, 'delivery' | 'lookups'>): void {
    if (this.#lexicons.size === 0) {
      this.#builder.addText(text, delivery);
      return;
    }
    for (const part of this.#finder(lookups).split(text)) {
      if (!part.lexeme) {
        this.#builder.addText(part.text, delivery);
        continue;
      }
      const span = { start: part.text.starts[0], end: part.text.ends[part.text.ends.length - 1] };
      const { spoken } = part.lexeme;
      if ('alias' in spoken) this.#builder.addInstead(spoken.alias, span, delivery);
      else this.#builder.addReading({ words: spoken.words }, part.text.text, span, delivery);
    }
  }

  #finder(lookups: readonly string[]): LexemeFinder {
    const names = ['', ...lookups];
    const key = names.join('\n');
    const finder =
      this.#finders.get(key) ?? new LexemeFinder(names.flatMap((name) => this.#lexicons.get(name) ?? []));
    this.#finders.set(key, finder);
    return finder;
  }

  #close(tag: Span): void {
    if (this.#skipping > 0) {
      this.#skipping--;
      return;
    }
    const frame = this.#frames.pop()!;
    const { element, kind, delivery, report, contourSpan, texts } = frame;
    if (kind.speak) this.#speak(frame, joined(texts), tag);
    // A leading pause of the next voice would add up with it.
    if (frame.tailing !== undefined) this.#pause(frame.tailing, tag, delivery, this.#reportFor(element));
    if (kind.sentence) this.#builder.addSentenceEnd(tag, delivery);
    if (kind.word || report === NO_REPORT) this.#builder.addWordBoundary();
    if (contourSpan) contourSpan.end = Math.max(contourSpan.start, tag.start);
  }

  /** Speaks an element in its own way, or its text as it is where that can't be done. */
  #speak(frame: Frame, text: XmlText, tag: Span): void {
    const { element, kind, delivery, report, controls } = frame;
    const span = trimmedSpan(text) ?? { start: element.tag.start, end: tag.end };
    const place: Place = {
      outer: controls,
      meanPitch: this.#meanPitch,
      mstts: declaresMstts(frame.namespaces),
      report,
      builder: this.#builder,
      span,
      delivery,
      asText: () => this.#addText(text, frame),
      pause: (ms) => this.#pause(ms, span, delivery, report),
    };
    const spoken = attempt(
      report,
      () => {
        kind.speak?.(element.attributes, text.text, place);
        return true;
      },
      false,
      'The text is spoken as it is.',
    );
    if (!spoken) this.#addText(text, frame);
  }
}

const NO_NAMESPACES: Namespaces = new Map();

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

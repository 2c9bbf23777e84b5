import { primarySubtag } from '../language.ts';
import type { Delivery, Script, Section } from '../script.ts';
import type { Span } from '../types.ts';
import type { Warnings } from '../warnings.ts';
import type { Context, Element, Place, VoicePauses } from './element.ts';
import { ELEMENTS, SKIPPED, W3C_NAMES } from './elements.ts';
import {
  checkAttributes,
  type Frame,
  inherit,
  joined,
  NO_NAMESPACES,
  NO_REPORT,
  TRANSPARENT,
  trimmedSpan,
} from './frame.ts';
import { Lexicons } from './lexicons.ts';
import { canonicalName, declare, declaresMstts } from './names.ts';
import { attempt, invalidSsml, quote, type Report, shorten, Unreadable } from './place.ts';
import { isNeutral, MEAN_PITCH, NEUTRAL } from './prosody.ts';
import { ScriptBuilder } from './script-builder.ts';
import { readXml, type XmlElement, type XmlText } from './xml.ts';

/** Options of {@link readSsml}. */
export interface SsmlOptions {
  /** Mean pitch of the voice in Hz, which changes given in Hz count from. Default {@link MEAN_PITCH}. */
  readonly meanPitch?: number;
  /** Collects markup without effect; strict warnings are thrown. Default: dropped. */
  readonly warnings?: Warnings;
  /** BCP 47 tag of the text as a whole. Default `en`. */
  readonly language?: string;
  /** Whether the text at an offset of the input is Korean: then `say-as` and `phoneme` are read by its rules. Default: nowhere. */
  readonly koreanAt?: (offset: number) => boolean;
}

/** Maximum total silence of `break` and similar elements in a document, in ms. */
export const MAX_BREAKS_MS = 60_000;

/**
 * Reads SSML: W3C SSML 1.1, and the extensions of Amazon Polly and Alexa, Azure Speech and Google Cloud Text-to-Speech.
 *
 * Markup without effect is reported to `warnings`, and the text is spoken without it: unknown elements and attributes, invalid values,
 * recordings and lexicons that would have to be fetched. In strict mode each of these is an error.
 *
 * Decisions that the standard leaves open: `p` and `s` end a sentence; `voice`, `lang` and `express-as` begin an utterance but
 * not a sentence; breaks in a row add up; inside `prosody` and `emphasis` rates and ranges multiply, semitones and dB add, and the sum
 * stops at the range of the matching request field; a nested `contour` replaces the outer one. A line break is a space, an empty line
 * ends a paragraph.
 *
 * @param input text for which {@link isSsml} is true.
 * @throws {SoriError} `invalid_ssml`, param `input`, naming the element and its place (line, column, offset): for XML that is not
 *   well-formed, and in strict mode for what has no effect.
 */
export function readSsml(input: string, options: SsmlOptions = {}): Script {
  return new SsmlReader(input, options).read();
}

/** Korean has one accent: markup that states Korean inside Korean changes nothing, and so begins no utterance. */
function withoutSameKorean(section: Section | undefined, outer: string): Section | undefined {
  const isSame = section?.language !== undefined && primarySubtag(section.language) === 'ko';
  return isSame && primarySubtag(outer) === 'ko' ? { ...section, language: undefined } : section;
}

class SsmlReader {
  readonly #input: string;
  readonly #meanPitch: number;
  readonly #warnings: Warnings | undefined;
  readonly #strict: boolean;
  readonly #language: string;
  readonly #koreanAt: (offset: number) => boolean;
  readonly #builder = new ScriptBuilder();
  readonly #frames: Frame[] = [];
  readonly #lexicons = new Lexicons();
  #skipping = 0;
  #silence = 0;

  constructor(
    input: string,
    { meanPitch = MEAN_PITCH, warnings, language = 'en', koreanAt = () => false }: SsmlOptions,
  ) {
    this.#input = input;
    this.#language = language;
    this.#koreanAt = koreanAt;
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

  /** Runs the action of an element. Errors name the element and its position. */
  #act(element: XmlElement, action: () => void): void {
    try {
      action();
    } catch (cause) {
      if (cause instanceof Unreadable)
        throw invalidSsml(this.#input, element.tag.start, element.name, cause.message);
      throw cause;
    }
  }

  /** Reports problems of an element: as warnings, or in strict mode as an error. */
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
    const outerSection = parent?.delivery.section ?? {};
    const section = withoutSameKorean(
      attempt(report, () => kind.section?.(attributes, context), undefined),
      outerSection.language ?? this.#language,
    );
    const controls = attempt(report, () => kind.controls?.(attributes, context) ?? outer, outer);
    const own = attempt(report, () => kind.delivery?.(attributes, context), undefined);
    const start = element.tag.end;
    const contourSpan = controls.contour === outer.contour ? undefined : { start, end: start };
    const placed = contourSpan ? { ...controls, contourSpan } : controls;
    const delivery: Delivery = {
      ...parent?.delivery,
      ...own,
      section: inherit(outerSection, section),
      controls: isNeutral(placed) ? undefined : placed,
    };
    if (kind.sentence) this.#builder.addSentenceEnd(element.tag, parent?.delivery ?? delivery);
    // Each part of an opaque element is a word.
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
    if (lexicon) this.#lexicons.add(lexicon.id ?? '', lexicon.lexemes);
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

  /** Behaviour of an element at its position. */
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
    checkAttributes(element, kind, this.#strict, report);
    if (missing === undefined) return kind;
    report('ignored_element', `The attribute ${missing} is missing.`, 'The element has no effect.');
    return TRANSPARENT;
  }

  /** Adds a pause, shortened so that all pauses together are at most {@link MAX_BREAKS_MS}. */
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

  /** Sets the pauses of the enclosing voice element, from here on. */
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

  /** Adds text, with the readings of lexicons for its words. */
  #addText(text: XmlText, { delivery, lookups }: Pick<Frame, 'delivery' | 'lookups'>): void {
    if (this.#lexicons.empty) {
      this.#builder.addText(text, delivery);
      return;
    }
    for (const part of this.#lexicons.finder(lookups).split(text)) {
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

  #close(tag: Span): void {
    if (this.#skipping > 0) {
      this.#skipping--;
      return;
    }
    const frame = this.#frames.pop()!;
    const { element, kind, delivery, report, contourSpan, texts } = frame;
    if (kind.speak) this.#speak(frame, joined(texts), tag);
    // Added here, so that a leading pause of the next voice adds up with it.
    if (frame.tailing !== undefined) this.#pause(frame.tailing, tag, delivery, this.#reportFor(element));
    if (kind.sentence) this.#builder.addSentenceEnd(tag, delivery);
    if (kind.word || report === NO_REPORT) this.#builder.addWordBoundary();
    if (contourSpan) contourSpan.end = Math.max(contourSpan.start, tag.start);
  }

  /** Speaks an element in its own way, or its plain text if that fails. */
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
      koreanBefore: this.#koreanAt(element.tag.start)
        ? /^[^<&]{0,8}/.exec(this.#input.slice(tag.end))![0]
        : undefined,
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

import type { Delivery, Script } from '../script.ts';
import type { Span } from '../types.ts';
import type { Warnings } from '../warnings.ts';
import { behaviourOf } from './behaviour.ts';
import type { Context, Place, VoicePauses } from './element.ts';
import { SKIPPED } from './elements.ts';
import {
  type Frame,
  inherit,
  joined,
  NO_NAMESPACES,
  NO_REPORT,
  trimmedSpan,
  withoutSameKorean,
} from './frame.ts';
import { canonicalName, declare, declaresMstts } from './names.ts';
import { SsmlOutput } from './output.ts';
import { attempt, invalidSsml, type Report, shorten, Unreadable } from './place.ts';
import { isNeutral, MEAN_PITCH, NEUTRAL } from './prosody.ts';
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

class SsmlReader {
  readonly #input: string;
  readonly #meanPitch: number;
  readonly #warnings: Warnings | undefined;
  readonly #strict: boolean;
  readonly #language: string;
  readonly #koreanAt: (offset: number) => boolean;
  readonly #output = new SsmlOutput();
  readonly #frames: Frame[] = [];
  #skipping = 0;

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
    return this.#output.builder.build();
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
    const kind = behaviourOf(element, name, this.#frames, this.#strict, report);
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
    if (kind.sentence) this.#output.builder.addSentenceEnd(element.tag, parent?.delivery ?? delivery);
    // Each part of an opaque element is a word.
    if (kind.word || parent?.report === NO_REPORT) this.#output.builder.addWordBoundary();
    this.#output.addPause(
      attempt(report, () => kind.pause?.(attributes, context), undefined),
      element.tag,
      delivery,
      report,
    );
    const mark = attempt(report, () => kind.mark?.(attributes), undefined);
    if (mark !== undefined) this.#output.builder.addMark(mark, element.tag);
    const lexicon = attempt(report, () => kind.lexicon?.(attributes, context), undefined);
    if (lexicon) this.#output.lexicons.add(lexicon.id ?? '', lexicon.lexemes);
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

  /** Sets the pauses of the enclosing voice element, from here on. */
  #voicePauses({ leading, tailing, bySign }: VoicePauses, tag: Span, report: Report): void {
    const from = Math.max(
      0,
      this.#frames.findLastIndex(({ name }) => name === 'voice'),
    );
    const voice = this.#frames[from];
    this.#output.addPause(leading, tag, voice.delivery, report);
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
    else this.#output.addText(text, frame);
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
    if (frame.tailing !== undefined)
      this.#output.addPause(frame.tailing, tag, delivery, this.#reportFor(element));
    if (kind.sentence) this.#output.builder.addSentenceEnd(tag, delivery);
    if (kind.word || report === NO_REPORT) this.#output.builder.addWordBoundary();
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
      builder: this.#output.builder,
      span,
      delivery,
      koreanBefore: this.#koreanAt(element.tag.start)
        ? /^[^<&]{0,8}/.exec(this.#input.slice(tag.end))![0]
        : undefined,
      asText: () => this.#output.addText(text, frame),
      pause: (ms) => this.#output.addPause(ms, span, delivery, report),
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
    if (!spoken) this.#output.addText(text, frame);
  }
}

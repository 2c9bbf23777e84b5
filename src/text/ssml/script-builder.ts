import {
  type Break,
  type Delivery,
  type Reading,
  type Script,
  type ScriptMark,
  sameSection,
} from '../script.ts';
import type { Span } from '../types.ts';
import type { XmlText } from './xml.ts';

const LETTER = /[\p{L}\p{N}\p{M}]$/u;
/** A placeholder needs no space after these characters. */
const OPENS = /[\s([{"'“‘—–-]$/;
/** A placeholder needs no space before these: closing marks and a possessive. */
const CLOSES = /^(?:[\s,;:!?)\]}"”—–-]|…|\.(?![\p{L}\p{N}])|['’](?:[sS](?![\p{L}\p{N}])|(?![\p{L}\p{N}])))/u;
const SENTENCE_END = /[.?!…]["'”’)\]\s]*$/;
/** Characters before a section that are searched for the end of a sentence. */
const TAIL = 40;

/**
 * Builds a script from left to right. It separates parts with marks that the normalizer also handles in plain text: a line break between
 * sentences, a `|` at a break or where the voice changes, a placeholder word for what is not normalized.
 */
export class ScriptBuilder {
  #text = '';
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #deliveries: Delivery[] = [];
  readonly #readings: Reading[] = [];
  readonly #breaks: Break[] = [];
  readonly #marks: ScriptMark[] = [];
  /** Decides whether a space goes before the next text. */
  #gap: ((next: string) => boolean) | undefined;

  /** Adds text as it is. */
  addText({ text, starts, ends }: XmlText, delivery: Delivery): void {
    if (text === '') return;
    this.#enter(delivery, starts[0], text.trim() !== '');
    if (this.#gap?.(text)) this.#put(' ', { start: starts[0], end: starts[0] }, delivery);
    this.#gap = undefined;
    this.#text += text;
    for (let i = 0; i < text.length; i++) {
      this.#starts.push(starts[i]);
      this.#ends.push(ends[i]);
      this.#deliveries.push(delivery);
    }
  }

  /** Adds text that is spoken in place of the text at `span`. It is normalized like any other text. */
  addInstead(text: string, span: Span, delivery: Delivery): void {
    const touches = this.#gap?.(text) || (LETTER.test(this.#text.slice(-2)) && /^[\p{L}\p{N}]/u.test(text));
    this.#enter(delivery, span.start, true);
    if (touches) this.#put(' ', { start: span.start, end: span.start }, delivery);
    this.#gap = undefined;
    this.#put(text, span, delivery);
    this.addWordBoundary();
  }

  /** Adds a word whose pronunciation or tokens are given. The normalizer gets a placeholder. */
  addReading(spoken: Reading['spoken'], written: string, span: Span, delivery: Delivery): void {
    this.#standApart(span, delivery);
    const start = this.#text.length;
    // No rule changes this noun. A capital may begin a sentence or a name.
    this.#put(/^\p{Lu}/u.test(written.trim()) ? 'Thing' : 'thing', span, delivery);
    this.#readings.push({ span: { start, end: this.#text.length }, spoken });
    this.#gap = (next) => !CLOSES.test(next);
  }

  /** Separates the words on both sides. Hangul stays joined to what is before it: it may be a particle. */
  addWordBoundary(): void {
    this.#gap ??= (next) =>
      LETTER.test(this.#text.slice(-2)) && /^(?!\p{Script=Hangul})[\p{L}\p{N}]/u.test(next);
  }

  /** Ends the sentence. */
  addSentenceEnd(span: Span, delivery: Delivery): void {
    this.#gap = undefined;
    this.#put('\n', span, delivery);
  }

  /** Adds a pause of `ms`; 0 removes the existing one. */
  addBreak(ms: number, span: Span, delivery: Delivery): void {
    this.#enter(delivery, span.start, true);
    this.#gap = undefined;
    if (ms > 0) this.#put(' ', span, delivery);
    this.#breaks.push({ at: this.#text.length, ms });
    this.#put(ms > 0 ? '| ' : ' ', span, delivery);
  }

  /** Adds a mark at the current place. */
  addMark(name: string, span: Span): void {
    this.#marks.push({ name, at: this.#text.length, span });
  }

  /** The finished script. */
  build(): Script {
    const [starts, ends, deliveries] = [this.#starts, this.#ends, this.#deliveries];
    const last = starts.length - 1;
    return {
      text: this.#text,
      original({ start, end }) {
        if (end > start) return { start: starts[start], end: ends[end - 1] };
        const at = start > last ? (ends[last] ?? 0) : starts[start];
        return { start: at, end: at };
      },
      delivery: (at) => deliveries[Math.min(at, last)],
      readings: this.#readings,
      breaks: this.#breaks,
      marks: this.#marks,
    };
  }

  #standApart(span: Span, delivery: Delivery): void {
    this.#enter(delivery, span.start, true);
    if (this.#gap !== undefined || (this.#text !== '' && !OPENS.test(this.#text.slice(-1)))) {
      this.#put(' ', { start: span.start, end: span.start }, delivery);
    }
    this.#gap = undefined;
  }

  /** Separates two sections, so that no rule matches across them. */
  #enter(delivery: Delivery, at: number, spoken: boolean): void {
    const before = this.#deliveries.at(-1);
    if (!spoken || before === undefined || sameSection(before.section, delivery.section)) return;
    const end = SENTENCE_END.test(this.#text.slice(-TAIL)) ? '\n' : ' | ';
    this.#put(end, { start: at, end: at }, { ...before, section: delivery.section });
    this.#gap = undefined;
  }

  #put(text: string, { start, end }: Span, delivery: Delivery): void {
    this.#text += text;
    for (let i = 0; i < text.length; i++) {
      this.#starts.push(start);
      this.#ends.push(end);
      this.#deliveries.push(delivery);
    }
  }
}

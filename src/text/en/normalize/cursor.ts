import type { Span, SpokenToken } from '../../types.ts';
import type { CleanText } from './clean.ts';
import { withAnd } from './numbers/numbers.ts';

/** Counts the tokenizer's work: attempts to match a pattern, each over at most {@link WINDOW} characters, and steps. */
export interface Meter {
  steps: number;
  /** Collects the patterns tried, on request. */
  readonly patterns?: Set<RegExp>;
}

/**
 * Maximum number of characters that a rule may look ahead. It bounds the work per position, so tokenizing takes linear time.
 */
export const WINDOW = 256;

const NEVER = 1000;

type Pause = Extract<SpokenToken, { kind: 'pause' }>['text'];
const PAUSE_RANK: Readonly<Record<Pause, number>> = {
  ',': 0,
  ';': 1,
  ':': 2,
  '—': 3,
  '…': 4,
  '.': 4,
  '!': 6,
  '?': 7,
};

/** Position in a line of text at which rules read, and the spoken tokens so far. */
export class Cursor {
  readonly tokens: SpokenToken[];
  /** British English: the day before the month, "and" in numbers. */
  readonly british: boolean;
  /** Offset in the cleaned text. */
  pos = 0;
  /** End of the line in the cleaned text. */
  end = 0;
  /** Up to {@link WINDOW} characters from `pos`, not past the line's end. */
  window = '';
  /** Whether the line is in capitals throughout, so that capitals don't mark initialisms. */
  shouting = false;
  /** Straight or curly double quotes opened and not closed on this line: distinguishes `12"` (inches) from a closing quote. */
  quoteOpen = false;
  /** The word before, as written in the cleaned text, if there is only space between; else ''. */
  before = '';
  /** The word before that one, under the same condition. */
  beforeThat = '';
  /** Whether nothing but space precedes on the line. */
  atLineStart = true;
  /** Words since a number in digits on this line: a house number makes `Dr.` a drive. */
  wordsSinceNumber = NEVER;

  /** Characters that no rule could read: letters and signs without a spoken form, neighbours joined. */
  readonly unread: Span[] = [];
  /** Name of the rule that is tried: tokens carry it. */
  rule = '';

  #soft: Span | undefined;
  #lineStart = 0;
  /** Tokens before the line: a pause that opens a line is no one's. */
  #lineTokens = 0;
  readonly #clean: CleanText;
  readonly #original: string;
  readonly #meter: Meter | undefined;

  constructor(clean: CleanText, original: string, tokens: SpokenToken[], meter?: Meter, british = false) {
    this.#clean = clean;
    this.#original = original;
    this.tokens = tokens;
    this.british = british;
    this.#meter = meter;
  }

  /** Starts on the line `[start, end)` of the cleaned text. */
  startLine(start: number, end: number): void {
    this.#lineStart = start;
    this.#lineTokens = this.tokens.length;
    this.end = end;
    this.before = '';
    this.beforeThat = '';
    this.wordsSinceNumber = NEVER;
    this.atLineStart = true;
    this.quoteOpen = false;
    this.#soft = undefined;
    this.moveTo(start);
  }

  /** Goes to an offset of the cleaned text. */
  moveTo(pos: number): void {
    this.pos = pos;
    this.window = this.#clean.text.slice(pos, Math.min(pos + WINDOW, this.end));
  }

  /** Matches a sticky pattern at `offset` characters from here. */
  match(pattern: RegExp, offset = 0): RegExpExecArray | null {
    this.step();
    this.#meter?.patterns?.add(pattern);
    pattern.lastIndex = offset;
    return pattern.exec(this.window);
  }

  /** Counts `n` units of work. */
  step(n = 1): void {
    if (this.#meter) this.#meter.steps += n;
  }

  /** The character before this position on the line, or ''. */
  get previous(): string {
    return this.pos > this.#lineStart ? this.#clean.text[this.pos - 1] : '';
  }

  /** Up to `length` characters of the line before this position. */
  behind(length = 48): string {
    this.step();
    return this.#clean.text.slice(Math.max(this.#lineStart, this.pos - length), this.pos);
  }

  /** The cleaned text's character at an absolute offset, '' at the line's end. */
  charAt(offset: number): string {
    return offset < this.end ? this.#clean.text[offset] : '';
  }

  /** A stretch of the cleaned text by absolute offsets. */
  slice(start: number, end: number): string {
    return this.#clean.text.slice(start, end);
  }

  /** Span in the original text of `[from, to)`, both relative to this position. */
  span(from: number, to: number): Span {
    const { starts, ends } = this.#clean;
    if (to > from) return { start: starts[this.pos + from], end: ends[this.pos + to - 1] };
    const at = this.pos + from;
    const start = at < starts.length ? starts[at] : this.#original.length;
    return { start, end: start };
  }

  /** Reads the text `[from, to)` as these words, which are separated by spaces; a `,` among them is a pause. */
  say(words: string, from: number, to: number): void {
    this.#flush();
    const span = this.span(from, to);
    const source = this.#original.slice(span.start, span.end);
    for (const text of (this.british ? withAnd(words) : words).split(' ')) {
      if (text === '') continue;
      if (text === ',') this.pause(',', from, to);
      // A single capital is a letter's name.
      else if (text.length === 1 && text >= 'A' && text <= 'Z') {
        this.tokens.push({ kind: 'letter', text: text.toLowerCase(), span, rule: this.rule });
      } else this.tokens.push({ kind: 'word', text, span, source, rule: this.rule });
    }
  }

  /** The original text of `[from, to)`. */
  source(from: number, to: number): string {
    const { start, end } = this.span(from, to);
    return this.#original.slice(start, end);
  }

  /** Speaks IPA for the text `[from, to)`. */
  sayIpa(ipa: string, from: number, to: number): void {
    this.#flush();
    const span = this.span(from, to);
    const text = this.#original.slice(span.start, span.end);
    this.tokens.push({ kind: 'ipa', ipa, text, span, rule: this.rule });
  }

  /** Notes what a rule has just read, as company for the next word. */
  remember(written: string, spoken: boolean): void {
    if (this.tokens.at(-1)?.kind === 'pause' || this.#soft !== undefined) {
      this.before = '';
      this.beforeThat = '';
    } else if (spoken) {
      this.beforeThat = this.before;
      this.before = written;
    }
    if (spoken) this.wordsSinceNumber = /^\d/.test(written) ? 0 : this.wordsSinceNumber + 1;
  }

  /** Notes that `[0, length)` has no spoken form. White space, marks and controls need none. */
  leaveOut(length: number): void {
    const span = this.span(0, length);
    const written = this.#original.slice(span.start, span.end);
    if (!/[\p{L}\p{N}\p{S}]/u.test(written)) return;
    const last = this.unread.at(-1);
    const gap = last && this.#original.slice(last.end, span.start);
    if (last && gap !== undefined && /^[\p{M}\p{P}\p{Cf} ]{0,2}$/u.test(gap)) {
      this.unread[this.unread.length - 1] = { start: last.start, end: span.end };
    } else this.unread.push(span);
  }

  /** Puts a pause; of neighbouring pauses the strongest stays, and none comes first. */
  pause(text: Pause, from: number, to: number): void {
    this.#soft = undefined;
    this.#put(text, this.span(from, to));
  }

  /** Ends the sentence at the line break at this position. A colon before lines that have no spoken form introduces nothing. */
  endSentence(): void {
    const last = this.tokens.at(-1);
    if (this.tokens.length === this.#lineTokens && last?.kind === 'pause' && last.text === ':') {
      this.tokens[this.tokens.length - 1] = { kind: 'pause', text: '.', span: this.span(0, 1) };
    } else this.pause('.', 0, 1);
  }

  /** Puts a `,` pause if another word follows on the line: brackets and emoji set their content off. */
  softPause(from: number, to: number): void {
    this.#soft ??= this.span(from, to);
  }

  #flush(): void {
    if (this.#soft !== undefined) this.#put(',', this.#soft);
    this.#soft = undefined;
  }

  #put(text: Pause, span: Span): void {
    const last = this.tokens.at(-1);
    if (last === undefined || this.tokens.length === this.#lineTokens) return;
    if (last.kind !== 'pause') this.tokens.push({ kind: 'pause', text, span });
    else if (PAUSE_RANK[text] > PAUSE_RANK[last.text]) {
      this.tokens[this.tokens.length - 1] = { kind: 'pause', text, span };
    }
  }
}

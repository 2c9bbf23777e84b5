import type { EnglishPronouncer } from '../latin/latin.ts';
import type { FoldedText } from './fold.ts';

/** A range of the folded text and its spoken form: Hangul words separated by spaces, with pause marks as separate words. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly say: string;
}

/** Result of a rule: the number of characters that it matched and their spoken form. */
export interface Found {
  readonly length: number;
  readonly say: string;
}

/** Reads at an offset of the text. Returns `undefined` if the rule doesn't apply. */
export type Rule = (scan: Scan, at: number) => Found | undefined;

/** Maximum number of characters that a rule may look back or ahead. It bounds the work at each position, so that the total is linear. */
const LOOK_BACK = 24;
const LOOK_AHEAD = 320;

/** The text that rules read. */
export class Scan {
  readonly text: string;
  readonly english: EnglishPronouncer | undefined;
  /** Offsets in the folded text that neither markup nor rules could read. */
  readonly unread: { readonly start: number; readonly end: number }[] = [];
  /** Pieces so far. */
  readonly pieces: Piece[] = [];
  #window = '';
  #from = -1;

  constructor(folded: FoldedText, english?: EnglishPronouncer) {
    this.text = folded.text;
    this.english = english;
  }

  /**
   * Matches a sticky pattern at an offset. The pattern doesn't see the text before the offset, and the `index` of the match has no meaning.
   */
  match(pattern: RegExp, at: number): RegExpExecArray | null {
    if (this.#from < 0 || at < this.#from || at > this.#from + LOOK_AHEAD / 2) {
      this.#from = at;
      this.#window = this.text.slice(at, at + LOOK_AHEAD);
    }
    pattern.lastIndex = at - this.#from;
    return pattern.exec(this.#window);
  }

  /** The text just before an offset, on its line. */
  before(at: number): string {
    const text = this.text.slice(Math.max(0, at - LOOK_BACK), at);
    return text.slice(text.lastIndexOf('\n') + 1);
  }

  /** The text from an offset on, up to the end of the line or the longest look-ahead. */
  after(at: number): string {
    const text = this.text.slice(at, at + LOOK_BACK);
    const newline = text.indexOf('\n');
    return newline < 0 ? text : text.slice(0, newline);
  }

  /** The last spoken word, which decides the form of a particle. */
  get lastSaid(): string {
    for (let i = this.pieces.length - 1; i >= 0; i--) {
      const said = this.pieces[i].say.trimEnd();
      if (said !== '') return said;
    }
    return '';
  }
}

import type { EnglishPronouncer } from '../latin/latin.ts';
import type { FoldedText } from './fold.ts';

/** A stretch of the folded text and what is said for it: Hangul words parted by spaces, pause marks as words of their own. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly say: string;
}

/** What a rule found at a place: how many characters it took and what is said for them. */
export interface Found {
  readonly length: number;
  readonly say: string;
}

/** Reads at an offset of the text; undefined lets the next rule try. */
export type Rule = (scan: Scan, at: number) => Found | undefined;

/** How far back and how far ahead a rule may look: bounds the work at each place, so that the whole is linear. */
const LOOK_BACK = 24;
const LOOK_AHEAD = 320;

/** The text that rules read. */
export class Scan {
  readonly text: string;
  readonly english: EnglishPronouncer | undefined;
  /** What the markup and the rules could not read: offsets in the folded text. */
  readonly unread: { readonly start: number; readonly end: number }[] = [];
  /** Pieces so far. */
  readonly pieces: Piece[] = [];
  #window = '';
  #from = -1;

  constructor(folded: FoldedText, english?: EnglishPronouncer) {
    this.text = folded.text;
    this.english = english;
  }

  /** Matches a sticky pattern at an offset. The pattern sees nothing of the text before it; its `index` means nothing. */
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

  /** The text from an offset on, on its line; as much as any rule looks at. */
  after(at: number): string {
    const text = this.text.slice(at, at + LOOK_BACK);
    const newline = text.indexOf('\n');
    return newline < 0 ? text : text.slice(0, newline);
  }

  /** What was said last, without pauses: the word that a particle goes with. */
  get lastSaid(): string {
    for (let i = this.pieces.length - 1; i >= 0; i--) {
      const said = this.pieces[i].say.trimEnd();
      if (said !== '') return said;
    }
    return '';
  }
}

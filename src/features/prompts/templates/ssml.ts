import { invalidTemplate, KIND, type MessageElement, placeOf } from './elements.ts';
import { partedSigns, type Sign } from './neutral.ts';

/** State of the scanner. Slots are allowed in `text`, `"` and `'`. */
type Inside = 'text' | '"' | "'" | 'tag' | 'reference' | 'comment' | 'cdata' | 'instruction' | 'declaration';

const ENDS: Readonly<Partial<Record<Inside, string>>> = {
  comment: '-->',
  cdata: ']]>',
  instruction: '?>',
  declaration: '>',
};
const OPENINGS: readonly (readonly [string, Inside])[] = [
  ['<!--', 'comment'],
  ['<![CDATA[', 'cdata'],
  ['<?', 'instruction'],
  ['<!', 'declaration'],
  ['<', 'tag'],
];
const WHERE: Readonly<Record<Inside, string>> = {
  text: 'outside speak',
  '"': 'in an attribute',
  "'": 'in an attribute',
  tag: 'in a tag outside the quotes of an attribute',
  reference: 'in a reference (a single & is written &amp;)',
  comment: 'in a comment',
  cdata: 'in CDATA',
  instruction: 'in a processing instruction',
  declaration: 'in a declaration',
};
const REFERENCE = /&(?:#x([\dA-Fa-f]{1,6})|#(\d{1,7})|(\w+));/y;
const PREDEFINED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Follows the pieces of an SSML rendering, so that each is escaped for its position. */
export class SsmlScanner {
  #inside: Inside = 'text';
  /** Place of a reference. */
  #outside: Inside = 'text';
  #depth = 0;

  /** Description of the position of the next piece, for comparison. */
  get state(): string {
    return `${this.#inside} ${this.#depth}`;
  }

  /** Why a value is not allowed here; undefined if it is. */
  get refusal(): string | undefined {
    if (isQuote(this.#inside)) return undefined;
    return this.#inside === 'text' && this.#depth > 0 ? undefined : WHERE[this.#inside];
  }

  /** A scanner at the same place. */
  fork(): SsmlScanner {
    const fork = new SsmlScanner();
    fork.#inside = this.#inside;
    fork.#outside = this.#outside;
    fork.#depth = this.#depth;
    return fork;
  }

  /** The template's own SSML, with spaces where its text could make markup of plain text together with a value. */
  literal(text: string): string {
    const written: string[] = [];
    let run: Sign[] = [];
    /** An attribute that began in this literal: if it ends here too, no value is in it. */
    let whole = false;
    for (let at = 0; at < text.length; ) {
      const before = this.#inside;
      const length = this.#step(text, at);
      const piece = text.slice(at, at + length);
      if (isRead(before) && isRead(this.#inside)) {
        run.push({ written: piece, char: decoded(piece) });
      } else {
        written.push(partedSigns(run, whole), piece);
        run = [];
        whole = before === 'tag' && isQuote(this.#inside);
      }
      at += length;
    }
    written.push(partedSigns(run, false));
    return written.join('');
  }

  /** A value, escaped for the current position of the scanner. */
  value(text: string): string {
    return text.replace(/[&<>"']/g, (char) => ESCAPES[char]);
  }

  /** Reads on from `at` and returns how many characters it took. */
  #step(text: string, at: number): number {
    const inside = this.#inside;
    const char = text[at];
    if (inside === 'reference') {
      if (char === ';') this.#inside = this.#outside;
      return 1;
    }
    if (inside === 'tag') {
      if (char === '"' || char === "'") this.#inside = char;
      if (char === '>') {
        this.#inside = 'text';
        if (text[at - 1] === '/') this.#depth--;
      }
      return 1;
    }
    const end = ENDS[inside];
    if (end !== undefined) {
      if (!text.startsWith(end, at)) return 1;
      this.#inside = 'text';
      return end.length;
    }
    if (char === '&') return this.#reference(text, at);
    if (inside !== 'text') {
      if (char === inside) this.#inside = 'tag';
      return 1;
    }
    const opening = OPENINGS.find(([mark]) => text.startsWith(mark, at));
    if (!opening) return 1;
    this.#inside = opening[1];
    if (opening[1] === 'tag') this.#depth += text[at + 1] === '/' ? -1 : 1;
    return opening[0].length;
  }

  #reference(text: string, at: number): number {
    REFERENCE.lastIndex = at;
    const match = REFERENCE.exec(text);
    if (match) return match[0].length;
    this.#outside = this.#inside;
    this.#inside = 'reference';
    return 1;
  }
}

/**
 * Checks that every slot of an SSML template is at a position where text is allowed.
 * @throws {SoriError} `invalid_template`.
 */
export function checkSsmlSlots(elements: readonly MessageElement[]): void {
  check(elements, new SsmlScanner());
}

function check(elements: readonly MessageElement[], scanner: SsmlScanner): SsmlScanner {
  let at = scanner;
  for (const element of elements) {
    if (element.type === KIND.literal) {
      at.literal(element.value);
      continue;
    }
    if (at.refusal !== undefined) {
      const what = `A slot is not allowed ${at.refusal}. It is allowed in the text, and inside the quotes of an attribute.`;
      throw invalidTemplate(placeOf(element), what);
    }
    if (element.type === KIND.select || element.type === KIND.plural) at = checkBranches(element, at);
  }
  return at;
}

function checkBranches(
  element: Extract<MessageElement, { options: unknown }>,
  scanner: SsmlScanner,
): SsmlScanner {
  const ends = Object.values(element.options).map(({ value }) => check(value, scanner.fork()));
  if (new Set(ends.map((end) => end.state)).size > 1) {
    const what = 'Its cases have to open and close the same elements.';
    throw invalidTemplate(placeOf(element), what);
  }
  return ends[0];
}

function isQuote(inside: Inside): boolean {
  return inside === '"' || inside === "'";
}

/** Whether text at this position is spoken, or may be. */
function isRead(inside: Inside): boolean {
  return inside === 'text' || inside === 'cdata' || inside === 'reference' || isQuote(inside);
}

/** Decodes a character reference; other text stays as it is. */
function decoded(written: string): string {
  REFERENCE.lastIndex = 0;
  const match = REFERENCE.exec(written);
  if (!match) return written;
  const [, hex, decimal, name] = match;
  if (name !== undefined) return Object.hasOwn(PREDEFINED, name) ? PREDEFINED[name] : written;
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : written;
}

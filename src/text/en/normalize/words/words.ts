import type { Cursor } from '../cursor.ts';
import { isSmallPlural, readingOf } from './acronyms.ts';
import { NAMES } from './names.ts';
import { unstretched } from './stretched.ts';

const LETTERS = /[A-Za-z]{1,200}(?:'[A-Za-z]{1,24}){0,4}/y;
/** Parts of a mixed-case name: `iPhone` → i, Phone; `HTMLElement` → HTML, Element. `PhDs` is not split. */
const PARTS =
  /[A-Z]{2,200}s(?![A-Za-z])|[A-Z]{2,200}(?![a-z])|[A-Z]{1,200}(?=[A-Z][a-z])|[A-Z]?[a-z]{1,200}|[A-Z]/g;
/** Surnames with an inner capital, which are one word. */
const SURNAME = /^(?:Mc|Mac(?=[A-Z][a-z]{2})|O'|D'|L'|De|Di|Du|La|Le|Van|Von|Fitz|St)[A-Z][a-z]{1,30}$/;
/** `IT'S`, `THAT'S`. */
const CONTRACTED = /^(?:it|he|she|that|what|there|where|who|how|let|here|when|why)$/i;
const ROMAN = /^[IVXLCDM]+$/;
/** Longer words are cut. */
const MAX_WORD = 40;

/** The plural or possessive of a letter's name: `CDs` → "C d's". */
function spellOut(letters: string, suffix: string): string {
  const upper = Array.from(letters.toUpperCase());
  if (suffix !== '') upper[upper.length - 1] = `${upper[upper.length - 1].toLowerCase()}'s`;
  return upper.join(' ');
}

/** Spoken form of letters with no digits or marks among them, e.g. `FBI`, `iPhone`, `don't`, `NASA's`. */
export function speakLetters(written: string, shouting = false): string {
  const [head, ...tail] = written.split("'");
  const key = head.toLowerCase();
  const suffix = tail.length === 1 && /^s$/i.test(tail[0]) ? 's' : '';
  if (tail.length > 0 && suffix === '') return written.toLowerCase();
  if (suffix !== '' && CONTRACTED.test(head) && head !== 'WHO') return written.toLowerCase();
  const whole = tail.length === 0 ? unstretched(key) : undefined;
  if (whole !== undefined && (head !== head.toUpperCase() || head.length > 4) && !ROMAN.test(head))
    return whole;
  const known = head === key ? undefined : NAMES.get(key);
  if (known !== undefined) return possessive(known, suffix);
  if (head === key || head === head.toUpperCase()) return speakOneCase(head, suffix, shouting);
  if (head.slice(1) === key.slice(1)) return possessive(speakCapitalized(key), suffix);
  if (SURNAME.test(head)) return possessive(key, suffix);
  return possessive(speakMixed(head, shouting), suffix);
}

function speakCapitalized(key: string): string {
  const reading = readingOf(key, false);
  return reading.as === 'words' ? reading.words : reading.as === 'letters' ? spellOut(key, '') : key;
}

function speakOneCase(head: string, suffix: string, shouting: boolean): string {
  const key = head.toLowerCase();
  if (key.length === 1) {
    if (suffix !== '') return `${key}'s`;
    return key === 'a' || (head === 'I' && key === 'i') || key === 'i' ? key : key.toUpperCase();
  }
  // usbs, pdfs
  if (head === key && suffix === '' && isSmallPlural(key)) return spellOut(key.slice(0, -1), 's');
  const reading = readingOf(head, shouting);
  if (reading.as === 'words') return possessive(reading.words, suffix);
  if (reading.as === 'letters') return spellOut(key, suffix);
  return possessive(key, suffix);
}

/** `YouTube` → "you tube", `macOS` → "mac O S", `GPUs` → "G P u's". */
function speakMixed(head: string, shouting: boolean): string {
  const parts = head.match(PARTS) ?? [];
  return parts
    .map((part) => {
      if (/^[A-Z]{2,}s$/.test(part)) return speakOneCase(part.slice(0, -1), 's', shouting);
      if (part.length === 1) return part.toUpperCase();
      return speakLetters(part, shouting);
    })
    .join(' ');
}

function possessive(words: string, suffix: string): string {
  if (suffix === '') return words;
  const last = words.slice(words.lastIndexOf(' ') + 1);
  return last.length === 1 ? `${words.slice(0, -1)}${last.toLowerCase()}'s` : `${words}'s`;
}

/** A word, an initialism or a name in mixed case. */
export function word(c: Cursor): number {
  const match = c.match(LETTERS);
  if (!match) return 0;
  const written = match[0];
  if (written.length > MAX_WORD && !written.includes("'")) {
    c.say(written.slice(0, MAX_WORD).toLowerCase(), 0, MAX_WORD);
    return MAX_WORD;
  }
  if (written === 'WHO' && c.match(ASKED, 3)) {
    c.say('who', 0, 3);
    return 3;
  }
  c.say(isLetterName(c, written) ? 'A' : speakLetters(written, c.shouting), 0, written.length);
  return written.length;
}

const LABEL =
  /^(?:an|vitamin|plan|grade|type|class|group|section|hepatitis|team|option|exhibit|letter|point|side)$/i;
const NO_WORD_NEXT = /[ \u00a0]?(?:[=≤≥≠<>×÷→^,;:?!).]|\+(?!\d)|$)|\+/y;
const OPERATOR_NEXT = /[ \u00a0]?(?:[=≤≥≠<>×÷→^]|\+(?!\d)|[-−][ \u00a0])|\+/y;
const VERB_NEXT = /[ \u00a0](?:is|was|and|or|to|in|for|of|on|at|will|has|went|failed|works)(?![A-Za-z])/y;

/** Verbs after "who", where WHO is not the organization. */
const ASKED =
  /[ \u00a0](?:did|does|do|are|am|wants|cares|said|knows|made|told|would|could|wrote|ate|took|wins|won)(?![a-z])/y;

/** Whether a lone `A` is the letter and not the article: `vitamin A`, `a + b`, `A-list`. */
function isLetterName(c: Cursor, written: string): boolean {
  if (written.toLowerCase() !== 'a') return false;
  if (/^an$/i.test(c.before)) return true;
  if (c.previous === '(' && c.window[1] === ')') return true;
  if (c.previous === "'" && c.window[1] === "'") return true;
  if (written === 'a') return c.match(OPERATOR_NEXT, 1) !== null;
  if (c.window[1] === '-' || c.match(NO_WORD_NEXT, 1)) return true;
  return LABEL.test(c.before) && c.match(VERB_NEXT, 1) !== null;
}

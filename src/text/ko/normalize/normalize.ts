import type { Span, SpokenToken } from '../../types.ts';
import type { EnglishPronouncer } from '../latin/latin.ts';
import { canFollowNoun } from '../pronounce/grammar.ts';
import { clock, date, weekday } from './dates.ts';
import { type FoldedText, fold } from './fold.ts';
import { hangul, hanja, jamo, latin, numeral, openParticle } from './letters.ts';
import {
  branch,
  bundle,
  code,
  fraction,
  money,
  quantity,
  range,
  result,
  score,
  version,
} from './quantity.ts';
import { type Found, type Piece, type Rule, Scan } from './scanner.ts';
import { emoji, punctuation, sign, space } from './signs.ts';
import { telephone } from './telephone.ts';
import { webAddress } from './web.ts';

/** In order: what is more specific comes first. */
const AT_DIGIT: readonly Rule[] = [
  emoji,
  webAddress,
  telephone,
  date,
  clock,
  bundle,
  result,
  range,
  fraction,
  version,
  score,
  branch,
  code,
  money,
  quantity,
];
const AT_LETTER: readonly Rule[] = [webAddress, clock, money, numeral, version, code, latin];
const AT_HANGUL: readonly Rule[] = [weekday, openParticle, hangul];
const AT_SIGN: readonly Rule[] = [
  space,
  openParticle,
  weekday,
  hanja,
  telephone,
  date,
  money,
  fraction,
  numeral,
  jamo,
  emoji,
  signedQuantity,
  sign,
  punctuation,
  latin,
];

/** `-5`, but not the hyphen of `A-5` or of a list. */
function signedQuantity(scan: Scan, at: number) {
  const char = scan.text[at];
  if (!/[-−+]/.test(char) || !/^\d/.test(scan.after(at + 1)) || !/(?:^|[\s(,:=~])$/.test(scan.before(at)))
    return undefined;
  return quantity(scan, at);
}

/** A word of the request and the Hangul that is said for it. */
export interface Respelling {
  readonly word: string;
  readonly hangul: string;
}

/** Options of {@link normalizeKorean}. */
export interface NormalizeOptions {
  /** How an English word is pronounced; without it unknown Latin words are spelled. */
  readonly english?: EnglishPronouncer;
  /** Words that the request itself spells as they are said, longest first. */
  readonly respellings?: readonly Respelling[];
  /** Called for each stretch of the text, in UTF-16 code units, that no rule can read. */
  readonly onUnreadable?: (span: Span) => void;
}

/**
 * Turns Korean text into what a reader says aloud, in Hangul: numbers by their counters, dates, money, units, addresses, Latin words,
 * Chinese characters and signs as words; punctuation as pauses.
 *
 * Every token carries the span of the written word (어절) that it belongs to; spans never go backwards. No pause comes first, no two in a
 * row; a line break ends the sentence. Never throws; time is linear in the length of the text.
 *
 * @param text any string, ill-formed ones included.
 * @example
 * normalizeKorean('사과 3개를 샀다.').map((token) => token.text); // ['사과', '세', '개를', '샀다', '.']
 */
export function normalizeKorean(text: string, options: NormalizeOptions = {}): SpokenToken[] {
  const folded = fold(text);
  const scan = new Scan(folded, options.english);
  for (let at = 0; at < folded.text.length; ) at += read(scan, at, folded, options);
  const inOriginal = ({ start, end }: Span): Span => ({
    start: folded.starts[start],
    end: folded.ends[end - 1],
  });
  for (const span of scan.unread) options.onUnreadable?.(inOriginal(span));
  return tokensOf(scan.pieces, folded, text);
}

function read(scan: Scan, at: number, folded: FoldedText, options: NormalizeOptions): number {
  const char = folded.text[at];
  if (char === '\n') {
    scan.pieces.push({ start: at, end: at + 1, say: ' . ' });
    return 1;
  }
  const respelled = respelling(scan.text, at, options.respellings ?? []);
  if (respelled) {
    scan.pieces.push({ start: at, end: at + respelled.length, say: respelled.say });
    return respelled.length;
  }
  for (const rule of rulesFor(char)) {
    const found = rule(scan, at);
    if (!found || found.length === 0) continue;
    scan.pieces.push({ start: at, end: at + found.length, say: found.say });
    return found.length;
  }
  const length = folded.text.codePointAt(at)! > 0xffff ? 2 : 1;
  if (/[\p{L}\p{N}]/u.test(folded.text.slice(at, at + length))) {
    options.onUnreadable?.({ start: folded.starts[at], end: folded.ends[at + length - 1] });
  }
  scan.pieces.push({ start: at, end: at + length, say: ' ' });
  return length;
}

/** A word that the request spells itself: at the beginning of a written word, and nothing but a particle behind it. */
function respelling(text: string, at: number, respellings: readonly Respelling[]): Found | undefined {
  if (respellings.length === 0 || /[\p{L}\p{N}]/u.test(text[at - 1] ?? '')) return undefined;
  for (const { word, hangul } of respellings) {
    if (text.slice(at, at + word.length).toLowerCase() !== word.toLowerCase()) continue;
    const rest = text.slice(at + word.length, at + word.length + 12);
    const [behind] = /^[\p{L}\p{N}]*/u.exec(rest)!;
    const isLatin = /[A-Za-z0-9]$/.test(word);
    if (isLatin ? /^[A-Za-z0-9]/.test(behind) : !canFollowNoun(hangul, behind)) continue;
    return { length: word.length, say: hangul };
  }
  return undefined;
}

function rulesFor(char: string): readonly Rule[] {
  if (char >= '0' && char <= '9') return AT_DIGIT;
  if (/[A-Za-z]/.test(char)) return AT_LETTER;
  return char >= '가' && char <= '힣' ? AT_HANGUL : AT_SIGN;
}

const PAUSE_RANK = new Map([...',;:—….!?'].map((mark, rank) => [mark, rank]));

type PauseText = Extract<SpokenToken, { kind: 'pause' }>['text'];

/** Puts pieces together into words and pauses. Pieces without a space between them make one word. */
function tokensOf(pieces: readonly Piece[], folded: FoldedText, original: string): SpokenToken[] {
  const words = wordSpans(folded);
  const tokens: SpokenToken[] = [];
  let word = '';
  let from = 0;
  let to = 0;
  const end = () => {
    if (word === '') return;
    const span = { start: folded.starts[words.startOf(from)], end: folded.ends[words.endOf(to - 1) - 1] };
    tokens.push({ kind: 'word', text: word, span, source: original.slice(span.start, span.end) });
    word = '';
  };
  for (const piece of pieces) {
    for (const part of piece.say.split(/( )/)) {
      if (part === '') continue;
      const isPause = PAUSE_RANK.has(part);
      if (part === ' ' || isPause) end();
      if (part === ' ') continue;
      if (isPause) {
        const [first, last] = [words.startOf(piece.start), words.endOf(piece.end - 1)];
        pause(tokens, part as PauseText, { start: folded.starts[first], end: folded.ends[last - 1] });
        continue;
      }
      if (word === '') from = piece.start;
      word += part;
      to = piece.end;
    }
  }
  end();
  // A comma at the very end is no pause.
  if (tokens.at(-1)?.kind === 'pause' && tokens.at(-1)?.text === ',') tokens.pop();
  return tokens;
}

/** Of neighbouring pauses the strongest stays, and none comes first. */
function pause(tokens: SpokenToken[], text: PauseText, span: Span): void {
  const last = tokens.at(-1);
  if (last === undefined) return;
  if (last.kind !== 'pause') tokens.push({ kind: 'pause', text, span });
  else if (PAUSE_RANK.get(text)! > PAUSE_RANK.get(last.text)!)
    tokens[tokens.length - 1] = { kind: 'pause', text, span };
}

const SEPARATOR = /[\s,!?;:"'()[\]{}…—|]/;

/** Bounds of the written word around an offset, between spaces and marks. */
function wordSpans({ text }: FoldedText) {
  const starts: number[] = [];
  const ends: number[] = [];
  let start = 0;
  const isEdge = (at: number) => {
    // A quote inside a word, as in "소리"는, is no edge of it.
    if (/["']/.test(text[at]))
      return !/[가-힣A-Za-z0-9]/.test(text[at - 1] ?? '') || !/[가-힣A-Za-z0-9]/.test(text[at + 1] ?? '');
    if (!SEPARATOR.test(text[at])) return text[at] === '.' && !/[A-Za-z0-9가-힣]/.test(text[at + 1] ?? '');
    // Separators inside numbers, times and addresses belong to the word.
    return !(/\d/.test(text[at - 1] ?? '') && /\d/.test(text[at + 1] ?? ''));
  };
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && !isEdge(at)) continue;
    for (let k = start; k < at; k++) {
      starts[k] = start;
      ends[k] = at;
    }
    if (at < text.length) {
      starts[at] = at;
      ends[at] = at + 1;
    }
    start = at + 1;
  }
  return { startOf: (at: number) => starts[at], endOf: (at: number) => ends[at] };
}

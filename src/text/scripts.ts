import { primarySubtag } from './language.ts';
import type { Span } from './types.ts';

/** A stretch of a text and the language that reads it. */
export interface LanguageRun extends Span {
  /** `en` or `ko`: primary subtag. */
  readonly language: 'en' | 'ko';
}

/** A stretch of a text in a script that no front end of the model reads. */
export interface UnreadablePart extends Span {
  /** Name of the script: `Cyrillic`, `Chinese`. */
  readonly script: string;
}

const HANGUL = /[\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\uac00-\ud7ff\uffa0-\uffdc]/u;
const HAN = /\p{Script=Han}/u;
/** Letters and digits of the English rules: Latin, with modifiers and letters of mathematics, and ASCII digits of any shape. */
const LATIN = /[\p{Script=Latin}\p{Lm}\p{M}0-9ªºµΩKÅ]/u;
const LETTER = /[\p{L}\p{Nd}]/u;
const SCRIPTS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Korean', HANGUL],
  ['Japanese', /[\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ['Chinese', HAN],
  ['Greek', /\p{Script=Greek}/u],
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Arabic', /\p{Script=Arabic}/u],
  ['Hebrew', /\p{Script=Hebrew}/u],
  ['Thai', /\p{Script=Thai}/u],
  ['Devanagari', /\p{Script=Devanagari}/u],
  ['Armenian', /\p{Script=Armenian}/u],
  ['Georgian', /\p{Script=Georgian}/u],
  ['Bengali', /\p{Script=Bengali}/u],
  ['Tamil', /\p{Script=Tamil}/u],
  ['Ethiopic', /\p{Script=Ethiopic}/u],
  ['Khmer', /\p{Script=Khmer}/u],
];
/** Ends of sentences, at which a text may change its language. */
const SENTENCE = /[^.!?\n。！？]*(?:[.!?。！？]+(?=\s|$|["'”’»)])|[.!?。！？]|\n|$)/gu;
/** A pronunciation in the text: `[Sori](/ˈsɔːɹi/)`. */
const INLINE_IPA = /\[([^\]\n]{0,200})\]\(\/([^)\n]{0,400})\/\)/gu;
/** Number of consecutive Latin words from which a sentence without Hangul counts as English in a Korean text. */
const ENGLISH_WORDS = 3;

/** Whether the text contains Hangul. */
export function hasHangul(text: string): boolean {
  return HANGUL.test(text);
}

/** Options of {@link languageRuns}. */
export interface RunOptions {
  /** BCP 47 tag of the text as a whole. */
  readonly base: string;
  /** BCP 47 tag that markup gives the character at an offset; undefined where it gives none. */
  readonly languageAt: (offset: number) => string | undefined;
}

/**
 * Cuts a text into runs by language: a sentence with Hangul is Korean, its Latin words and Chinese characters with it, where the text is
 * Korean or the sentence is mostly so; Hangul in an English sentence is a run of its own. Markup decides over all but Hangul, which is
 * always Korean.
 * @returns runs that cover the text, neighbours in different languages.
 */
export function languageRuns(written: string, { base, languageAt }: RunOptions): LanguageRun[] {
  const text = withPlainWords(written);
  if (!hasHangul(text) && primarySubtag(base) !== 'ko' && !anyKorean(text, languageAt)) {
    return text === '' ? [] : [{ start: 0, end: text.length, language: 'en' }];
  }
  const runs: LanguageRun[] = [];
  for (const match of text.matchAll(SENTENCE)) {
    if (match[0] === '') continue;
    for (const part of sameMarkup(match.index, match[0].length, languageAt)) {
      const slice = text.slice(part.start, part.end);
      const wanted = languageAt(part.start);
      const language = wanted === undefined ? undefined : primarySubtag(wanted);
      for (const run of sentenceRuns(slice, language, primarySubtag(base))) {
        add(runs, { start: part.start + run.start, end: part.start + run.end, language: run.language });
      }
    }
  }
  return runs;
}

/** The text with one word in place of each pronunciation in it: of Hangul for Hangul, else of Latin letters. */
function withPlainWords(text: string): string {
  return text.replace(INLINE_IPA, (all, word: string) => (HANGUL.test(word) ? '가' : 'x').repeat(all.length));
}

/** A pronunciation in a text: `[Sori](/ˈsɔːɹi/)`. */
export interface InlineIpa extends Span {
  /** Its word and the position of that. */
  readonly word: string;
  readonly wordSpan: Span;
  readonly ipa: string;
}

/** Finds the pronunciations in a text. */
export function inlineIpa(text: string): InlineIpa[] {
  return Array.from(text.matchAll(INLINE_IPA), ({ index, 0: all, 1: word, 2: ipa }) => {
    const wordSpan = { start: index + 1, end: index + 1 + word.length };
    return { start: index, end: index + all.length, word, wordSpan, ipa: ipa.trim() };
  });
}

function anyKorean(text: string, languageAt: RunOptions['languageAt']): boolean {
  return sameMarkup(0, text.length, languageAt).some(({ start }) => {
    const tag = languageAt(start);
    return tag !== undefined && primarySubtag(tag) === 'ko';
  });
}

function add(runs: LanguageRun[], run: LanguageRun): void {
  const last = runs.at(-1);
  if (last?.language === run.language) runs[runs.length - 1] = { ...last, end: run.end };
  else runs.push(run);
}

function sameMarkup(start: number, length: number, languageAt: RunOptions['languageAt']): Span[] {
  const parts: Span[] = [];
  let from = start;
  for (let at = start + 1; at <= start + length; at++) {
    if (at < start + length && languageAt(at) === languageAt(from)) continue;
    parts.push({ start: from, end: at });
    from = at;
  }
  return parts;
}

function sentenceRuns(text: string, markup: string | undefined, base: string): LanguageRun[] {
  const whole = (language: 'en' | 'ko'): LanguageRun[] => [{ start: 0, end: text.length, language }];
  if (!HANGUL.test(text)) {
    if (markup !== undefined) return whole(markup === 'ko' ? 'ko' : 'en');
    const words = text.match(/[A-Za-z]+/g)?.length ?? 0;
    return whole(base === 'ko' && words < ENGLISH_WORDS ? 'ko' : 'en');
  }
  if (markup === 'ko' || (markup === undefined && isKorean(text, base))) return whole('ko');
  return apart(text);
}

/** Whether a whole sentence with Hangul is Korean. */
function isKorean(text: string, base: string): boolean {
  if (base === 'ko') return true;
  // A particle on a Latin word or a number: KTX를, 3개.
  if (/[A-Za-z0-9][가-힣]/u.test(text)) return true;
  const latin = text.match(/[A-Za-z]+/g)?.length ?? 0;
  const korean = text.match(/[가-힣]+/g)?.length ?? 0;
  return korean >= latin;
}

/** Hangul and the text between Hangul is Korean, the rest English. */
function apart(text: string): LanguageRun[] {
  const runs: LanguageRun[] = [];
  const pattern =
    /[\u1100-\u11ff\u3131-\u318e\uac00-\ud7ff](?:[^A-Za-z]*[\u1100-\u11ff\u3131-\u318e\uac00-\ud7ff])?/gu;
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > from) add(runs, { start: from, end: match.index, language: 'en' });
    from = match.index + match[0].length;
    add(runs, { start: match.index, end: from, language: 'ko' });
  }
  if (from < text.length) add(runs, { start: from, end: text.length, language: 'en' });
  return runs;
}

/**
 * Finds text that no front end reads: letters and digits of other scripts. A single Greek letter is a sign that has a name.
 * @param runs the runs of the text; undefined for a model that speaks no Korean.
 * @param covered stretches that are spoken by a pronunciation of the caller's.
 * @returns parts in order; letters of one script that only spaces and marks part are one.
 */
export function unreadableParts(
  text: string,
  runs: readonly LanguageRun[] | undefined,
  covered: readonly Span[] = [],
): UnreadablePart[] {
  // Fast path: most text is ASCII, which is always readable.
  if (!/[^\u0000-\u024f\u1e00-\u20cf]/u.test(text)) return [];
  const spoken = [
    ...covered,
    ...Array.from(text.matchAll(INLINE_IPA), ({ index, 0: all }) => ({
      start: index,
      end: index + all.length,
    })),
  ].sort((a, b) => a.start - b.start);
  const parts: UnreadablePart[] = [];
  let run = 0;
  let next = 0;
  for (let at = 0; at < text.length; ) {
    const char = String.fromCodePoint(text.codePointAt(at)!);
    const start = at;
    at += char.length;
    if (char.charCodeAt(0) < 0x250 || !LETTER.test(char) || LATIN.test(char)) continue;
    while (next < spoken.length && spoken[next].end <= start) next++;
    if (next < spoken.length && spoken[next].start <= start) continue;
    while (runs && run < runs.length && runs[run].end <= start) run++;
    if (reads(char, text, start, runs?.[run]?.language)) continue;
    const script = SCRIPTS.find(([, pattern]) => pattern.test(char))?.[0] ?? 'other';
    const last = parts.at(-1);
    const joins =
      last?.script === script && !LETTER.test(text.slice(last.end, start)) && start - last.end < 4;
    if (joins) parts[parts.length - 1] = { ...last, end: at };
    else parts.push({ script, start, end: at });
  }
  return parts;
}

function reads(
  char: string,
  text: string,
  at: number,
  language: LanguageRun['language'] | undefined,
): boolean {
  const plain = char.normalize('NFKC');
  if (plain !== char && /^[\p{Script=Latin}0-9\s\p{P}\p{S}]+$/u.test(plain)) return true;
  if (/\p{Script=Greek}/u.test(char)) {
    return !/\p{Script=Greek}/u.test(text[at - 1] ?? '') && !/\p{Script=Greek}/u.test(text[at + 1] ?? '');
  }
  return language === 'ko' && (HANGUL.test(char) || HAN.test(char));
}

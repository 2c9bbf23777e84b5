import { SoriError } from '../base/errors.ts';
import { normalize } from './en/normalize.ts';
import type { Pronouncer } from './en/pronounce.ts';
import { koreanIpa } from './ko/ipa.ts';
import { type EnglishPronouncer, readLatin } from './ko/latin/latin.ts';
import { letterNames } from './ko/latin/letter-names.ts';
import type { Respelling } from './ko/normalize/normalize.ts';
import { KOREAN_SYMBOLS, TUNES } from './ko/symbols.ts';
import type { KoreanTable, Transcriber } from './ko/words.ts';
import { primarySubtag } from './language.ts';
import { tokenizeRuns, withLanguages } from './languages.ts';
import type { Override } from './overrides.ts';
import type { Script } from './script.ts';
import { hasHangul, type LanguageRun, languageRuns, unreadableParts } from './scripts.ts';
import { readSsml, type SsmlOptions } from './ssml/ssml.ts';
import { PHRASE_BOUNDARY } from './symbols.ts';
import type { Span, SpokenToken } from './types.ts';
import { refuseUnreadable, type UnreadableChoice } from './unreadable.ts';

/** Korean, as far as a model speaks it. */
export interface Korean {
  readonly table: KoreanTable;
  /** The model's tags for each language, for sections in another one than the text's. */
  readonly tags: { readonly en: string; readonly ko: string };
  readonly english: EnglishPronouncer;
  readonly transcribe: Transcriber;
}

/** @returns undefined for a model without the Korean symbols. */
export function openKorean(
  { phonemes, languages = ['en', 'ko'] }: { phonemes: readonly string[]; languages?: readonly string[] },
  pronouncer: Pronouncer,
): Korean | undefined {
  const table = new Set(phonemes);
  const tagOf = (language: string) => languages.find((tag) => primarySubtag(tag) === language);
  const ko = tagOf('ko');
  if (ko === undefined || !KOREAN_SYMBOLS.every(({ symbol }) => table.has(symbol))) return undefined;
  const english: EnglishPronouncer = (word) => pronouncer.pronounce(word)?.symbols;
  return {
    table: {
      boundaries: table.has(PHRASE_BOUNDARY),
      tunes: Object.values(TUNES).every((tune) => table.has(tune)),
    },
    tags: { en: tagOf('en') ?? ko, ko },
    english,
    transcribe: (word, spelled) => (spelled ? letterNames(word) : readLatin(word, english)),
  };
}

/**
 * Parts the pronunciations in IPA from those in Hangul, the longest word first. IPA of Korean sounds for a Korean word counts as Hangul:
 * the IPA kimtɕʰi for a word in Hangul is 김치.
 */
export function sortPronunciations(
  pronunciations: Readonly<Record<string, string>>,
  korean: boolean,
): { readonly ipa: Readonly<Record<string, string>>; readonly respellings: readonly Respelling[] } {
  const entries = Object.entries(pronunciations).map(([word, said]): [string, string] => [
    word,
    (korean && hasHangul(word) ? koreanIpa(said) : undefined) ?? said,
  ]);
  const inHangul = entries.filter(([, said]) => hasHangul(said));
  if (inHangul.length === 0) return { ipa: pronunciations, respellings: [] };
  for (const [word, said] of inHangul) {
    if (korean && /^[가-힣\s]+$/u.test(said.normalize('NFC')) && word.trim() !== '') continue;
    const why = korean
      ? 'has to be Hangul syllables only'
      : 'is Hangul, which the model does not speak; it takes IPA';
    throw new SoriError('invalid_pronunciation', `The pronunciation "${said.slice(0, 80)}" ${why}.`, {
      param: 'pronunciations',
    });
  }
  const respellings = inHangul
    .map(([word, said]) => ({ word: word.trim().normalize('NFC'), hangul: said.normalize('NFC').trim() }))
    .sort((a, b) => b.word.length - a.word.length);
  return { ipa: Object.fromEntries(entries.filter(([, said]) => !hasHangul(said))), respellings };
}

/** Elements whose reading depends on the language around them. */
const DEPENDS_ON_LANGUAGE = /<(?:[\w.-]+:)?(?:say-as|phoneme)[\s>]/;

/**
 * Reads SSML as {@link readSsml} does. The language around an element also depends on the text after it, so a document with `say-as` or
 * `phoneme` is read twice.
 */
export function readMarkup(input: string, korean: Korean | undefined, options: SsmlOptions): Script {
  if (!korean || !DEPENDS_ON_LANGUAGE.test(input)) return readSsml(input, options);
  const { meanPitch, language } = options;
  const draft = readSsml(input, { meanPitch, language });
  const runs = languageRuns(withoutReadings(draft), {
    base: language ?? 'en',
    languageAt: (at) => draft.delivery(at).section.language,
  });
  if (runs.every(({ language }) => language === 'en')) return readSsml(input, options);
  return readSsml(input, { ...options, koreanAt: (offset) => languageOf(draft, runs, offset) === 'ko' });
}

/** The text with figures for the words of markup: they are no English words. */
function withoutReadings({ text, readings }: Script): string {
  const parts: string[] = [];
  let from = 0;
  for (const { span } of readings) {
    parts.push(text.slice(from, span.start), '0'.repeat(span.end - span.start));
    from = span.end;
  }
  return parts.join('') + text.slice(from);
}

/** The language of what a script has from an offset of the original input on. */
function languageOf(script: Script, runs: readonly LanguageRun[], offset: number): 'en' | 'ko' | undefined {
  let [low, high] = [0, script.text.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (script.original({ start: middle, end: middle + 1 }).start < offset) low = middle + 1;
    else high = middle;
  }
  return runs.find(({ end }) => end > low)?.language;
}

/** Options of {@link readLanguages}. */
export interface ReadOptions {
  readonly language?: string;
  /** Whether the model supports British English. Otherwise numbers and dates are read as in American English. */
  readonly british: boolean;
  readonly unreadable?: UnreadableChoice;
  readonly named: readonly Override[];
  readonly respellings: readonly Respelling[];
}

/** A script as its languages read it. */
export interface ReadScript {
  /** With the language of each part in its sections. */
  readonly script: Script;
  readonly tokens: readonly SpokenToken[];
  /** Stretches of the script without a spoken form, which are left out. */
  readonly unread: readonly Span[];
}

/**
 * Reads a script in the languages that are in it.
 * @throws {SoriError} `unreadable_text` where no front end reads a part of it and it is not to be skipped.
 */
export function readLanguages(
  input: string,
  script: Script,
  korean: Korean | undefined,
  { language = 'en', british, unreadable = 'error', named, respellings }: ReadOptions,
): ReadScript {
  const { text } = script;
  const languageAt = (at: number) => script.delivery(at).section.language;
  const runs = korean && languageRuns(withoutReadings(script), { base: language, languageAt });
  if (unreadable === 'error') {
    const covered = named.map(({ span }) => span);
    refuseUnreadable(
      input,
      script,
      unreadableParts(text, runs, covered),
      korean ? 'English and Korean' : 'English',
    );
  }
  const english = (tag: string) => (british ? tag : 'en');
  const unread: Span[] = [];
  const onUnread = (span: Span) => unread.push(span);
  if (!korean || !runs)
    return { script, tokens: normalize(text, { onUnread, language: english(language) }), unread };
  return {
    script: withLanguages(script, runs, language, korean.tags),
    tokens: tokenizeRuns(script, runs, {
      englishAt: (at) => english(languageAt(at) ?? language),
      english: korean.english,
      respellings,
      onUnread,
    }),
    unread,
  };
}

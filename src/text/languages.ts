import { normalize } from './en/normalize.ts';
import type { EnglishPronouncer } from './ko/latin/latin.ts';
import { normalizeKorean, type Respelling } from './ko/normalize/normalize.ts';
import { primarySubtag } from './language.ts';
import type { Delivery, Reading, Script, Section } from './script.ts';
import { inlineIpa, type LanguageRun } from './scripts.ts';
import type { Span, SpokenToken } from './types.ts';

/** How runs in several languages are read. */
export interface RunReader {
  /** BCP 47 tag of the English at an offset. */
  readonly englishAt: (at: number) => string;
  /** How an English word inside Korean text is pronounced. */
  readonly english?: EnglishPronouncer;
  /** Words of the request that are given in Hangul. */
  readonly respellings: readonly Respelling[];
  /** Called for every stretch of the script that has no spoken form. */
  readonly onUnread: (span: Span) => void;
}

/** Reads each run by the rules of its language. Placeholders of markup are separate words. */
export function tokenizeRuns(script: Script, runs: readonly LanguageRun[], reader: RunReader): SpokenToken[] {
  const tokens: SpokenToken[] = [];
  for (const run of runs) {
    if (run.language === 'en') {
      const onUnread = (span: Span) => reader.onUnread(moved(span, run.start));
      const language = reader.englishAt(run.start);
      tokens.push(
        ...shifted(normalize(script.text.slice(run.start, run.end), { onUnread, language }), run.start),
      );
      continue;
    }
    for (const part of besideReadings(run, script.readings)) {
      const { start, end } = part;
      if (part.reading)
        tokens.push({
          kind: 'word',
          text: 'thing',
          span: { start, end },
          source: script.text.slice(start, end),
        });
      else tokens.push(...koreanTokens(script.text, part, run, reader));
    }
  }
  return tokens;
}

/** Placeholders for words that are read separately: a text has no pause before its first word, and no comma after its last. */
const WORD_BEFORE = '가 ';
const WORD_AFTER = ' 가';

/** Reads Korean text, and the pronunciations in it. */
function koreanTokens(text: string, part: Span, run: Span, reader: RunReader): SpokenToken[] {
  const tokens: SpokenToken[] = [];
  const read = (start: number, end: number) => {
    if (start === end) return;
    const before = start > run.start ? WORD_BEFORE : '';
    const after = end < run.end ? WORD_AFTER : '';
    const by = start - before.length;
    const onUnreadable = (span: Span) => reader.onUnread(moved(span, by));
    const own = normalizeKorean(before + text.slice(start, end) + after, { ...reader, onUnreadable });
    const apart = own.slice(before === '' ? 0 : 1, after === '' ? undefined : -1);
    tokens.push(...shifted(apart, by));
  };
  let from = part.start;
  for (const { start, end, word, wordSpan, ipa } of inlineIpa(text.slice(part.start, part.end))) {
    read(from, part.start + start);
    if (ipa !== '') {
      tokens.push({ kind: 'ipa', ipa, text: word.trim(), span: moved(wordSpan, part.start), rule: 'ipa' });
    }
    from = part.start + end;
  }
  read(from, part.end);
  return tokens;
}

function moved({ start, end }: Span, by: number): Span {
  return { start: start + by, end: end + by };
}

function shifted(tokens: readonly SpokenToken[], by: number): SpokenToken[] {
  if (by === 0) return [...tokens];
  return tokens.map((token) => ({ ...token, span: moved(token.span, by) }));
}

function* besideReadings(run: Span, readings: readonly Reading[]): Generator<Span & { reading: boolean }> {
  let from = run.start;
  for (const { span } of readings) {
    if (span.end <= from || span.start >= run.end) continue;
    if (span.start > from) yield { start: from, end: span.start, reading: false };
    yield { start: span.start, end: span.end, reading: true };
    from = span.end;
  }
  if (from < run.end) yield { start: from, end: run.end, reading: false };
}

/**
 * The script with the language of each run in its sections, where that is another one than the text's.
 * @param tags the model's tag for each language.
 */
export function withLanguages(
  script: Script,
  runs: readonly LanguageRun[],
  base: string,
  tags: Readonly<Record<LanguageRun['language'], string>>,
): Script {
  const own = primarySubtag(base);
  if (runs.every(({ language }) => language === own)) return script;
  const sections = new Map<Section, Partial<Record<LanguageRun['language'], Section>>>();
  const sectionOf = (section: Section, language: LanguageRun['language']): Section => {
    const stated = section.language === undefined ? own : primarySubtag(section.language);
    if (stated === language) return section;
    const known = sections.get(section) ?? {};
    sections.set(section, known);
    known[language] ??= { ...section, language: tags[language] };
    return known[language];
  };
  const runAt = finder(runs);
  return {
    ...script,
    delivery(at): Delivery {
      const delivery = script.delivery(at);
      const run = runAt(at);
      return run ? { ...delivery, section: sectionOf(delivery.section, run.language) } : delivery;
    },
  };
}

/** Finds the run at an offset; offsets mostly go forward. */
function finder(runs: readonly LanguageRun[]): (at: number) => LanguageRun | undefined {
  let i = 0;
  return (at) => {
    while (i > 0 && runs[i].start > at) i--;
    while (i < runs.length - 1 && runs[i].end <= at) i++;
    return runs[i];
  };
}

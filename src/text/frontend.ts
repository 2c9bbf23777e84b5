import { SoriError } from '../base/errors.ts';
import { atOnce, type Work } from '../base/turns.ts';
import { openDictionary } from './en/dictionary.ts';
import { reduce } from './en/function-words.ts';
import { heteronym, type Sentence } from './en/heteronyms.ts';
import { letterName } from './en/letter-names.ts';
import { openLetterToSound } from './en/letter-to-sound.ts';
import { createPronouncer, type Pronouncer } from './en/pronounce.ts';
import { type Clause, type Item, placeBreaks, readSentences } from './en/sentences.ts';
import { inRole } from './en/word-role.ts';
import type { AnalyzeOptions, FrontEnd, FrontEndData, ReadingSource, ReadToken } from './frontend-types.ts';
import { parseIpa } from './ipa.ts';
import { speakKoreanSentence } from './ko/words.ts';
import { type Korean, openKorean, readLanguages, sortPronunciations } from './korean.ts';
import { primarySubtag } from './language.ts';
import { findOverrides } from './overrides.ts';
import { insertReadings, withReadings } from './readings.ts';
import { plainScript, type Script, sameSection } from './script.ts';
import { joinWords, type SpokenWord } from './sequence.ts';
import { isSsml } from './ssml/detect.ts';
import { readSsml } from './ssml/ssml.ts';
import { isPauseSymbol, SYMBOLS } from './symbols.ts';
import type { Phoneme, Span, SpokenToken, Utterance } from './types.ts';
import { type Breath, finish } from './utterances.ts';
import { describePosition, positionOf, type Warnings } from './warnings.ts';

export type { AnalyzeOptions, FrontEnd, FrontEndData, ReadToken } from './frontend-types.ts';

/** Longest utterance by default, in symbols: about 15 seconds of speech. */
export const DEFAULT_MAX_PHONEMES = 220;

/**
 * Creates the front end of a model: text → words → phonemes → utterances, in English and, where the model's phoneme table has its
 * symbols, in Korean. Large data is read only when needed.
 * @throws {SoriError} `model_unavailable` when the data can't be used with the model.
 */
export function createFrontEnd(data: FrontEndData): FrontEnd {
  const table = new Set(data.phonemes);
  const missing = SYMBOLS.find((symbol) => !table.has(symbol));
  if (missing !== undefined) {
    throw new SoriError(
      'model_unavailable',
      `The model's phoneme table lacks "${missing}", which English needs.`,
    );
  }
  const pronouncer = openPronouncer(data);
  const korean = openKorean(data, pronouncer);
  const analysis: FrontEnd['analysis'] = (input, options = {}) => analyze(input, pronouncer, korean, options);
  return { analysis, analyze: (input, options) => atOnce(analysis(input, options)) };
}

function openPronouncer(data: FrontEndData): Pronouncer {
  return readable(() => {
    const fallback = data.fallback && openLetterToSound(data.fallback);
    // The fallback reads most of its bytes at the first unknown word.
    const guarded = fallback && {
      pronounce: (letters: string) => readable(() => fallback.pronounce(letters)),
    };
    return createPronouncer(openDictionary(data.dictionary), guarded);
  });
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new SoriError('model_unavailable', "The model's pronunciation data can't be read.", { cause });
  }
}

function* analyze(
  input: string,
  pronouncer: Pronouncer,
  korean: Korean | undefined,
  options: AnalyzeOptions,
): Work<Utterance[]> {
  const plain = isSsml(input) ? readSsml(input, options) : plainScript(input);
  const { ipa, respellings } = sortPronunciations(options.pronunciations ?? {}, korean !== undefined);
  const named = findOverrides(ipa)(plain.text);
  const { script, tokens, unread } = readLanguages(input, plain, korean, { ...options, named, respellings });
  reportUnread(unread, script, input, options.warnings);
  const clauses = readSentences(
    insertReadings(tokens, script.readings),
    withReadings(named, script.readings),
    script,
  );
  placeBreaks(clauses, script.breaks);
  const base = primarySubtag(options.language ?? 'en');
  const spoken: { clause: Clause; words: SpokenWord[] }[] = [];
  for (const [i, clause] of clauses.entries()) {
    yield;
    const isKorean = korean !== undefined && primarySubtag(clause.section.language ?? base) === 'ko';
    const ends = clauses[i + 1]?.sentence !== clause.sentence;
    const words = isKorean
      ? speakKoreanSentence(clause.items, { ...korean, ends })
      : speakSentence(clause, pronouncer, { ...options, input, script });
    if (isKorean) reportKorean(clause, words, { ...options, input, script });
    if (words.length > 0) spoken.push({ clause, words });
  }
  yield;
  if (spoken.length === 0) {
    throw new SoriError(
      'nothing_to_speak',
      `The input holds nothing that can be spoken: no word, number or named symbol.${leftOut(unread, script, input)}`,
      { param: 'input' },
    );
  }
  return finish(breaths(spoken), script, options.maxPhonemes ?? DEFAULT_MAX_PHONEMES);
}

/** Shows the beginning of a long text. */
const SHOWN = 40;

function reportUnread(
  unread: readonly Span[],
  script: Script,
  input: string,
  warnings: Warnings | undefined,
): void {
  if (!warnings) return;
  for (const span of unread) {
    const { start, end } = script.original(span);
    const message = `"${shown(input.slice(start, end))}" has no spoken form in English and is left out.`;
    warnings.add('unreadable_text', message, start);
  }
}

function leftOut(unread: readonly Span[], script: Script, input: string): string {
  if (unread.length === 0) return '';
  const { start, end } = script.original(unread[0]);
  return ` English can't read "${shown(input.slice(start, end))}" at ${describePosition(positionOf(input, start))}.`;
}

function shown(text: string): string {
  const chars = Array.from(text);
  return chars.length > SHOWN ? `${chars.slice(0, SHOWN).join('')}…` : text;
}

interface SpokenClause {
  readonly clause: Clause;
  readonly words: readonly SpokenWord[];
}

/** Phonemes of words between two pauses. */
function breaths(spoken: readonly SpokenClause[]): Breath[] {
  const joined: { clause: Clause; sentence: number; phonemes: Phoneme[] }[] = [];
  for (const { clause, words } of spoken) {
    const last = joined.at(-1);
    const phonemes = [...(clause.lead ? [clause.lead] : []), ...joinWords(words)];
    if (last && clause.continues && sameSection(last.clause.section, clause.section)) {
      last.phonemes.push(...phonemes);
      continue;
    }
    // Sentences without words are not counted.
    const sentence = last ? last.sentence + (last.clause.sentence === clause.sentence ? 0 : 1) : 0;
    joined.push({ clause, sentence, phonemes });
  }
  return joined.map(({ clause: { section }, sentence, phonemes }) => ({ section, sentence, phonemes }));
}

interface SpeakOptions extends AnalyzeOptions {
  readonly input: string;
  readonly script: Script;
}

function speakSentence(clause: Clause, pronouncer: Pronouncer, options: SpeakOptions): SpokenWord[] {
  const { items } = clause;
  const context: Sentence = {
    words: items.map(({ token }) => token.text.toLowerCase()),
    sources: items.map(({ token }) => (token.kind === 'word' ? token.source : token.text)),
    pauses: items.map(({ pause }, i) => pause !== undefined || i === items.length - 1),
  };
  const spoken = items
    .map((item, index) => ({ item, index, ...citation(item, index, context, pronouncer, options.onWord) }))
    .filter(({ parts }) => parts.length > 0);
  return spoken.map(({ item, index, parts, from }, i) => {
    const isWord = item.token.kind === 'word' && item.override === undefined;
    const symbols = isWord && !isLetterName(item.token, index) ? reduced(spoken, i, context) : parts;
    if (options.onToken) options.onToken(readToken(item, from, symbols, clause.sentence, options));
    return { parts: symbols, span: item.token.span, pause: item.pause };
  });
}

/** Reports the words of a Korean sentence. */
function reportKorean(
  { items, sentence }: Clause,
  words: readonly SpokenWord[],
  options: SpeakOptions,
): void {
  if (!options.onToken) return;
  for (const [i, word] of words.entries()) {
    const item = items[i];
    if (!item) continue;
    const from = item.override ? 'override' : item.token.kind === 'ipa' ? 'ipa' : 'derived';
    options.onToken(readToken({ ...item, pause: word.pause }, from, word.parts, sentence, options));
  }
}

function readToken(
  { token, pause }: Item,
  from: ReadingSource,
  words: readonly (readonly string[])[],
  sentence: number,
  { input, script }: SpeakOptions,
): ReadToken {
  const span = script.original(token.span);
  const source = input.slice(span.start, span.end);
  return {
    text: token.text,
    source,
    span,
    rule: token.rule ?? 'markup',
    from,
    words,
    pause: pause?.symbol,
    sentence,
  };
}

interface Cited {
  readonly item: Item;
  readonly index: number;
  readonly parts: readonly (readonly string[])[];
  readonly from: ReadingSource;
}

function reduced(spoken: readonly Cited[], i: number, context: Sentence): readonly (readonly string[])[] {
  const { item, index, parts } = spoken[i];
  const beforePause = context.pauses[index] || i === spoken.length - 1;
  const place = {
    // An emphasized single word keeps its stress.
    alone: spoken.length === 1 || (item.delivery.stressed === true && isAloneIn(spoken, i)),
    beforePause,
    next: beforePause ? undefined : spoken[i + 1].parts[0][0],
  };
  return [reduce(item.token.text, parts[0], place)];
}

/** Whether a word is the only one of its element. */
function isAloneIn(spoken: readonly Cited[], i: number): boolean {
  const { delivery } = spoken[i].item;
  return spoken[i - 1]?.item.delivery !== delivery && spoken[i + 1]?.item.delivery !== delivery;
}

/** "Plan A": a capital A inside a sentence is the letter. */
function isLetterName(token: SpokenToken, index: number): boolean {
  return token.kind === 'word' && token.text === 'a' && token.source === 'A' && index > 0;
}

function citation(
  item: Item,
  index: number,
  context: Sentence,
  pronouncer: Pronouncer,
  onWord: AnalyzeOptions['onWord'],
): Pick<Cited, 'parts' | 'from'> {
  const { token, override } = item;
  if (override) {
    onWord?.(token.text, 'override', override.flat());
    return { parts: override, from: 'override' };
  }
  if (token.kind === 'ipa') return { parts: parseIpa(token.ipa, 'input'), from: 'ipa' };
  if (token.kind === 'letter' || isLetterName(token, index)) {
    const name = letterName(token.text.toLowerCase());
    return { parts: name ? [name] : [], from: 'letter' };
  }
  const { role } = item.delivery;
  const chosen = role ? heteronym(...inRole(role, token)) : heteronym(context, index);
  if (chosen) {
    onWord?.(token.text, 'heteronym', chosen);
    return { parts: [chosen], from: 'heteronym' };
  }
  const found = pronouncer.pronounce(token.text, token.kind === 'word' ? token.source : undefined);
  if (!found || found.symbols.length === 0) return { parts: [], from: 'spelled' };
  onWord?.(token.text, found.from, found.symbols);
  return { parts: [found.symbols], from: found.from };
}

/** Is the symbol one that stands between words? */
export function isBetweenWords(symbol: string): boolean {
  return symbol === ' ' || isPauseSymbol(symbol);
}

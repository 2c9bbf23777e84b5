import { SoriError } from '../base/errors.ts';
import { atOnce, type Work } from '../base/turns.ts';
import { type Accent, americanAccent } from './en/accent.ts';
import { britishAccent } from './en/british/british.ts';
import { openDictionary } from './en/dictionary.ts';
import { openLetterToSound } from './en/letter-to-sound.ts';
import { createPronouncer } from './en/pronounce.ts';
import { type Clause, placeBreaks, readSentences } from './en/sentences.ts';
import type { AnalyzeOptions, FrontEnd, FrontEndData } from './frontend-types.ts';
import { speakKoreanSentence } from './ko/words.ts';
import { type Korean, openKorean, readLanguages, readMarkup, sortPronunciations } from './korean.ts';
import { isBritish, primarySubtag } from './language.ts';
import { findOverrides } from './overrides.ts';
import { insertReadings, withReadings } from './readings.ts';
import { plainScript, type Script, type Section, sameSection } from './script.ts';
import { joinWords, type SpokenWord } from './sequence.ts';
import { reportKorean, speakSentence } from './spoken-words.ts';
import { isSsml } from './ssml/detect.ts';
import { BRITISH_SYMBOLS, isPauseSymbol, SYMBOLS } from './symbols.ts';
import type { Phoneme, Span, Utterance } from './types.ts';
import { type Breath, finish } from './utterances.ts';
import { describePosition, positionOf, type Warnings } from './warnings.ts';

export type { AnalyzeOptions, FrontEnd, FrontEndData, ReadToken } from './frontend-types.ts';

/** Longest utterance by default, in symbols: about 15 seconds of speech. */
export const DEFAULT_MAX_PHONEMES = 220;

/**
 * Creates the front end of a model: text → words → phonemes → utterances, in English and, where the model's phoneme table has its
 * symbols, in Korean and with a British accent. Large data is read only when needed.
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
  const english = openEnglish(data);
  const korean = openKorean(data, english.american.pronouncer);
  const analysis: FrontEnd['analysis'] = (input, options = {}) => analyze(input, english, korean, options);
  return { analysis, analyze: (input, options) => atOnce(analysis(input, options)) };
}

/** The accents of English that a model speaks. */
interface English {
  readonly american: Accent;
  /** Absent in a model without its symbols or its words: British English is then read as American. */
  readonly british?: Accent;
}

function openEnglish(data: FrontEndData): English {
  return readable(() => {
    const fallback = data.fallback && openLetterToSound(data.fallback);
    // The fallback reads most of its bytes at the first unknown word.
    const guarded = fallback && {
      pronounce: (letters: string) => readable(() => fallback.pronounce(letters)),
    };
    const dictionary = openDictionary(data.dictionary);
    const american = americanAccent(createPronouncer(dictionary, guarded));
    const table = new Set(data.phonemes);
    if (!data.british || !BRITISH_SYMBOLS.every((symbol) => table.has(symbol))) return { american };
    return { american, british: britishAccent(dictionary, data.british, guarded) };
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
  english: English,
  korean: Korean | undefined,
  options: AnalyzeOptions,
): Work<Utterance[]> {
  const plain = isSsml(input) ? readMarkup(input, korean, options) : plainScript(input);
  const base = primarySubtag(options.language ?? 'en');
  const accentOf = ({ language, voice }: Section): Accent => {
    const accent = voice === undefined ? undefined : options.voiceLanguage?.(voice);
    const ofVoice = accent !== undefined && primarySubtag(accent) === base ? accent : options.language;
    return (isBritish(language ?? ofVoice) ? english.british : undefined) ?? english.american;
  };
  const { ipa, respellings } = sortPronunciations(options.pronunciations ?? {}, korean !== undefined);
  const named = findOverrides(ipa, accentOf({}).ipa)(plain.text);
  const { script, tokens, unread } = readLanguages(input, plain, korean, {
    ...options,
    british: english.british !== undefined,
    named,
    respellings,
  });
  reportUnread(unread, script, input, options.warnings);
  const clauses = readSentences(
    insertReadings(tokens, script.readings),
    withReadings(named, script.readings),
    script,
  );
  placeBreaks(clauses, script.breaks);
  const spoken: { clause: Clause; words: SpokenWord[] }[] = [];
  for (const [i, clause] of clauses.entries()) {
    yield;
    const isKorean = korean !== undefined && primarySubtag(clause.section.language ?? base) === 'ko';
    const ends = clauses[i + 1]?.sentence !== clause.sentence;
    const words = isKorean
      ? speakKoreanSentence(clause.items, { ...korean, ends })
      : speakSentence(clause, accentOf(clause.section), { ...options, input, script });
    if (isKorean) reportKorean(clause, words, { ...options, input, script });
    if (words.length > 0) spoken.push({ clause, words });
  }
  yield;
  if (spoken.length === 0) {
    throw new SoriError(
      'nothing_to_speak',
      `The input contains nothing that can be spoken: no word, number or named symbol.${leftOut(unread, script, input)}`,
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

/** Whether the symbol separates words. */
export function isBetweenWords(symbol: string): boolean {
  return symbol === ' ' || isPauseSymbol(symbol);
}

import type { Accent } from './en/accent.ts';
import { heteronym, type Sentence } from './en/heteronyms.ts';
import type { Clause, Item } from './en/sentences.ts';
import { inRole } from './en/word-role.ts';
import type { AnalyzeOptions, ReadingSource, ReadToken } from './frontend-types.ts';
import { parseIpa } from './ipa.ts';
import type { Script } from './script.ts';
import type { SpokenWord } from './sequence.ts';
import { PHRASE_BOUNDARY } from './symbols.ts';
import type { SpokenToken } from './types.ts';

/** Options of {@link speakSentence}. */
export interface SpeakOptions extends AnalyzeOptions {
  readonly input: string;
  readonly script: Script;
}

/** Words of an English sentence as they are spoken one after the other. */
export function speakSentence(clause: Clause, accent: Accent, options: SpeakOptions): SpokenWord[] {
  const { items } = clause;
  const context: Sentence = {
    words: items.map(({ token }) => token.text.toLowerCase()),
    sources: items.map(({ token }) => (token.kind === 'word' ? token.source : token.text)),
    pauses: items.map(({ pause }, i) => pause !== undefined || i === items.length - 1),
  };
  const spoken = items
    .map((item, index) => ({ item, index, ...citation(item, index, context, accent, options.onWord) }))
    .filter(({ parts }) => parts.length > 0);
  const said = spoken.map(({ item, index, parts }, i) => {
    const isWord = item.token.kind === 'word' && item.override === undefined;
    return isWord && !isLetterName(item.token, index) ? reduced(spoken, i, context, accent) : parts;
  });
  return spoken.map(({ item, from }, i) => {
    const following = isFollowed(spoken, i, context) ? said[i + 1] : undefined;
    const symbols = linked(said[i], following, accent);
    if (options.onToken) options.onToken(readToken(item, from, symbols, clause, options));
    return { parts: symbols, span: item.token.span, pause: item.pause };
  });
}

/** Each word as it is spoken before the next. */
function linked(
  words: readonly (readonly string[])[],
  following: readonly (readonly string[])[] | undefined,
  accent: Accent,
): readonly (readonly string[])[] {
  return words.map((symbols, k) => accent.link(symbols, (words[k + 1] ?? following?.[0])?.[0]));
}

/** Whether another word follows without a pause. */
function isFollowed(spoken: readonly Cited[], i: number, context: Sentence): boolean {
  return !context.pauses[spoken[i].index] && i < spoken.length - 1;
}

/** Reports the words of a Korean sentence. */
export function reportKorean(clause: Clause, words: readonly SpokenWord[], options: SpeakOptions): void {
  if (!options.onToken) return;
  for (const [i, word] of words.entries()) {
    const item = clause.items[i];
    if (!item) continue;
    const from = item.override ? 'override' : item.token.kind === 'ipa' ? 'ipa' : 'derived';
    const token = readToken({ ...item, pause: word.pause }, from, word.parts, clause, options);
    const phrase = word.boundary === PHRASE_BOUNDARY && word.pause === undefined && i < words.length - 1;
    options.onToken(phrase ? { ...token, boundary: PHRASE_BOUNDARY } : token);
  }
}

function readToken(
  { token, pause }: Item,
  from: ReadingSource,
  words: readonly (readonly string[])[],
  { sentence, section }: Clause,
  { input, script, language = 'en' }: SpeakOptions,
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
    language: section.language ?? language,
  };
}

interface Cited {
  readonly item: Item;
  readonly index: number;
  readonly parts: readonly (readonly string[])[];
  readonly from: ReadingSource;
}

function reduced(
  spoken: readonly Cited[],
  i: number,
  context: Sentence,
  accent: Accent,
): readonly (readonly string[])[] {
  const { item, parts } = spoken[i];
  const beforePause = !isFollowed(spoken, i, context);
  const place = {
    // An emphasized single word keeps its stress.
    alone: spoken.length === 1 || (item.delivery.stressed === true && isAloneIn(spoken, i)),
    beforePause,
    next: beforePause ? undefined : spoken[i + 1].parts[0][0],
  };
  return [accent.reduce(item.token.text, parts[0], place)];
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
  accent: Accent,
  onWord: AnalyzeOptions['onWord'],
): Pick<Cited, 'parts' | 'from'> {
  const { token, override } = item;
  if (override) {
    onWord?.(token.text, 'override', override.flat());
    return { parts: override.map((symbols) => accent.adopt('', symbols)), from: 'override' };
  }
  if (token.kind === 'ipa') return { parts: parseIpa(token.ipa, 'input', accent.ipa), from: 'ipa' };
  if (token.kind === 'letter' || isLetterName(token, index)) {
    const name = accent.letterName(token.text.toLowerCase());
    return { parts: name ? [name] : [], from: 'letter' };
  }
  const { role } = item.delivery;
  const american = role ? heteronym(...inRole(role, token)) : heteronym(context, index);
  const chosen = american && accent.adopt(token.text, american);
  if (chosen) {
    onWord?.(token.text, 'heteronym', chosen);
    return { parts: [chosen], from: 'heteronym' };
  }
  const found = accent.pronouncer.pronounce(token.text, token.kind === 'word' ? token.source : undefined);
  if (!found || found.symbols.length === 0) return { parts: [], from: 'spelled' };
  onWord?.(token.text, found.from, found.symbols);
  return { parts: [found.symbols], from: found.from };
}

import type { Override } from '../overrides.ts';
import { type Break, type Delivery, type Script, type Section, sameSection } from '../script.ts';
import { PAUSE_MARKS } from '../symbols.ts';
import type { Phoneme, Span, SpokenToken } from '../types.ts';
import { withS } from './morphology.ts';

/** A word token, or an override in place of one or several, and the mark that follows. */
export interface Item {
  readonly token: Exclude<SpokenToken, { kind: 'pause' }>;
  readonly override: readonly (readonly string[])[] | undefined;
  readonly delivery: Delivery;
  pause: Phoneme | undefined;
}

/** A sentence, or a part of a sentence within one section. */
export interface Clause {
  readonly items: Item[];
  readonly section: Section;
  /** Number of its sentence. */
  readonly sentence: number;
  /** A sentence by its marks that continues the one before without a pause: `"Stop!" he cried.` */
  readonly continues: boolean;
  /** A break before the first word of the text. */
  lead: Phoneme | undefined;
}

const SENTENCE_END = new Set(['.', '?', '!']);
const CLOSING_QUOTE = /["'”’»)]/;

/**
 * Splits tokens into sentences, and sentences where the section changes. Of consecutive marks the strongest is kept; marks before the first
 * word are dropped.
 */
export function readSentences(
  tokens: readonly SpokenToken[],
  overrides: readonly Override[],
  script: Script,
): Clause[] {
  const clauses: Clause[] = [];
  let next = 0;
  let spokenUpTo = -1;
  for (const token of tokens) {
    const clause = clauses.at(-1);
    const last = clause?.items.at(-1);
    if (token.kind === 'pause') {
      if (last && (last.pause === undefined || strength(token.text) > strength(last.pause.symbol))) {
        last.pause = { symbol: token.text, span: token.span };
      }
      continue;
    }
    if (token.span.end <= spokenUpTo) continue;
    const delivery = script.delivery(token.span.start);
    const ends = clause === undefined || endsSentence(clause.items, token);
    if (ends || !sameSection(clause.section, delivery.section)) {
      const continues = ends && last !== undefined && inOneBreath(last, token, script.text);
      const sentence = clause === undefined ? 0 : clause.sentence + (ends && !continues ? 1 : 0);
      clauses.push({ items: [], section: delivery.section, sentence, continues, lead: undefined });
    }
    while (next < overrides.length && overrides[next].span.end <= token.span.start) next++;
    const match = overrides[next];
    const override = match && token.kind !== 'ipa' ? overrideFor(token, match) : undefined;
    if (override) spokenUpTo = match.span.end;
    const span = override ? cover(token.span, match.span) : token.span;
    clauses.at(-1)!.items.push({ token: { ...token, span }, override, delivery, pause: undefined });
  }
  return clauses;
}

/**
 * Adds every break to the pause after the previous word, or inserts a `,` if there is none. Breaks at the same position add up. A break
 * before the first word becomes a pause there.
 */
export function placeBreaks(clauses: readonly Clause[], breaks: readonly Break[]): void {
  const items = clauses.flatMap((clause) => clause.items);
  let next = 0;
  for (const { at, ms } of breaks) {
    while (next < items.length && items[next].token.span.start < at) next++;
    const span = { start: at, end: at + 1 };
    const item = items[next - 1];
    const pause = item ? item.pause : clauses[0]?.lead;
    if (pause === undefined && ms === 0) continue;
    // Its position decides whether a mark is before or after it.
    const place = pause === undefined || (pause.pauseMs === undefined && ms > 0) ? span : pause.span;
    const placed = { symbol: pause?.symbol ?? ',', span: place, pauseMs: (pause?.pauseMs ?? 0) + ms };
    if (item) item.pause = placed;
    else if (clauses.length > 0) clauses[0].lead = placed;
  }
}

function strength(mark: string): number {
  return PAUSE_MARKS.indexOf(mark as (typeof PAUSE_MARKS)[number]);
}

/** `.`, `?` and `!` end a sentence; `…` does when a capital follows. */
function endsSentence(sentence: readonly Item[], next: SpokenToken): boolean {
  const mark = sentence[sentence.length - 1]?.pause?.symbol;
  if (mark === undefined) return false;
  return SENTENCE_END.has(mark) || (mark === '…' && next.kind === 'word' && /^\p{Lu}/u.test(next.source));
}

/** Whether a lower-case letter follows the closing quote or bracket after the mark. */
function inOneBreath({ pause }: Item, next: SpokenToken, text: string): boolean {
  if (!pause || pause.span.end > next.span.start || next.kind !== 'word') return false;
  const between = text.slice(pause.span.end, next.span.start);
  return /^\p{Ll}/u.test(next.source) && CLOSING_QUOTE.test(between) && !/[\n\r]/.test(between);
}

/** The words of an override that applies to this token: the whole token, or all but a possessive ending. */
function overrideFor(token: SpokenToken, { span, words }: Override): Override['words'] | undefined {
  const overlaps = span.start < token.span.end && token.span.start < span.end;
  if (!overlaps) return undefined;
  const possessive = token.kind === 'word' && token.span.end > span.end && token.text.endsWith("'s");
  return possessive ? [...words.slice(0, -1), withS(words[words.length - 1])] : words;
}

function cover(a: Span, b: Span): Span {
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}

import { normalize } from '../../../text/en/normalize.ts';
import { normalizeKorean } from '../../../text/ko/normalize/normalize.ts';
import { primarySubtag } from '../../../text/language.ts';
import type { RenderedTemplate, Template } from './template.ts';

/** A stretch of a rendering that is spoken by itself. */
export interface Segment {
  readonly text: string;
  /** The mark that it ends with; '' for the last one where it has none. */
  readonly mark: string;
  /** Slots in it. */
  readonly slots: readonly string[];
}

const CLAUSE_MARKS = /^[,;:.?!]$/;

/**
 * Cuts a rendering where the template's own text ends a clause: behind a `,` `;` `:` `.` `?` `!` that white space follows and that a
 * reader pauses at (so not behind "Dr."). Neighbours without slots stay together: cutting them would save nothing.
 * @returns at least two segments; undefined when it is to be spoken whole, as SSML always is.
 */
export function cutSegments(template: Template, rendered: RenderedTemplate): readonly Segment[] | undefined {
  if (template.ssml) return undefined;
  const { text } = rendered;
  const owners = rendered.parts.flatMap((part) =>
    Array<string | undefined>(part.text.length).fill(part.slot),
  );
  const slotsIn = (from: number, to: number) => {
    const slots = owners.slice(from, to).filter((slot) => slot !== undefined);
    return [...new Set(slots)];
  };
  const segments: { start: number; end: number; slots: readonly string[] }[] = [];
  let start = 0;
  for (const end of [...clauseEnds(text, owners, template.locale), text.length]) {
    const slots = slotsIn(start, end);
    const last = segments.at(-1);
    if (last && last.slots.length === 0 && slots.length === 0) last.end = end;
    else segments.push({ start, end, slots });
    start = end;
  }
  if (segments.length < 2) return undefined;
  return segments.map((segment) => {
    const spoken = text.slice(segment.start, segment.end).trim();
    const mark = spoken.at(-1)!;
    return { text: spoken, mark: CLAUSE_MARKS.test(mark) ? mark : '', slots: segment.slots };
  });
}

/** Offsets behind the marks to cut at; between two of them, and behind the last, something is spoken. */
function clauseEnds(text: string, owners: readonly (string | undefined)[], locale: string): number[] {
  const read = primarySubtag(locale) === 'ko' ? normalizeKorean : normalize;
  const ends: number[] = [];
  let words = 0;
  /** A mark with words before it, which counts once there are words behind it. */
  let pending: number | undefined;
  for (const token of read(text)) {
    if (token.kind !== 'pause') {
      words++;
      if (pending !== undefined) ends.push(pending);
      pending = undefined;
      continue;
    }
    const { end } = token.span;
    const own = owners[end - 1] === undefined && owners[end] === undefined;
    if (words === 0 || !own || !CLAUSE_MARKS.test(text[end - 1])) continue;
    if (!/\s/.test(text[end] ?? '') || bracketed(text, end)) continue;
    pending = end;
    words = 0;
  }
  return ends;
}

/** Whether a bracket is open. Its contents belong together, and may be the text of a link. */
function bracketed(text: string, end: number): boolean {
  const before = text.slice(0, end);
  return (
    before.lastIndexOf('[') > before.lastIndexOf(']') || before.lastIndexOf('(') > before.lastIndexOf(')')
  );
}

/** Pauses of the model between two clauses of a sentence, and between two sentences, in ms; measured from sound to sound. */
const PAUSES_MS: Readonly<Record<string, number>> = {
  ',': 160,
  ':': 160,
  ';': 190,
  '.': 300,
  '?': 300,
  '!': 300,
};

/**
 * The pause behind a segment, in whole ms.
 * @param controls the request's: its factor on pauses, and how fast it is spoken.
 */
export function pauseBehind({ mark }: Segment, controls: { pauses: number; speed: number }): number {
  return Math.round(((PAUSES_MS[mark] ?? 0) * controls.pauses) / controls.speed);
}

import type { PausesBySign, Script, ScriptMark, Section } from './script.ts';
import { cutSentence } from './sequence.ts';
import { END, isPauseSymbol, isWordBoundary, START } from './symbols.ts';
import type { Mark, Phoneme, Utterance } from './types.ts';

/** A sentence or a part of one in one section: phonemes without `^` and `$`, spans in the script. */
export interface Breath {
  readonly section: Section;
  readonly sentence: number;
  readonly phonemes: readonly Phoneme[];
}

/** Average length of a phoneme: 220 phonemes take about 15 s. */
const MS_PER_PHONEME = 68;

/** Divides sentences into utterances, places the marks, and converts all spans to the original input. */
export function finish(breaths: readonly Breath[], script: Script, maxPhonemes: number): Utterance[] {
  const costOf = (phoneme: Phoneme) => cost(phoneme, script);
  const pieces = pausesBySign(breaths, script).flatMap(({ section, sentence, phonemes }) =>
    cutSentence(phonemes, maxPhonemes, costOf).map((piece) => ({ section, sentence, phonemes: piece })),
  );
  const marks = placeMarks(
    pieces.map(({ phonemes }) => phonemes),
    script.marks,
  );
  return pieces.map(({ section, sentence, phonemes }, i) => ({
    phonemes: phonemes.map((phoneme, k) => originate(phoneme, k, phonemes, script)),
    span: script.original({ start: phonemes[0].span.start, end: phonemes[phonemes.length - 1].span.end }),
    sentence,
    ...section,
    ...(marks[i].length > 0 ? { marks: marks[i] } : {}),
  }));
}

/** Longest silence in ms that pauses at signs may have together. */
const MAX_SIGN_PAUSES_MS = 60_000;
const SIGNS: Readonly<Record<string, keyof PausesBySign>> = { ',': 'comma', ';': 'semicolon' };

/** Gives pauses at sentence ends and signs the lengths that markup states, as long as they are within {@link MAX_SIGN_PAUSES_MS}. */
function pausesBySign(breaths: readonly Breath[], script: Script): readonly Breath[] {
  let left = MAX_SIGN_PAUSES_MS;
  return breaths.map((breath, i) => {
    const next = breaths[i + 1];
    const ends = next !== undefined && next.sentence !== breath.sentence;
    const phonemes = breath.phonemes.map((phoneme, k) => {
      if (!isPauseSymbol(phoneme.symbol) || phoneme.pauseMs !== undefined) return phoneme;
      const { pauses } = script.delivery(phoneme.span.start);
      const last = ends && k === breath.phonemes.length - 1;
      const ms = pauses?.[last ? 'sentence' : SIGNS[phoneme.symbol]];
      if (ms === undefined || ms > left) return phoneme;
      left -= ms;
      return { ...phoneme, pauseMs: ms };
    });
    return { ...breath, phonemes };
  });
}

/** A pause takes its own time; speech at less than half speed more than its share, as it does by the request's `speed`. */
function cost({ span, pauseMs }: Phoneme, script: Script): number {
  if (pauseMs !== undefined) return Math.max(1, pauseMs / MS_PER_PHONEME);
  return Math.max(1, 0.5 / (script.delivery(span.start).controls?.rate ?? 1));
}

function originate(phoneme: Phoneme, k: number, phonemes: readonly Phoneme[], script: Script): Phoneme {
  // `^` and `$` have the controls of their neighbours.
  const inner = Math.min(Math.max(k, 1), phonemes.length - 2);
  const { controls } = script.delivery(phonemes[inner].span.start);
  const span = script.original(phoneme.span);
  return controls ? { ...phoneme, span, controls } : { ...phoneme, span };
}

/** A mark is before the next sound or pause, in any utterance. After the last one it is at the end. */
function placeMarks(pieces: readonly (readonly Phoneme[])[], marks: readonly ScriptMark[]): Mark[][] {
  const placed: Mark[][] = pieces.map(() => []);
  let next = 0;
  for (const [i, phonemes] of pieces.entries()) {
    for (const [before, { symbol, span }] of phonemes.entries()) {
      if (symbol === START || symbol === END || isWordBoundary(symbol)) continue;
      for (; next < marks.length && marks[next].at <= span.start; next++) {
        placed[i].push({ name: marks[next].name, before, span: marks[next].span });
      }
    }
  }
  const last = pieces.length - 1;
  for (const { name, span } of marks.slice(next)) {
    placed[last].push({ name, before: pieces[last].length, span });
  }
  return placed;
}

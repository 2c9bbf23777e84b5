import type { TranscriptionDependencies } from './dependencies.ts';
import { type RecordingToCheck, recognize } from './recognize.ts';

/**
 * Measures how much of a sentence is spoken in a recording: the share of its words that occur in order.
 * @returns 0 to 1; `undefined` if this server has no recognizer.
 * @throws {SoriError} `invalid_reference`, `model_unavailable`, `overloaded`; the signal's reason.
 */
export async function shareSpoken(
  deps: TranscriptionDependencies,
  recording: RecordingToCheck,
  sentence: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const segments = await recognize(deps, recording, signal);
  if (segments === undefined) return undefined;
  const said = segments.map(({ text }) => text).join('');
  const wanted = wordsOf(sentence);
  return wanted.length === 0 ? 1 : commonWords(wanted, wordsOf(said)) / wanted.length;
}

/** Words without case and punctuation. */
function wordsOf(text: string): string[] {
  return text
    .normalize('NFC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

/** Length of the longest sequence of words that both have in this order. */
function commonWords(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const word of a) {
    const next = [0];
    for (const [j, other] of b.entries()) {
      next.push(word === other ? row[j] + 1 : Math.max(row[j + 1], next[j]));
    }
    row = next;
  }
  return row[b.length];
}

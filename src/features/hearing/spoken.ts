import type { HearingDependencies } from './dependencies.ts';
import { RATE, readRecording, recogniserOf, transcribe } from './transcribe.ts';

/** Seconds of a recording that are written down to check it. */
const MOST_SECONDS = 60;

/**
 * Finds out how much of a sentence a recording says: the share of its words that are said in their order.
 * @param param field that the recording came in, for errors.
 * @returns `undefined` where this server has no recogniser; 0 to 1.
 * @throws {SoriError} `invalid_reference`, `model_unavailable`, `overloaded`; the signal's reason.
 */
export async function shareSpoken(
  deps: HearingDependencies,
  { bytes, param }: { readonly bytes: Uint8Array; readonly param: string },
  sentence: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  await deps.hosted?.refresh();
  if (!deps.hosted || deps.hosted.list('transcription').length === 0) return undefined;
  const model = await recogniserOf(deps);
  const samples = (await readRecording(bytes, param)).subarray(0, MOST_SECONDS * RATE);
  const options = { into: 'same', temperature: 0, words: false } as const;
  let said = '';
  for await (const { segments } of transcribe(deps, model, samples, options, signal)) {
    said += segments.map(({ text }) => text).join('');
  }
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

import { isSilent } from '../../synthesis/acoustic/silent.ts';
import type { Alignment } from '../../synthesis/alignment.ts';
import type { Span, Utterance } from '../../text/types.ts';

/** Writes down when utterances and their phonemes and marks sound, from the samples of each phoneme. */
export class HostedTimeline {
  readonly alignment: Alignment = { phonemes: [], marks: [] };
  #samples = 0;
  #word = -1;
  #lastWord: Span | undefined;

  /** Samples of all that was added. */
  get samples(): number {
    return this.#samples;
  }

  /**
   * Adds the utterance that follows.
   * @param lengths samples of each phoneme; without them nothing is written down.
   * @param samples of all of it.
   */
  add(utterance: Utterance, lengths: readonly number[] | undefined, samples: number): void {
    const { phonemes, marks } = this.alignment;
    const first = phonemes.length;
    let at = this.#samples;
    this.#samples += samples;
    if (lengths === undefined) return;
    const { sentence } = utterance;
    for (const [i, { symbol, span }] of utterance.phonemes.entries()) {
      const startSample = at;
      at += lengths[i];
      phonemes.push({ symbol, startSample, endSample: at, span, word: this.#wordOf(symbol, span), sentence });
    }
    for (const { name, before, span } of utterance.marks ?? []) {
      marks.push({ name, sample: phonemes[first + before]?.startSample ?? at, span });
    }
  }

  /** A written word counts as one, however many spoken words it has: `1999`. */
  #wordOf(symbol: string, span: Span): number {
    if (isSilent(symbol)) return -1;
    if (span.start !== this.#lastWord?.start || span.end !== this.#lastWord.end) this.#word++;
    this.#lastWord = span;
    return this.#word;
  }
}

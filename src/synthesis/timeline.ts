import { shiftBounds } from '../base/shift-bounds.ts';
import type { Manifest } from '../shards/manifest.ts';
import type { Span, Utterance } from '../text/types.ts';
import type { SymbolLengths } from './acoustic/durations.ts';
import { isSilent } from './acoustic/silent.ts';
import type { Alignment } from './alignment.ts';

/** An utterance's place in the waveform. */
export interface Placement {
  readonly utterance: Utterance;
  readonly lengths: SymbolLengths;
  /** Samples of silence before and after what the vocoder makes. */
  readonly lead: number;
  readonly trail: number;
}

/** Writes down when utterances and their phonemes and marks sound. */
export class Timeline {
  readonly alignment: Alignment = { phonemes: [], marks: [] };
  readonly #hop: number;
  readonly #soundLead: number;
  #samples = 0;
  #word = -1;
  #lastWord: Span | undefined;

  /**
   * @param model its `hop`: frame t is samples t * hop to (t + 1) * hop of the vocoder's waveform; and its `soundLead`.
   */
  constructor({ hop, soundLead }: Pick<Manifest, 'hop' | 'soundLead'>) {
    this.#hop = hop;
    this.#soundLead = soundLead;
  }

  /** Samples of all that was added. */
  get samples(): number {
    return this.#samples;
  }

  /** Adds the utterance that follows. */
  add({ utterance, lengths, lead, trail }: Placement): void {
    const { phonemes, marks } = this.alignment;
    const { silences } = lengths;
    const frames = shiftBounds(lengths.frames, this.#soundLead);
    const first = phonemes.length;
    let start = this.#samples;
    let frame = 0;
    let shift = this.#samples + lead;
    for (const [p, { symbol, span }] of utterance.phonemes.entries()) {
      frame += frames[p];
      shift += silences[p];
      const last = p === utterance.phonemes.length - 1;
      const end = shift + frame * this.#hop + (last ? trail : 0);
      const { sentence } = utterance;
      phonemes.push({
        symbol,
        startSample: start,
        endSample: end,
        span,
        word: this.#wordOf(symbol, span),
        sentence,
      });
      start = end;
    }
    this.#samples = start;
    for (const { name, before, span } of utterance.marks ?? []) {
      marks.push({ name, sample: phonemes[first + before]?.startSample ?? start, span });
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

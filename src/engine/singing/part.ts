import type { Manifest } from '../../shards/manifest.ts';
import { deriveSeed } from '../../synthesis/random.ts';
import { BREATH, breathPhrase, breathShape } from '../../synthesis/singing/breath.ts';
import type { Placed } from '../../synthesis/singing/mix.ts';
import { phraseEnd } from '../../synthesis/singing/phrase.ts';
import {
  firstSample,
  type PlannedPhrase,
  planPhrase,
  renderPhrase,
  type Singer,
} from '../../synthesis/singing/render.ts';
import type { StageRunner } from '../../synthesis/stages.ts';
import type { TimedSyllable } from './engine.ts';
import type { PhraseOfPart } from './phrases.ts';

/** Seconds that the next phrase's rise may reach into the fall of the one before it. */
const OVERLAP = 0.3;
/** Number of a breath's noise stream, different from its phrase's. */
const BREATH_NOISE = 0xb7;

/** Dependencies of {@link SingingPart}. */
export interface SingingPartOptions {
  /** Number of the part in the score. */
  readonly part: number;
  readonly seed: number;
  /** Level of breaths in dB; `undefined`: none are made. */
  readonly breaths: number | undefined;
  /** Takes the syllables as they are planned. */
  readonly syllables: TimedSyllable[];
  readonly signal?: AbortSignal;
}

/** One voice, phrase by phrase. */
export class SingingPart {
  readonly #manifest: Manifest;
  readonly #stages: StageRunner;
  readonly #phrases: readonly PhraseOfPart[];
  readonly #singer: Singer;
  readonly #options: SingingPartOptions;

  constructor(
    manifest: Manifest,
    stages: StageRunner,
    phrases: readonly PhraseOfPart[],
    singer: Singer,
    options: SingingPartOptions,
  ) {
    this.#manifest = manifest;
    this.#stages = stages;
    this.#phrases = phrases;
    this.#singer = singer;
    this.#options = options;
  }

  /** The waveform of all phrases, with the breaths before them. */
  async *sing(): AsyncGenerator<Placed> {
    const { sampleRate } = this.#manifest;
    const { breaths } = this.#options;
    let earliest = 0;
    for (const [line, { phrase }] of this.#phrases.entries()) {
      const planned = await this.#plan(line, earliest);
      const begin = firstSample(planned, sampleRate) / sampleRate;
      if (breaths !== undefined && phrase.breath && begin - earliest >= BREATH.room) {
        yield* this.#breathe(begin - BREATH.before, breaths, deriveSeed(planned.seed, BREATH_NOISE));
      }
      yield* this.#render(planned, this.#singer);
      earliest = phraseEnd(phrase);
    }
  }

  /** Writes down when the syllables of all phrases sound, and makes nothing. */
  async plan(): Promise<void> {
    let earliest = 0;
    for (const [line, { phrase }] of this.#phrases.entries()) {
      await this.#plan(line, earliest);
      earliest = phraseEnd(phrase);
    }
  }

  async #plan(line: number, earliest: number): Promise<PlannedPhrase> {
    const { seed, signal } = this.#options;
    const planned = await planPhrase(this.#manifest, this.#stages, this.#phrases[line].phrase, this.#singer, {
      seed: deriveSeed(seed, line),
      earliest,
      signal,
    });
    this.#note(planned, line);
    return planned;
  }

  async *#breathe(end: number, level: number, seed: number): AsyncGenerator<Placed> {
    const start = end - BREATH.seconds;
    const singer: Singer = {
      ...this.#singer,
      level: (seconds) => level + breathShape((seconds - start) / BREATH.seconds),
      pitch: (_, hz) => hz,
    };
    const { signal } = this.#options;
    const planned = await planPhrase(this.#manifest, this.#stages, breathPhrase(end), singer, {
      seed,
      earliest: 0,
      signal,
    });
    yield* this.#render(planned, singer);
  }

  async *#render(planned: PlannedPhrase, singer: Singer): AsyncGenerator<Placed> {
    const { sampleRate } = this.#manifest;
    let at = firstSample(planned, sampleRate);
    const chunks = renderPhrase(this.#manifest, this.#stages, planned, singer, this.#options.signal);
    for await (const samples of chunks) {
      const end = at + samples.length;
      yield { at, samples, settled: end - Math.round(OVERLAP * sampleRate) };
      at = end;
    }
  }

  /** Writes down when a phrase's syllables sound. */
  #note(planned: PlannedPhrase, line: number): void {
    const { hop, sampleRate } = this.#manifest;
    const { symbols, timing, phrase } = planned;
    const { notes, firsts } = this.#phrases[line];
    const origin = firstSample(planned, sampleRate);
    const sample = (frame: number) => Math.max(0, origin + frame * hop);
    const bounds = phrase.syllables.map(() => ({ from: Number.POSITIVE_INFINITY, to: 0 }));
    let frame = 0;
    for (const [p, { syllable }] of symbols.entries()) {
      const end = frame + timing.audible[p];
      if (syllable >= 0 && end > frame) {
        bounds[syllable].from = Math.min(bounds[syllable].from, frame);
        bounds[syllable].to = end;
      }
      frame = end;
    }
    for (const [s, { from, to }] of bounds.entries()) {
      // Syllables that share a note are reported as one, in their written form.
      if (firsts[s] === firsts[s - 1]) continue;
      const last = firsts.lastIndexOf(firsts[s]);
      const { lyric } = notes[firsts[s]].source;
      this.#options.syllables.push({
        part: this.#options.part,
        text: lyric?.text ?? '',
        phonemes: phrase.syllables.slice(s, last + 1).flatMap(({ onset, nucleus, coda }) => {
          return [...onset, nucleus, ...coda];
        }),
        begins: lyric?.begins ?? true,
        ends: lyric?.ends ?? true,
        startSample: sample(from),
        vowelSample: sample(timing.vowels[s]),
        endSample: sample(Math.max(to, bounds[last].to)),
        line,
      });
    }
  }
}

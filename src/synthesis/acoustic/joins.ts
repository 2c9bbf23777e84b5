import type { Manifest } from '../../shards/manifest.ts';
import type { Utterance } from '../../text/types.ts';
import type { SymbolLengths } from './durations.ts';
import { isSilent } from './silent.ts';

/** Silence between two sentences, in seconds: what readers of prose leave (about 0.35 s), more where a paragraph ends. */
const SENTENCE_PAUSE = 0.35;
const PARAGRAPH_PAUSE = 0.7;

/** How far a style may stretch or shorten the pauses between sentences, and how much of its own pauses' factor (an exponent). */
const STYLE_REACH = 1.5;
const STYLE_SHARE = 0.5;

/** Requested silence between the last sound of an utterance and the first of the next. */
export interface JoinPause {
  readonly samples: number;
  /** Must what the networks left there be cut down to it? Else it is only filled up. */
  readonly exact: boolean;
  /** Was it stated as a break, which is digital silence? */
  readonly isBreak: boolean;
}

/** Further settings of a join. */
export interface JoinContext {
  readonly sampleRate: number;
  /** Between the two a new paragraph begins. */
  readonly paragraph: boolean;
  /** The request's factor on pauses. */
  readonly pauses: number;
  /** Factor of the duration of the whole utterance: 1 / (speed × rate) × the style's own. */
  readonly stretch: number;
}

/**
 * The pause after an utterance. The networks were trained on single sentences, so a pause is inserted between two of them. The parts of one
 * sentence have the pause of the mark between them.
 * @param next the utterance that follows, if any.
 * @returns `undefined` if nothing is to be done.
 */
export function pauseAfter(
  utterance: Utterance,
  next: Utterance | undefined,
  { sampleRate, paragraph, pauses, stretch }: JoinContext,
): JoinPause | undefined {
  const stated = utterance.phonemes[utterance.phonemes.length - 2]?.pauseMs;
  if (stated !== undefined) {
    return { samples: Math.round((stated * sampleRate) / 1000), exact: true, isBreak: true };
  }
  if (!next || next.sentence === utterance.sentence) return undefined;
  const seconds = (paragraph ? PARAGRAPH_PAUSE : SENTENCE_PAUSE) * pauses * stretch;
  return { samples: Math.round(seconds * sampleRate), exact: pauses < 1, isBreak: false };
}

/**
 * Factor of a style on pauses between sentences, from its statistics: its rate and its pauses, which are natural logarithms of
 * factors. They were measured within sentences; between them readers differ less, so half of it counts.
 */
export function styleStretch(style: Float32Array, { rate, pauses }: Manifest['style']['statistics']): number {
  const factor = Math.exp(STYLE_SHARE * (style[rate] + style[pauses]));
  return Math.min(STYLE_REACH, Math.max(1 / STYLE_REACH, factor));
}

/** Number of the first of an utterance's last silent symbols: `$` and the mark before it. */
export function tailStart({ phonemes }: Utterance): number {
  let start = phonemes.length;
  while (start > 1 && isSilent(phonemes[start - 1].symbol)) start--;
  return start;
}

/** Number of the first symbol that sounds; before it are `^` and what pauses there may be. */
export function headEnd({ phonemes }: Utterance): number {
  let end = 0;
  while (end < phonemes.length - 1 && isSilent(phonemes[end].symbol)) end++;
  return end;
}

/**
 * Removes frames from the end of an utterance until its pause leaves room for the first frames of the next one; `$` keeps one.
 * @param model its `hop`, and its `soundLead`: the next utterance's first sound begins so many frames before its symbol.
 * @returns samples of the pause that the end takes.
 */
export function fitTail(
  lengths: SymbolLengths,
  utterance: Utterance,
  pause: JoinPause | undefined,
  { hop, soundLead }: Pick<Manifest, 'hop' | 'soundLead'>,
): number {
  const start = tailStart(utterance);
  const { frames, silences } = lengths;
  if (pause?.exact) {
    let room = Math.max(1, Math.floor(pause.samples / hop) - 1 - soundLead);
    for (let i = frames.length - 1; i >= start; i--) {
      frames[i] = Math.min(frames[i], room);
      room -= frames[i];
    }
  }
  let samples = 0;
  for (let i = start; i < frames.length; i++) samples += frames[i] * hop + silences[i];
  return samples;
}

/**
 * Fits an utterance's beginning into what the last one's end left of the pause.
 * @param left samples of the pause that are left; `undefined` when the beginning stays as it is.
 * @returns samples of silence to put before the utterance.
 */
export function fitHead(
  lengths: SymbolLengths,
  utterance: Utterance,
  left: number | undefined,
  exact: boolean,
  hop: number,
): number {
  if (left === undefined) return 0;
  const end = headEnd(utterance);
  const { frames, silences } = lengths;
  if (exact) frames[0] = Math.min(frames[0], Math.max(1, Math.floor(left / hop)));
  let samples = 0;
  for (let i = 0; i < end; i++) samples += frames[i] * hop + silences[i];
  return Math.max(0, left - samples);
}

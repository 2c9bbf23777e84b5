import { type Meter, type Score, TempoMap } from './score.ts';

/** A click: a short decaying tone, higher on the first beat of a measure. */
const CLICK = { seconds: 0.03, first: 1760, other: 1320, decay: 120 } as const;

/** A beat of the click. */
export interface ClickBeat {
  readonly seconds: number;
  /** Is it a measure's first? */
  readonly first: boolean;
}

/**
 * When the click sounds: on every beat of the meter as it is written, so six times in 6/8.
 * @param end beat before which it stops.
 */
export function clickBeats({ tempos, meters }: Pick<Score, 'tempos' | 'meters'>, end: number): ClickBeat[] {
  const map = new TempoMap(tempos);
  const beats: ClickBeat[] = [];
  const list: readonly Meter[] = meters.length > 0 ? meters : [{ beat: 0, count: 4, unit: 4 }];
  for (const [i, { beat: from, count, unit }] of list.entries()) {
    const until = Math.min(end, list[i + 1]?.beat ?? end);
    for (let n = 0, beat = from; beat < until - 1e-6; n++, beat = from + (n * 4) / unit) {
      beats.push({ seconds: map.seconds(beat), first: n % count === 0 });
    }
  }
  return beats;
}

/**
 * Adds the clicks that fall into a block.
 * @param block samples, changed in place.
 * @param start sample of the whole at which the block begins.
 * @param beats with `seconds` of the whole.
 * @param amplitude of a click's start.
 */
export function addClicks(
  block: Float32Array,
  start: number,
  beats: readonly ClickBeat[],
  sampleRate: number,
  amplitude: number,
): void {
  const length = Math.round(CLICK.seconds * sampleRate);
  for (const { seconds, first } of beats) {
    const at = Math.round(seconds * sampleRate) - start;
    if (at <= -length || at >= block.length) continue;
    const hz = first ? CLICK.first : CLICK.other;
    for (let n = Math.max(0, -at); n < length && at + n < block.length; n++) {
      const t = n / sampleRate;
      block[at + n] += amplitude * Math.exp(-CLICK.decay * t) * Math.sin(2 * Math.PI * hz * t);
    }
  }
}

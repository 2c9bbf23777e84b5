import type { SungNote } from './song.ts';

/** A rectangle of the piano roll, in pixels. */
export interface RollNote {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Semitones above and below the notes that are shown. */
const MARGIN = 2;
/** Semitones that are shown at least. */
const LEAST = 12;

const midiOf = (hz: number) => 69 + 12 * Math.log2(hz / 440);

/** The lowest and the highest semitone of a piano roll. */
export function rollRange(notes: readonly SungNote[]): { readonly low: number; readonly high: number } {
  const pitches = notes.map(({ hz }) => Math.round(midiOf(hz)));
  const low = Math.min(...pitches) - MARGIN;
  const high = Math.max(...pitches) + MARGIN;
  const more = Math.max(0, LEAST - (high - low)) / 2;
  return { low: low - Math.floor(more), high: high + Math.ceil(more) };
}

/**
 * The place of a note.
 * @param seconds of the whole width.
 */
export function rollNote(
  { start_ms, end_ms, hz }: SungNote,
  { low, high }: { readonly low: number; readonly high: number },
  seconds: number,
  size: { readonly width: number; readonly height: number },
): RollNote {
  const row = size.height / (high - low + 1);
  const scale = size.width / (seconds * 1000);
  return {
    x: start_ms * scale,
    y: (high - midiOf(hz)) * row,
    width: Math.max(2, (end_ms - start_ms) * scale - 1),
    height: row,
  };
}

/** Whether a semitone is a black key. */
export const isBlackKey = (semitone: number): boolean =>
  [1, 3, 6, 8, 10].includes(((semitone % 12) + 12) % 12);

/** Share of the visible width at which the line lies after the roll was scrolled. */
const AFTER_SCROLL = 0.15;

/**
 * Pixels by which the roll is scrolled so that its line is visible.
 * @param at place of the line, from 0 to 1.
 */
export function rollScroll(
  at: number,
  {
    scrollLeft,
    clientWidth,
    scrollWidth,
  }: { readonly scrollLeft: number; readonly clientWidth: number; readonly scrollWidth: number },
): number {
  const line = at * scrollWidth;
  const isVisible = line >= scrollLeft && line <= scrollLeft + clientWidth;
  if (isVisible) return scrollLeft;
  return Math.max(0, Math.min(scrollWidth - clientWidth, line - AFTER_SCROLL * clientWidth));
}

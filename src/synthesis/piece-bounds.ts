/** A part of a sequence of frames: [start, end). */
export interface Bounds {
  readonly start: number;
  readonly end: number;
}

/**
 * Boundaries between the runs of a network that computes a sequence piece by piece, for a runtime that can go on from a piece. Pieces cost
 * nothing there, so they are small: other work has its turn between them.
 * @param first frames of the first piece, which is small so that the first audio leaves early.
 * @param most frames of each piece after it; they are about equally long. A sequence of no more frames is one piece.
 */
export function equalBounds(frames: number, first: number, most: number): Bounds[] {
  if (frames <= most) return frames > 0 ? [{ start: 0, end: frames }] : [];
  const pieces = Math.ceil((frames - first) / most);
  const ends = Array.from(
    { length: pieces + 1 },
    (_, piece) => first + Math.round(((frames - first) * piece) / pieces),
  );
  return ends.map((end, piece) => ({ start: piece === 0 ? 0 : ends[piece - 1], end }));
}

/** Frames of a sequence that is one piece in {@link longBounds} (2 s). In pieces it would take a sixth longer, because of their context. */
const SHORT_FRAMES = 160;

/**
 * The same for other runtimes, which compute some frames at each boundary twice: few boundaries.
 * @param first frames of the first piece.
 * @param size frames of the pieces after it. A rest that is shorter than `least` belongs to the piece before it.
 */
export function longBounds(frames: number, first: number, size: number, least: number): Bounds[] {
  if (frames > 0 && frames <= SHORT_FRAMES) return [{ start: 0, end: frames }];
  const bounds: Bounds[] = [];
  for (let start = 0; start < frames; ) {
    const length = start === 0 ? first : size;
    const end = frames - start - length < least ? frames : start + length;
    bounds.push({ start, end });
    start = end;
  }
  return bounds;
}

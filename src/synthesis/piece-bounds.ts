/** A part of a sequence of frames: [start, end). */
export interface Bounds {
  readonly start: number;
  readonly end: number;
}

/**
 * Divides a sequence into pieces that a network computes one after the other, for a runtime that can go on from a piece. There a piece takes
 * no additional time, so the pieces are small, and other work has its turn between them.
 * @param first frames of the first piece, which is small so that the first audio leaves early.
 * @param most frames of each piece after it. These pieces are about equally long. A sequence of at most so many frames is one piece.
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

/** Most frames of a sequence that {@link longBounds} leaves in one piece (2 s). In several it would take a sixth longer. */
const SHORT_FRAMES = 160;

/**
 * Divides a sequence as {@link equalBounds} does, for other runtimes. They compute some frames at each boundary twice, so the pieces are long.
 * @param first frames of the first piece.
 * @param size frames of the pieces after it. A rest that is shorter than the first piece belongs to the piece before it.
 */
export function longBounds(frames: number, first: number, size: number): Bounds[] {
  if (frames > 0 && frames <= SHORT_FRAMES) return [{ start: 0, end: frames }];
  const bounds: Bounds[] = [];
  for (let start = 0; start < frames; ) {
    const length = start === 0 ? first : size;
    const end = frames - start - length < first ? frames : start + length;
    bounds.push({ start, end });
    start = end;
  }
  return bounds;
}

/** A point of a curve of pitch. */
export interface PitchPoint {
  readonly beat: number;
  readonly cents: number;
}

/** The pitch points of a note, as OpenUtau writes them. */
export interface NotePitch {
  readonly data?: readonly { readonly x: number; readonly y: number }[] | null;
  readonly snap_first?: boolean | null;
}

/** Cents in one step of a point's `y`. */
const STEP_CENTS = 10;
/** Largest bend of a score, in cents. */
const MOST_CENTS = 2400;

/**
 * The points of a note inside of it, as a curve that is 0 at its start and its end. Points before the note, and a first one that snaps to
 * the note before, are the glide between the notes, which singing has of its own (`portamento`).
 * @param note its beginning and length in beats, and milliseconds of a beat there.
 */
export function pitchPoints(
  pitch: NotePitch | null | undefined,
  note: { readonly beat: number; readonly beats: number; readonly beatMs: number },
): PitchPoint[] {
  const data = [...(pitch?.data ?? [])].sort((one, other) => one.x - other.x);
  const own = pitch?.snap_first ? data.slice(1) : data;
  const inside = own
    .map(({ x, y }) => ({ beat: note.beat + x / note.beatMs, cents: y * STEP_CENTS }))
    .filter(({ beat }) => beat >= note.beat && beat < note.beat + note.beats);
  if (inside.every(({ cents }) => cents === 0)) return [];
  const ends = [note.beat, note.beat + note.beats].map((beat) => ({ beat, cents: 0 }));
  return [ends[0], ...inside, ends[1]];
}

/** The sum of two curves, each linear between its points, in order; 0 before and after them. */
export function sumOfCurves(one: readonly PitchPoint[], other: readonly PitchPoint[]): PitchPoint[] {
  if (other.length === 0) return one.map(limited);
  const [a, b] = [inOrder(one), inOrder(other)];
  const [atA, atB] = [readerOf(a), readerOf(b)];
  const points = [
    ...a.map(({ beat, cents }) => ({ beat, cents: cents + atB(beat) })),
    ...b.map(({ beat, cents }) => ({ beat, cents: cents + atA(beat) })),
  ];
  return inOrder(points).map(limited);
}

const inOrder = (points: readonly PitchPoint[]) => [...points].sort((one, other) => one.beat - other.beat);

const limited = ({ beat, cents }: PitchPoint): PitchPoint => ({
  beat,
  cents: Math.max(-MOST_CENTS, Math.min(MOST_CENTS, cents)),
});

/** Reads a curve by a search, so that long curves take no square time. */
function readerOf(points: readonly PitchPoint[]): (beat: number) => number {
  return (beat) => {
    let [low, high] = [0, points.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (points[middle].beat <= beat) low = middle + 1;
      else high = middle;
    }
    const [from, to] = [points[low - 1], points[low]];
    if (!from || !to) return from?.beat === beat ? from.cents : 0;
    const share = (beat - from.beat) / (to.beat - from.beat);
    return from.cents + share * (to.cents - from.cents);
  };
}

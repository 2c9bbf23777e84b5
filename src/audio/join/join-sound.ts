import { SAMPLE_RATE } from '../samples.ts';

/** Position of the sound in a recording and where to cut it, in samples: `from` ≤ `start` ≤ `end` ≤ `to`. */
export interface Sound {
  readonly from: number;
  /** The first sound. */
  readonly start: number;
  /** After the last sound. */
  readonly end: number;
  readonly to: number;
}

const MS = SAMPLE_RATE / 1000;
/** Loudness is measured in windows of 5 ms, one every millisecond. */
const WINDOW = 5 * MS;
/** Windows 30 dB below the loudest count as quiet (breath and room noise). A ratio of powers. */
const THRESHOLD = 0.001;
/** Sound shorter than this is a click or a breath, such as the one that the vocoder starts with. */
const SHORTEST = 30 * MS;
/** Margin for soft consonants before and after the loud part. */
const BEFORE = { least: 10 * MS, most: 60 * MS };
const BEHIND = { least: 15 * MS, most: 80 * MS };

/** Finds the sound in a recording and the quietest positions around it. In a silent recording the range is empty. */
export function findSound(samples: Int16Array): Sound {
  const powers = windowPowers(samples);
  const loudest = powers.reduce((most, power) => Math.max(most, power), 0);
  const loud = loudest === 0 ? [] : stretches(powers, loudest * THRESHOLD);
  if (loud.length === 0) return { from: 0, start: 0, end: 0, to: 0 };
  // The first loud window is loud at its end, the last one at its beginning.
  const { first } = loud[0];
  const start = first === 0 ? 0 : Math.min(samples.length, first + WINDOW - MS);
  const end = Math.max(start, Math.min(samples.length, loud[loud.length - 1].last + MS));
  return {
    from: quietest(powers, samples.length, start - BEFORE.most, start - BEFORE.least),
    start,
    end,
    to: quietest(powers, samples.length, end + BEHIND.least, end + BEHIND.most),
  };
}

/** Energies of the windows; window `i` begins at sample `i * MS`. */
function windowPowers(samples: Int16Array): Float64Array {
  const powers = new Float64Array(Math.ceil(samples.length / MS));
  for (let i = 0; i < powers.length; i++) {
    const end = Math.min(samples.length, i * MS + WINDOW);
    for (let at = i * MS; at < end; at++) powers[i] += samples[at] * samples[at];
  }
  return powers;
}

/** Ranges of loud windows that are long enough, or all ranges if none is. */
function stretches(powers: Float64Array, threshold: number): { first: number; last: number }[] {
  const all: { first: number; last: number }[] = [];
  let open: { first: number; last: number } | undefined;
  powers.forEach((power, i) => {
    if (power <= threshold) open = undefined;
    else if (open) open.last = i * MS;
    else {
      open = { first: i * MS, last: i * MS };
      all.push(open);
    }
  });
  const long = all.filter(({ first, last }) => last + WINDOW - first >= SHORTEST);
  return long.length > 0 ? long : all;
}

/** The middle of the quietest window that begins within `[low, high]`; the end of the recording if there is none. */
function quietest(powers: Float64Array, length: number, low: number, high: number): number {
  const [first, last] = [
    Math.max(0, Math.ceil(low / MS)),
    Math.min(powers.length - 1, Math.floor(high / MS)),
  ];
  if (last < first) return low < 0 ? 0 : length;
  let best = first;
  for (let i = first; i <= last; i++) if (powers[i] < powers[best]) best = i;
  return Math.min(length, best * MS + WINDOW / 2);
}

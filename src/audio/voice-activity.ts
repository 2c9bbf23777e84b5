/** Length in seconds of a frame whose loudness is measured. */
const FRAME_SECONDS = 0.03;
/** Level of speech above the quiet parts in dB, and the lowest level of speech in dB of full scale. */
const ABOVE_FLOOR = 9;
const LEAST_LEVEL = -60;
/** Fraction of the frames that count as quiet. */
const QUIET_SHARE = 0.1;
/** Silences shorter than this, in seconds, are part of the speech around them. */
const LEAST_SILENCE = 0.5;
/** Speech shorter than this, in seconds, is a click. */
const LEAST_SPEECH = 0.1;
/** Margin before and after speech in seconds, for soft beginnings and ends below the threshold. */
const MARGIN = 0.25;
/** Fraction of a window, at its end, in which speech may be cut. */
const CUT_FROM = 0.6;

/** A stretch of samples. */
export interface SampleRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts a recording into windows for a speech recognizer, between words where possible. Silence is left out, neighbouring speech shares a
 * window, and speech without a pause is cut at its quietest frame.
 * @param samples mono, in [-1, 1].
 * @param maxSeconds longest window.
 * @returns windows in order, which do not overlap; none for silence.
 */
export function speechWindows(samples: Float32Array, sampleRate: number, maxSeconds: number): SampleRange[] {
  const frame = Math.round(FRAME_SECONDS * sampleRate);
  const levels = levelsOf(samples, frame);
  const most = Math.floor(maxSeconds / FRAME_SECONDS);
  const windows: { start: number; end: number }[] = [];
  for (const stretch of speechIn(levels)) {
    for (const part of cutLong(stretch, levels, most)) {
      const last = windows.at(-1);
      if (last && part.end - last.start <= most) last.end = part.end;
      else windows.push({ ...part });
    }
  }
  return windows.map(({ start, end }) => ({
    start: start * frame,
    end: Math.min(end * frame, samples.length),
  }));
}

/** Level of each frame in dB of full scale. */
function levelsOf(samples: Float32Array, frame: number): Float64Array {
  const levels = new Float64Array(Math.ceil(samples.length / frame));
  for (let f = 0; f < levels.length; f++) {
    let sum = 0;
    const end = Math.min((f + 1) * frame, samples.length);
    for (let i = f * frame; i < end; i++) sum += samples[i] * samples[i];
    levels[f] = 10 * Math.log10(sum / (end - f * frame) + 1e-12);
  }
  return levels;
}

/** Ranges of frames with speech, margins included. */
function speechIn(levels: Float64Array): SampleRange[] {
  const sorted = Float64Array.from(levels).sort();
  const floor = sorted[Math.floor(sorted.length * QUIET_SHARE)] ?? LEAST_LEVEL;
  const loud = sorted[Math.floor(sorted.length * 0.95)] ?? LEAST_LEVEL;
  // In a recording of constant loudness no frame is louder than the quiet ones.
  const threshold = Math.max(LEAST_LEVEL, Math.min(floor + ABOVE_FLOOR, loud - ABOVE_FLOOR));
  const frames = (seconds: number) => Math.round(seconds / FRAME_SECONDS);
  const found: { start: number; end: number }[] = [];
  for (const [f, level] of levels.entries()) {
    if (level < threshold) continue;
    const last = found.at(-1);
    if (last && f - last.end < frames(LEAST_SILENCE)) last.end = f + 1;
    else found.push({ start: f, end: f + 1 });
  }
  return found
    .filter(({ start, end }) => end - start >= frames(LEAST_SPEECH))
    .map(({ start, end }, i, all) => ({
      start: Math.max(start - frames(MARGIN), i === 0 ? 0 : all[i - 1].end),
      end: Math.min(end + frames(MARGIN), levels.length),
    }))
    .map((range, i, all) => ({ start: Math.max(range.start, all[i - 1]?.end ?? 0), end: range.end }));
}

/** Cuts ranges that are longer than a window at their quietest frame. */
function cutLong({ start, end }: SampleRange, levels: Float64Array, most: number): SampleRange[] {
  const parts: SampleRange[] = [];
  let from = start;
  while (end - from > most) {
    let cut = from + Math.ceil(most * CUT_FROM);
    for (let f = cut; f < from + most; f++) if (levels[f] < levels[cut]) cut = f;
    parts.push({ start: from, end: cut });
    from = cut;
  }
  return [...parts, { start: from, end }];
}

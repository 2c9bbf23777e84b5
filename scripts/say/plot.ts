import { isPauseSymbol } from '../../src/text/symbols.ts';
import { Canvas, type Colour } from './canvas.ts';
import { LINE_HEIGHT, widthOf } from './font.ts';
import { FRAME_RATE, HOP, type Recording } from './recording.ts';

const PAPER: Colour = [255, 255, 255];
const INK: Colour = [34, 38, 48];
const FAINT: Colour = [222, 222, 228];
const WAVE: Colour = [41, 82, 204];
const PITCH: Colour = [200, 60, 30];
const WORD_EDGE: Colour = [120, 124, 140];

/** Maximum width in pixels. Longer speech is scaled down. */
const MAX_WIDTH = 12_000;
const LEFT = 70;
const RIGHT = 16;
const GAP = 14;
const HEIGHTS = { title: 28, wave: 130, mel: 200, pitch: 150, phonemes: 24, words: 24, time: 24 } as const;
/** Frequencies of the grid lines: octaves and fifths, since lines at every semitone would be too many. */
const PITCH_LINES = [60, 80, 100, 150, 200, 300, 400, 600];
const VOICED = 0.5;

/**
 * Draws waveform, log-mel spectrogram, F0 and phonemes below each other on one time axis.
 * @returns a PNG file.
 */
export function plot(recording: Recording): Buffer {
  const frames = Math.max(1, Math.ceil(recording.samples.length / HOP));
  const scale = Math.max(1, Math.min(8, Math.floor((MAX_WIDTH - LEFT - RIGHT) / frames)));
  const width = LEFT + Math.max(frames * scale, 420) + RIGHT;
  const height = Object.values(HEIGHTS).reduce((sum, one) => sum + one + GAP, GAP);
  const canvas = new Canvas(width, height, PAPER);
  const x = (sample: number) => LEFT + (sample / HOP) * scale;

  let top = GAP;
  canvas.text(LEFT, top, fitting(recording.text, width - LEFT - RIGHT), INK);
  top += HEIGHTS.title + GAP;
  const panels = top;
  drawWave(canvas, recording.samples, top, x);
  top += HEIGHTS.wave + GAP;
  drawMel(canvas, recording, top, scale);
  top += HEIGHTS.mel + GAP;
  drawPitch(canvas, recording, top, scale, frames);
  top += HEIGHTS.pitch + GAP;
  drawPhonemes(canvas, recording, { panels, top, x });
  drawTime(canvas, top + HEIGHTS.phonemes + HEIGHTS.words + 2 * GAP, frames, scale);
  return canvas.png();
}

function label(canvas: Canvas, y: number, text: string): void {
  canvas.text(LEFT - 8 - widthOf(text), y - LINE_HEIGHT / 2, text, INK);
}

function drawWave(canvas: Canvas, samples: Float32Array, top: number, x: (sample: number) => number): void {
  const middle = top + HEIGHTS.wave / 2;
  const reach = Math.max(
    0.05,
    samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0),
  );
  canvas.fill(LEFT, middle, x(samples.length) - LEFT, 1, FAINT);
  for (let column = LEFT; column < x(samples.length); column++) {
    const from = Math.floor(((column - LEFT) / (x(HOP) - LEFT)) * HOP);
    const part = samples.subarray(from, Math.ceil(from + HOP / (x(HOP) - LEFT)));
    if (part.length === 0) continue;
    const high = part.reduce((most, sample) => Math.max(most, sample), -Infinity);
    const low = part.reduce((least, sample) => Math.min(least, sample), Infinity);
    const half = HEIGHTS.wave / 2 / reach;
    canvas.fill(column, middle - high * half, 1, Math.max(1, (high - low) * half), WAVE);
  }
  label(canvas, middle, 'wave');
}

function drawMel(canvas: Canvas, { mel, bands }: Recording, top: number, scale: number): void {
  if (bands === 0) return;
  const sorted = mel.filter((level) => !Number.isNaN(level)).sort();
  // The colour scale omits the lowest 5 %, since silence would otherwise take half of the colours.
  const low = sorted[Math.floor(sorted.length * 0.05)];
  const high = sorted[sorted.length - 1];
  const rows = HEIGHTS.mel / bands;
  for (let frame = 0; frame * bands < mel.length; frame++) {
    if (Number.isNaN(mel[frame * bands])) continue;
    for (let band = 0; band < bands; band++) {
      const level = (mel[frame * bands + band] - low) / (high - low || 1);
      const y = top + HEIGHTS.mel - (band + 1) * rows;
      canvas.fill(LEFT + frame * scale, y, scale, rows, heat(level));
    }
  }
  label(canvas, top + HEIGHTS.mel / 2, 'mel');
}

function drawPitch(
  canvas: Canvas,
  { f0, voicing }: Recording,
  top: number,
  scale: number,
  frames: number,
): void {
  const voiced = Array.from(f0.keys()).filter((frame) => voicing[frame] > VOICED);
  const heights = voiced.map((frame) => f0[frame]).filter((hz) => hz > 0);
  const low = Math.min(...extremes(heights), 200) / 1.12;
  const high = Math.max(...extremes(heights), 100) * 1.12;
  const y = (hz: number) => top + HEIGHTS.pitch * (1 - Math.log(hz / low) / Math.log(high / low));
  for (const hz of PITCH_LINES.filter((line) => line > low && line < high)) {
    canvas.fill(LEFT, y(hz), frames * scale, 1, FAINT);
    label(canvas, y(hz), `${hz} Hz`);
  }
  for (const [i, frame] of voiced.entries()) {
    const next = voiced[i + 1] === frame + 1 ? frame + 1 : frame;
    const [from, to] = [LEFT + (frame + 0.5) * scale, LEFT + (next + 0.5) * scale];
    canvas.line(from, y(f0[frame]), to, y(f0[next]), PITCH);
  }
}

/** Minimum and maximum, or `undefined` without values. */
function extremes(values: readonly number[]): number[] {
  if (values.length === 0) return [];
  return [
    values.reduce((least, value) => Math.min(least, value)),
    values.reduce((most, value) => Math.max(most, value)),
  ];
}

interface Rows {
  /** Top of the panels with boundary lines. */
  readonly panels: number;
  /** Top of the row of phonemes. */
  readonly top: number;
  readonly x: (sample: number) => number;
}

function drawPhonemes(canvas: Canvas, { phonemes, words }: Recording, { panels, top, x }: Rows): void {
  const wordTop = top + HEIGHTS.phonemes + GAP;
  for (const [i, { symbol, startSample, endSample, word }] of phonemes.entries()) {
    if (endSample === startSample) continue;
    const begins = word !== (phonemes[i - 1]?.word ?? -1);
    const edge = begins ? WORD_EDGE : FAINT;
    const bottom = begins ? wordTop + HEIGHTS.words : top + HEIGHTS.phonemes;
    for (let y = panels; y < bottom; y += begins ? 1 : 3) canvas.fill(x(startSample), y, 1, 1, edge);
    const shown = isPauseSymbol(symbol) || word >= 0;
    if (shown) canvas.centred(x(startSample), x(endSample), top + 4, symbol, INK);
  }
  for (const [number, text] of words) {
    const own = phonemes.filter(({ word }) => word === number);
    if (own.length === 0) continue;
    canvas.centred(x(own[0].startSample), x(own[own.length - 1].endSample), wordTop + 4, text, INK);
  }
  label(canvas, top + 12, 'phones');
  label(canvas, wordTop + 12, 'words');
}

function drawTime(canvas: Canvas, top: number, frames: number, scale: number): void {
  const seconds = frames / FRAME_RATE;
  // Minimum distance of labels with four characters.
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10].find((one) => one * FRAME_RATE * scale >= 60) ?? 30;
  for (let i = 0; i * step <= seconds; i++) {
    const at = LEFT + i * step * FRAME_RATE * scale;
    canvas.fill(at, top, 1, 5, INK);
    const text = `${Number((i * step).toFixed(1))} s`;
    canvas.text(at - widthOf(text) / 2, top + 6, text, INK);
  }
}

/** The beginning of a text that fits. */
function fitting(text: string, width: number): string {
  const plain = text.replace(/\s+/g, ' ').trim();
  if (widthOf(plain) <= width) return plain;
  let end = plain.length;
  while (end > 0 && widthOf(`${plain.slice(0, end)}…`) > width) end--;
  return `${plain.slice(0, end)}…`;
}

/** Dark blue over magenta to yellow, as bright as the level: the "plasma" of many plots, by five points. */
const HEAT: readonly Colour[] = [
  [13, 8, 60],
  [84, 2, 150],
  [190, 50, 120],
  [246, 136, 60],
  [248, 245, 120],
];

function heat(level: number): Colour {
  const at = Math.max(0, Math.min(0.9999, level)) * (HEAT.length - 1);
  const [below, above] = [HEAT[Math.floor(at)], HEAT[Math.floor(at) + 1]];
  const part = at - Math.floor(at);
  return [0, 1, 2].map((i) => below[i] + (above[i] - below[i]) * part) as unknown as Colour;
}

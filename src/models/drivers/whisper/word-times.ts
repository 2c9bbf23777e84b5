import type { TranscribedWord } from '../../tasks.ts';
import { type Decoding, opening } from './decode.ts';
import { normalizer } from './filters.ts';
import { COLUMNS, type EncodedAudio, SAMPLES_PER_COLUMN } from './network.ts';

/** Columns of the median that smooths attention over time. */
const MEDIAN = 7;
/** Seconds of a column. */
const COLUMN_SECONDS = SAMPLES_PER_COLUMN / 16_000;

/**
 * Finds when words are said: the decoder reads the finished text once more, and dynamic time warping finds the monotonic path through
 * what its alignment heads look at (openai/whisper, `timing.py`).
 * @param text tokens without timestamps.
 * @param columns of the encoder that hold audio.
 * @returns times in seconds from the window's beginning.
 */
export async function wordTimes(
  decoding: Decoding,
  audio: EncodedAudio,
  text: readonly number[],
  language: string,
  columns: number,
): Promise<TranscribedWord[]> {
  if (text.length === 0 || columns === 0) return [];
  const { network, tokens, settings } = decoding;
  const start = opening(decoding, language, 'same');
  const given = [...start, tokens.noTimestamps, ...text, tokens.end];
  const { attention, logits } = await network.step(given, network.begin(), audio);
  const rows = text.length + 1;
  const matrix = averageAttention(
    attention,
    settings.alignmentHeads,
    given.length,
    start.length,
    rows,
    columns,
  );
  const jumps = jumpTimes(matrix, rows, columns);
  const words: TranscribedWord[] = [];
  let at = 0;
  for (const word of tokens.words(text, language)) {
    const next = at + word.tokens.length;
    let sum = 0;
    for (let i = at; i < next; i++) {
      const from = (start.length + i) * settings.vocabulary;
      const row = logits.subarray(from, from + settings.vocabulary);
      sum += Math.exp(row[text[i]] - normalizer(row));
    }
    const probability = sum / word.tokens.length;
    words.push({
      word: word.text,
      start: jumps[at],
      end: Math.max(jumps[at], jumps[next] ?? jumps[at]),
      probability,
    });
    at = next;
  }
  return words;
}

/** The mean over heads of attention that is normalized over tokens and smoothed over time; `[rows, columns]`. */
function averageAttention(
  attention: Float32Array,
  heads: number,
  tokens: number,
  from: number,
  rows: number,
  columns: number,
): Float64Array {
  const mean = new Float64Array(rows * columns);
  const head = new Float64Array(tokens * columns);
  for (let h = 0; h < heads; h++) {
    for (let t = 0; t < tokens; t++) {
      const row = (h * tokens + t) * COLUMNS;
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += attention[row + c];
      for (let c = 0; c < columns; c++) head[t * columns + c] = attention[row + c] / (sum || 1);
    }
    standardize(head, tokens, columns);
    for (let t = 0; t < rows; t++) {
      for (let c = 0; c < columns; c++) {
        mean[t * columns + c] += median(head, (from + t) * columns, c, columns) / heads;
      }
    }
  }
  return mean;
}

function standardize(values: Float64Array, rows: number, columns: number): void {
  for (let c = 0; c < columns; c++) {
    let sum = 0;
    let squares = 0;
    for (let t = 0; t < rows; t++) {
      sum += values[t * columns + c];
      squares += values[t * columns + c] ** 2;
    }
    const mean = sum / rows;
    const deviation = Math.sqrt(Math.max(squares / rows - mean ** 2, 1e-20));
    for (let t = 0; t < rows; t++) values[t * columns + c] = (values[t * columns + c] - mean) / deviation;
  }
}

const sorted = new Float64Array(MEDIAN);

/** Median of the values around a column; the ends are mirrored. */
function median(values: Float64Array, row: number, column: number, columns: number): number {
  const reach = (MEDIAN - 1) / 2;
  for (let i = -reach; i <= reach; i++) {
    let c = Math.abs(column + i);
    if (c >= columns) c = Math.max(0, 2 * columns - 2 - c);
    sorted[i + reach] = values[row + c];
  }
  return sorted.sort()[reach];
}

/** Dynamic time warping of `-matrix`: the time at which the path enters each row. */
function jumpTimes(matrix: Float64Array, rows: number, columns: number): number[] {
  const width = columns + 1;
  const cost = new Float64Array((rows + 1) * width).fill(Number.POSITIVE_INFINITY);
  const trace = new Uint8Array((rows + 1) * width);
  cost[0] = 0;
  for (let c = 1; c <= columns; c++) {
    for (let r = 1; r <= rows; r++) {
      const here = r * width + c;
      const both = cost[here - width - 1];
      const up = cost[here - width];
      const left = cost[here - 1];
      const step = both < up && both < left ? 0 : up < left ? 1 : 2;
      cost[here] = -matrix[(r - 1) * columns + c - 1] + [both, up, left][step];
      trace[here] = step;
    }
  }
  const times = new Array<number>(rows).fill(0);
  let r = rows;
  let c = columns;
  while (r > 0) {
    times[r - 1] = (c - 1) * COLUMN_SECONDS;
    const step = c === 0 ? 1 : trace[r * width + c];
    if (step !== 2) r--;
    if (step !== 1) c--;
  }
  return times.map((time) => Math.max(0, time));
}

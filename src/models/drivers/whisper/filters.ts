import { TIMESTAMPS, type WhisperTokens } from './tokens.ts';

/** Most timestamps between the start of a window and that of its first segment: 1 s. */
const LATEST_BEGIN = 50;

/** What may not be said. */
export interface FilterOptions {
  readonly tokens: WhisperTokens;
  /** Never. */
  readonly suppress: readonly number[];
  /** Not as the first. */
  readonly suppressAtBegin: readonly number[];
}

/**
 * Excludes tokens in place, by Whisper's rules (openai/whisper, `decoding.py`): no special tokens; timestamps come in pairs and never go
 * back; the first token is a timestamp; if all timestamps together are more likely than any text, a timestamp is required.
 * @param logits of one step; what is barred becomes -Infinity.
 * @param made tokens of this window so far.
 */
export function applyFilters(
  logits: Float32Array,
  made: readonly number[],
  { tokens, suppress, suppressAtBegin }: FilterOptions,
): void {
  const { end, firstTimestamp, noTimestamps } = tokens;
  for (const token of suppress) logits[token] = Number.NEGATIVE_INFINITY;
  // Between the end of text and the timestamps lie the special tokens.
  logits.fill(Number.NEGATIVE_INFINITY, end + 1, noTimestamps + 1);
  if (made.length === 0) for (const token of suppressAtBegin) logits[token] = Number.NEGATIVE_INFINITY;

  const afterLast = firstTimestamp + TIMESTAMPS;
  const isTime = (token: number | undefined) => token !== undefined && token >= firstTimestamp;
  const lastIsTime = isTime(made.at(-1));
  const beforeIsTime = made.length < 2 || isTime(made.at(-2));
  if (lastIsTime && beforeIsTime) logits.fill(Number.NEGATIVE_INFINITY, firstTimestamp);
  else if (lastIsTime) logits.fill(Number.NEGATIVE_INFINITY, 0, end);
  const latest = made.findLast(isTime);
  if (latest !== undefined) {
    // A segment lasts; only the second of a pair may repeat the first.
    const least = lastIsTime && !beforeIsTime ? latest : latest + 1;
    logits.fill(Number.NEGATIVE_INFINITY, firstTimestamp, Math.min(least, afterLast));
  }
  if (made.length === 0) {
    logits.fill(Number.NEGATIVE_INFINITY, 0, firstTimestamp);
    logits.fill(Number.NEGATIVE_INFINITY, firstTimestamp + LATEST_BEGIN + 1);
    return;
  }
  const text = logSumExp(logits, 0, firstTimestamp, true);
  const time = logSumExp(logits, firstTimestamp, logits.length, false);
  if (time > text) logits.fill(Number.NEGATIVE_INFINITY, 0, firstTimestamp);
}

/** Logarithm of a stretch's sum of exponentials, or its greatest value. */
function logSumExp(logits: Float32Array, from: number, to: number, greatest: boolean): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = from; i < to; i++) if (logits[i] > most) most = logits[i];
  if (greatest || most === Number.NEGATIVE_INFINITY) return most;
  let sum = 0;
  for (let i = from; i < to; i++) sum += Math.exp(logits[i] - most);
  return most + Math.log(sum);
}

/** Logarithm of the sum of all exponentials: what turns logits into log-probabilities. */
export function normalizer(logits: Float32Array): number {
  return logSumExp(logits, 0, logits.length, false);
}

/** The likeliest token. */
export function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  return best;
}

/**
 * Draws a token with probabilities sharpened by a temperature.
 * @param random 0 to 1.
 */
export function draw(logits: Float32Array, temperature: number, random: number): number {
  const most = logits[likeliest(logits)];
  let sum = 0;
  for (const logit of logits) sum += Math.exp((logit - most) / temperature);
  let left = random * sum;
  let last = 0;
  for (const [token, logit] of logits.entries()) {
    const share = Math.exp((logit - most) / temperature);
    if (share === 0) continue;
    last = token;
    left -= share;
    if (left <= 0) break;
  }
  return last;
}

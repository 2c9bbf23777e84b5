import { TIMESTAMP_SECONDS, type WhisperTokens } from './tokens.ts';

/** Tokens between two timestamps. Times are seconds from the window's beginning. */
export interface TokenSegment {
  readonly start: number;
  readonly end: number;
  /** Without timestamps. */
  readonly tokens: readonly number[];
}

/** A window's segments, and how much of the window they use up. */
export interface CutWindow {
  readonly segments: readonly TokenSegment[];
  /** Seconds after which the next window begins: all of it, or the last pair of timestamps. */
  readonly used: number;
}

/**
 * Splits the tokens of a window where the end of a segment and the start of the next are adjacent. What follows the last such pair is
 * decoded again with the next window, unless the text ends with one timestamp, which means that there is no more speech.
 * @param seconds length of the window's audio.
 */
export function cutSegments(
  made: readonly number[],
  { firstTimestamp }: WhisperTokens,
  seconds: number,
): CutWindow {
  const isTime = (token: number | undefined) => token !== undefined && token >= firstTimestamp;
  const timeOf = (token: number) => Math.min((token - firstTimestamp) * TIMESTAMP_SECONDS, seconds);
  const pairs = made.flatMap((token, i) => (i > 0 && isTime(token) && isTime(made[i - 1]) ? [i] : []));
  const endsAlone = isTime(made.at(-1)) && !isTime(made.at(-2));
  const segmentOf = (part: readonly number[]): TokenSegment => {
    const times = part.filter(isTime).map(timeOf);
    const [start = 0] = times;
    const end = times.length > 1 ? times[times.length - 1] : seconds;
    return { start, end: Math.max(start, end), tokens: part.filter((token) => !isTime(token)) };
  };
  if (pairs.length === 0) {
    const segments = made.length > 0 ? [segmentOf(made)] : [];
    return { segments: withText(segments), used: seconds };
  }
  const cuts = endsAlone ? [...pairs, made.length] : pairs;
  const segments = cuts.map((cut, i) => segmentOf(made.slice(i === 0 ? 0 : cuts[i - 1], cut)));
  const last = pairs[pairs.length - 1];
  return { segments: withText(segments), used: endsAlone ? seconds : timeOf(made[last - 1]) };
}

const withText = (segments: readonly TokenSegment[]) => segments.filter(({ tokens }) => tokens.length > 0);

import type { Override } from './overrides.ts';
import type { Reading } from './script.ts';
import type { Span, SpokenToken } from './types.ts';

/** Replaces placeholders with the tokens of their readings. A possessive ending goes to the last token. */
export function insertReadings(
  tokens: readonly SpokenToken[],
  readings: readonly Reading[],
): readonly SpokenToken[] {
  if (readings.length === 0) return tokens;
  let next = 0;
  let inserted = -1;
  return tokens.flatMap((token): SpokenToken[] => {
    while (next < readings.length && readings[next].span.end <= token.span.start) next++;
    const reading = readings[next];
    if (token.kind === 'pause' || !reading || !overlap(reading.span, token.span)) return [token];
    if (!('tokens' in reading.spoken)) return [token];
    // A placeholder is one word. If a rule has made several tokens of it, the first is replaced and the others are removed.
    if (inserted === next) return [];
    inserted = next;
    const spoken = reading.spoken.tokens.map((one): SpokenToken => ({ ...one, span: token.span }));
    const isPossessive = token.kind === 'word' && token.text.endsWith("'s");
    return isPossessive ? possessive(spoken) : spoken;
  });
}

/** Adds the readings that are given as symbols to the caller's pronunciations. Pronunciations have no effect inside readings. */
export function withReadings(
  overrides: readonly Override[],
  readings: readonly Reading[],
): readonly Override[] {
  if (readings.length === 0) return overrides;
  let next = 0;
  const outside = overrides.filter(({ span }) => {
    while (next < readings.length && readings[next].span.end <= span.start) next++;
    return next === readings.length || !overlap(readings[next].span, span);
  });
  const given = readings.flatMap(({ span, spoken }) =>
    'words' in spoken ? [{ span, words: spoken.words }] : [],
  );
  return [...outside, ...given].sort((a, b) => a.span.start - b.span.start);
}

function overlap(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}

function possessive(tokens: SpokenToken[]): SpokenToken[] {
  const last = tokens[tokens.length - 1];
  if (last.kind !== 'word' && last.kind !== 'letter') return tokens;
  const { span, text } = last;
  const source = last.kind === 'word' ? last.source : text;
  return [...tokens.slice(0, -1), { kind: 'word', text: `${text}'s`, span, source }];
}

/**
 * The offset in `input` that an error message of the API names: "… at line 1, column 8 (offset 7): …".
 * @returns UTF-16 code units from 0, or `undefined` when the message names none.
 */
export function placeIn(message: string): number | undefined {
  const found = /line \d+, column \d+ \(offset (\d+)\)/.exec(message);
  return found ? Number(found[1]) : undefined;
}

/**
 * The part of a text to underline for a fault at `offset`: the tag that starts there, else the word.
 * It holds at least one character unless the text is empty.
 */
export function faultSpan(text: string, offset: number): { start: number; end: number } {
  const start = Math.max(0, Math.min(offset, text.length - 1));
  const rest = text.slice(start);
  const found = rest.startsWith('<') ? /^<[^<>]*>?/.exec(rest) : /^[^\s<>]+/.exec(rest);
  return { start, end: Math.min(text.length, start + Math.max(1, found?.[0].length ?? 1)) };
}

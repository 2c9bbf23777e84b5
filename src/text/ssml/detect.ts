/** `<speak`, or with a prefix `<ssml:speak`. */
const ROOT = /^<(?:[A-Za-z_][\w.-]{0,30}:)?speak(?:[\s/>]|$)/;
const LONGEST_ROOT = 40;

/**
 * Whether the input is SSML and not plain text: it starts with `<speak`, after optional white space, an XML declaration, comments or a
 * DOCTYPE.
 */
export function isSsml(input: string): boolean {
  let at = skipSpace(input, 0);
  if (/^<\?xml\s/.test(input.slice(at, at + 6))) at = skipPast(input, at, '?>');
  while (input.startsWith('<!--', at)) at = skipPast(input, at, '-->');
  if (input.startsWith('<!DOCTYPE', at)) return /<(?:[A-Za-z_][\w.-]{0,30}:)?speak(?=[\s/>])/.test(input);
  return ROOT.test(input.slice(at, at + LONGEST_ROOT));
}

function skipPast(input: string, from: number, end: string): number {
  const at = input.indexOf(end, from);
  return at < 0 ? input.length : skipSpace(input, at + end.length);
}

function skipSpace(input: string, from: number): number {
  let at = from;
  while (at < input.length && /\s|\ufeff/.test(input[at])) at++;
  return at;
}

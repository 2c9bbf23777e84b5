/**
 * Is the input SSML and not plain text? It is when `<speak` opens it, behind white space, an XML declaration and comments
 * at most. A DOCTYPE in front of a `<speak` counts too, so that it is refused and not read aloud.
 */
export function isSsml(input: string): boolean {
  let at = skipSpace(input, 0);
  if (/^<\?xml\s/.test(input.slice(at, at + 6))) at = skipPast(input, at, '?>');
  while (input.startsWith('<!--', at)) at = skipPast(input, at, '-->');
  if (input.startsWith('<!DOCTYPE', at)) return /<speak(?=[\s/>])/.test(input);
  return /^<speak(?:[\s/>]|$)/.test(input.slice(at, at + 7));
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

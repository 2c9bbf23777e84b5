/** A token of JSON (RFC 8259) that is not a string. */
const TOKEN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[[\]{},:]/y;
const SPACE = /[ \t\n\r]*/y;
/** Characters of a string that stand for themselves, and an escape. */
const PLAIN = /[^"\\\u{0}-\u{1f}]*/uy;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** What may follow: a value, a member's name, a colon, or `next`: a comma or the end of a list or an object. */
type Expected = 'value' | 'name' | 'colon' | 'next';

/**
 * Finds the first place at which a text is not valid JSON. The error of V8's `JSON.parse` often has no position.
 * @returns the offset of the first token that is wrong; the length of the text if it ends too early or is JSON.
 */
export function jsonFaultAt(text: string): number {
  const open: ('[' | '{')[] = [];
  let expected: Expected = 'value';
  let empty = false;
  for (let at = 0; ; ) {
    at += lengthOf(SPACE, text, at);
    const length = text[at] === '"' ? stringLength(text, at) : lengthOf(TOKEN, text, at);
    if (length === 0) return at;
    // A string counts by its quotation mark.
    const token = text[at] === '"' ? '"' : text.slice(at, at + length);
    const next = follow(token, expected, empty, open);
    if (next === undefined) return at;
    empty = token === '[' || token === '{';
    expected = next;
    at += length;
  }
}

/** Length of a match at a position. */
function lengthOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}

/** Length of a string with its quotation marks, or up to the end of the text; 0 for one that is wrong. */
function stringLength(text: string, start: number): number {
  for (let at = start + 1; ; ) {
    at += lengthOf(PLAIN, text, at);
    if (at >= text.length) return at - start;
    if (text[at] === '"') return at + 1 - start;
    const escaped = lengthOf(ESCAPE, text, at);
    if (escaped === 0) return 0;
    at += escaped;
  }
}

/** Takes a token, and returns what may follow it; `undefined` for a token that may not stand there. */
function follow(
  token: string,
  expected: Expected,
  empty: boolean,
  open: ('[' | '{')[],
): Expected | undefined {
  const inside = open.at(-1);
  if (token === ']' || token === '}') {
    const closes = token === ']' ? '[' : '{';
    if (inside !== closes || !(expected === 'next' || empty)) return undefined;
    open.pop();
    return 'next';
  }
  if (token === ',') {
    if (expected !== 'next' || inside === undefined) return undefined;
    return inside === '[' ? 'value' : 'name';
  }
  if (token === ':') return expected === 'colon' ? 'value' : undefined;
  if (expected === 'name') return token === '"' ? 'colon' : undefined;
  if (expected !== 'value') return undefined;
  if (token !== '[' && token !== '{') return 'next';
  open.push(token);
  return token === '[' ? 'value' : 'name';
}

import type { Cursor } from '../cursor.ts';
import { cardinal, digitWords, numeral } from '../numbers/numbers.ts';
import { speakLetters } from '../words/words.ts';

/** Characters that every address contains, tested first since most words contain none. */
const MAYBE = /[A-Za-z0-9_%+-]{1,63}[.@:]/y;
const SCHEME = /(?:https?|ftp|file|wss?):\/\/(?=[A-Za-z0-9[/])/iy;
const TLD =
  '(?:com|org|net|edu|gov|mil|int|io|dev|ai|app|co|uk|us|ca|de|fr|eu|jp|kr|cn|in|au|nz|ch|at|nl|se|no|dk|fi|es|it|pt|pl|br|mx|ie|be|me|tv|info|biz|xyz|tech|cloud|blog|shop|store|online|site|news|museum|page|ly|gg|fm|to|so|sh|rs|is|test|example|local)';
const DOMAIN = new RegExp(
  `(?:[A-Za-z0-9-]{1,63}\\.){1,5}${TLD}(?![A-Za-z0-9-]|\\.[A-Za-z0-9])(?::\\d{2,5})?`,
  'iy',
);
const EMAIL =
  /(?:mailto:)?[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_])?@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,12}(?![A-Za-z0-9])/y;
const FILE =
  /[A-Za-z0-9_-]{1,60}(?:\.[A-Za-z0-9_-]{1,30}){0,3}\.(?:txt|pdf|docx?|xlsx?|pptx?|csv|tsv|jsonc?|xml|html?|css|jsx?|mjs|tsx?|py|rb|rs|go|cpp|hpp|java|kt|swift|sh|bat|md|rst|png|jpe?g|gif|svg|webp|bmp|ico|mp[34]|wav|ogg|opus|flac|avi|mov|mkv|zip|tar|gz|tgz|rar|exe|dll|dmg|iso|apk|ya?ml|toml|ini|cfg|conf|log|sql|db|wasm|onnx|bin|dat|epub|psd|ttf|woff2?)(?![A-Za-z0-9]|\.[A-Za-z0-9])/iy;
const LOCALHOST = /localhost(?::(\d{2,5}))?(?![A-Za-z0-9])/iy;
/** `src/index.ts`: folders and a file. */
const RELATIVE =
  /(?:[A-Za-z0-9_.-]{1,40}\/){1,8}[A-Za-z0-9_-]{1,60}\.[A-Za-z][A-Za-z0-9]{0,4}(?![A-Za-z0-9/])/y;
const MAYBE_RELATIVE = /[A-Za-z0-9_.-]{1,40}\//y;
const PATH = /(?:~|\.{1,2})?(?:\/[A-Za-z0-9_.-]{1,60}){2,10}\/?|~\/[A-Za-z0-9_.-]{1,60}/y;
const WINDOWS_PATH = /[A-Za-z]:\\(?:[A-Za-z0-9_.-]{1,60}\\?){0,8}/y;
const HASHTAG = /#(\d{0,8}[A-Za-z][A-Za-z0-9_]{0,100})/y;
/** `#A1B2` is a code, not a topic. */
const CODE = /^#[A-Z]{1,4}-?\d/;
const MENTION = /@([A-Za-z0-9_][A-Za-z0-9_.-]{0,60}[A-Za-z0-9_]|[A-Za-z])/y;
const PIECE = /[A-Za-z]+|\d+|[^A-Za-z0-9]/g;
const TRAILING = /[.,;:!?'")\]}>…]+$/;
const NAMES: Readonly<Record<string, string>> = {
  '.': 'dot',
  '/': 'slash',
  '-': 'dash',
  _: 'underscore',
  '@': 'at',
  '?': 'question mark',
  '=': 'equals',
  '&': 'and',
  '#': 'hash',
  '%': 'percent',
  '+': 'plus',
  '~': 'tilde',
  ':': 'colon',
  '\\': 'backslash',
};
/** Endings of addresses and files that are spelled out although they look like words. */
const SPELLED =
  /^(?:io|ai|uk|us|ca|de|fr|eu|jp|kr|cn|au|nz|ch|tv|ie|ly|gg|fm|sh|rs|www|py|rb|ts|tsx|js|jsx|md|gz|ini|avi|iso|apk|exe|dll|mov|psd|id|ui|xls|docx|pptx|xlsx|xlsm|ico|api|kt|mjs|mkv|tgz)$/i;
const SAID: Readonly<Record<string, string>> = {
  doc: 'doc',
  usr: 'user',
  src: 'source',
  etc: 'et cetera',
  yaml: 'yamel',
  yml: 'yamel',
  tmp: 'temp',
  lib: 'lib',
  img: 'image',
  readme: 'read me',
  localhost: 'local host',
  config: 'config',
  env: 'env',
  npm: 'N P M',
  bin: 'bin',
  dist: 'dist',
  cmd: 'command',
};

/** Speaks the pieces of an address: letters as words or initialisms, digits, marks by their names. */
function sayPieces(c: Cursor, text: string, from: number): void {
  for (const match of text.matchAll(PIECE)) {
    const piece = match[0];
    const at = from + match.index;
    c.step();
    c.say(pieceWords(piece), at, at + piece.length);
  }
}

function pieceWords(piece: string): string {
  if (/\d/.test(piece))
    return piece.length > 4 ? digitWords(piece) : piece.length > 2 ? numeral(piece) : cardinal(piece);
  if (!/[A-Za-z]/.test(piece)) return Object.hasOwn(NAMES, piece) ? NAMES[piece] : '';
  const key = piece.toLowerCase();
  if (Object.hasOwn(SAID, key)) return SAID[key];
  if (SPELLED.test(piece)) return Array.from(piece.toUpperCase()).join(' ');
  // Long letter soup is cut to speakable lengths by the caller's bound on words.
  return piece.length === 1 ? piece.toUpperCase() : cut(speakLetters(piece));
}

/** Words of at most 40 letters. */
function cut(words: string): string {
  return words
    .split(' ')
    .map((word) => (word.length > 40 ? (word.match(/.{1,40}/g) ?? []).join(' ') : word))
    .join(' ');
}

/** Length of the address that starts `offset` characters ahead: up to white space, without closing punctuation. */
function addressEnd(c: Cursor, offset: number): number {
  let end = c.pos + offset;
  while (end < c.end && !/[\s<>"|\u00a0]/.test(c.charAt(end))) end++;
  c.step(end - c.pos);
  const tail = c.slice(Math.max(c.pos + offset, end - 40), end);
  return end - c.pos - (TRAILING.exec(tail)?.[0].length ?? 0);
}

/** `https://example.com/path`, `www.example.com`, `example.org:8080`. The scheme and a final slash are silent. */
function url(c: Cursor): number {
  const scheme = c.match(SCHEME);
  const domain = scheme ? null : c.match(DOMAIN);
  if (!scheme && !domain) return 0;
  const start = scheme ? scheme[0].length : 0;
  const host = domain ? domain[0].length : 0;
  const more = domain ? c.window[host] === '/' : true;
  const end = more ? Math.max(addressEnd(c, Math.max(start, host)), host, start) : host;
  const text = c.slice(c.pos + start, c.pos + end);
  sayPieces(c, text.replace(/\/$/, ''), start);
  return end;
}

/** `jo.doe@example.com` → "jo dot doe at example dot com". */
function email(c: Cursor): number {
  const match = c.match(EMAIL);
  if (!match) return 0;
  const start = match[0].startsWith('mailto:') ? 7 : 0;
  sayPieces(c, match[0].slice(start), start);
  return match[0].length;
}

/** `report.pdf`, `C:\\Users`. */
function file(c: Cursor): number {
  const match = c.match(WINDOWS_PATH) ?? c.match(FILE);
  if (!match || /^\d+\.\d/.test(match[0])) return 0;
  sayPieces(c, match[0], 0);
  return match[0].length;
}

/** A URL, an e-mail address or a file's name. */
export function address(c: Cursor): number {
  const local = c.match(LOCALHOST);
  if (local) {
    sayPieces(c, local[0], 0);
    return local[0].length;
  }
  if (c.match(MAYBE_RELATIVE)) {
    const relative = /[A-Za-z0-9]/.test(c.previous) ? null : c.match(RELATIVE);
    if (relative && !/^[\d./-]+$/.test(relative[0])) {
      sayPieces(c, relative[0], 0);
      return relative[0].length;
    }
  }
  return c.match(MAYBE) ? url(c) || email(c) || file(c) : 0;
}

/** `/usr/local/bin`, `~/notes`, `../a/b`. */
export function path(c: Cursor): number {
  if (/[A-Za-z0-9]/.test(c.previous)) return 0;
  const match = c.match(PATH);
  if (!match) return 0;
  const text = match[0].replace(TRAILING, '');
  sayPieces(c, text.replace(/\/$/, ''), 0);
  return text.length;
}

/** `#OpenScience2`: "hashtag" and its words; `@name`: "at" and its words. */
export function tag(c: Cursor): number {
  const hashtag = c.match(HASHTAG);
  if (hashtag && !CODE.test(c.window.slice(0, 8))) {
    c.say('hashtag', 0, 1);
    sayPieces(c, hashtag[1].replaceAll('_', ' '), 1);
    return hashtag[0].length;
  }
  const mention = c.match(MENTION);
  if (!mention) return 0;
  c.say('at', 0, 1);
  sayPieces(c, mention[1].replaceAll('_', ' '), 1);
  return mention[0].length;
}

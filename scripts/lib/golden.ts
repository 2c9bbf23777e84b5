import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { SpokenToken } from '../../src/text/types.ts';

/** A text and its correct reading. */
export interface GoldenCase {
  readonly kind: string;
  /** Written after the rules, so that nothing was fitted to it. */
  readonly heldOut: boolean;
  readonly line: number;
  readonly input: string;
  readonly expected: string;
}

const FOLDER = join(import.meta.dirname, '../../test/golden/en');
const HELD_OUT = '# held out';
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\' };

/** `\n`, `\r`, `\t` and `\uXXXX` are invisible characters, `\\` is a backslash. */
export function decodeGolden(text: string): string {
  return text.replace(/\\(?:u([0-9a-f]{4})|([nrt\\]))/g, (_, code, letter) =>
    code ? String.fromCharCode(Number.parseInt(code, 16)) : ESCAPES[letter],
  );
}

/** Every case of `test/golden/en`: a file a kind, `input<TAB>expected` a line; what follows `# held out` is held out. */
export function readGolden(): GoldenCase[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.tsv'))
    .sort()
    .flatMap((name) => readKind(basename(name, '.tsv')));
}

function readKind(kind: string): GoldenCase[] {
  const rows = readFileSync(join(FOLDER, `${kind}.tsv`), 'utf8').split('\n');
  const from = rows.indexOf(HELD_OUT);
  return rows.flatMap((row, i) => {
    const [input, expected] = row.split('\t');
    if (expected === undefined) return [];
    return [{ kind, heldOut: from >= 0 && i > from, line: i + 1, input: decodeGolden(input), expected }];
  });
}

/** Words as they are, letters as capitals, IPA between slashes. */
export function showTokens(tokens: readonly SpokenToken[]): string {
  return tokens
    .map((token) => {
      if (token.kind === 'letter') return token.text.toUpperCase();
      return token.kind === 'ipa' ? `/${token.ipa}/` : token.text;
    })
    .join(' ');
}

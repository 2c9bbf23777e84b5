/** Converts text to phoneme symbols, for training and inspection: `node scripts/phonemize.ts --help`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { SoriError } from '../src/base/errors.ts';
import { createFrontEnd, type FrontEnd } from '../src/text/frontend.ts';
import { KOREAN_SYMBOLS, TUNES } from '../src/text/ko/symbols.ts';
import { isBritish } from '../src/text/language.ts';
import { BRITISH_SYMBOLS, PHRASE_BOUNDARY, SYMBOLS } from '../src/text/symbols.ts';

interface Flags {
  lexicon: string;
  language: string;
  words?: boolean;
  tsv?: string;
  unknown?: boolean;
}

const program = new Command('phonemize')
  .description(
    `Reads lines of text, writes one line of phoneme symbols for each, separated by single spaces; the word boundary,
itself a space, is written as |, and the boundary of accentual phrases in Korean, itself |, as ‖. A line with nothing to speak gives
an empty line. All sentences of a line are joined into one sequence: ^ first, $ last.`,
  )
  .option(
    '--lexicon <folder>',
    'folder of en.dictionary.bin, en.fallback.bin and en-GB.dictionary.bin',
    'build/lexicon',
  )
  .option('--language <tag>', 'language of the lines: en, en-GB or ko; with ko, lines may hold both', 'en')
  .option('--words', 'write the words as they are spoken, figures as words, instead of their phonemes')
  .option(
    '--tsv <file>',
    'read a table with a header and the columns id and text; write id<TAB>symbols for every row',
  )
  .option(
    '--unknown',
    'write the words that are not in the dictionary instead, with the source of their pronunciation',
  )
  .action(run);

async function run(flags: Flags): Promise<void> {
  const frontEnd = openFrontEnd(flags.lexicon, flags.language);
  const unknown = new Map<string, string>();
  const onWord = (word: string, from: string, symbols: readonly string[]) => {
    if (from === 'derived' || from === 'fallback' || from === 'spelled') {
      unknown.set(word, `${word}\t${from}\t${symbols.join(' ')}`);
    }
  };
  const output: string[] = [];
  for await (const [id, text] of rows(flags.tsv)) {
    const symbols = flags.words
      ? wordsOf(frontEnd, text, flags.language)
      : phonemize(frontEnd, text, flags.language, flags.unknown ? onWord : undefined);
    output.push(id === undefined ? symbols : `${id}\t${symbols}`);
    if (id === undefined && !flags.unknown) console.log(output.pop());
  }
  const lines = flags.unknown ? [...unknown.values()].sort() : output;
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
}

/** Symbols of Korean that English does not have, in the order of sori-2's table (scripts/train/sori2/phonemes.py). */
const KOREAN_TABLE = [
  ...KOREAN_SYMBOLS.map(({ symbol }) => symbol),
  PHRASE_BOUNDARY,
  ...Object.values(TUNES),
].filter((symbol) => !SYMBOLS.includes(symbol));

function openFrontEnd(folder: string, language: string): FrontEnd {
  const dictionary = join(folder, 'en.dictionary.bin');
  const fallback = join(folder, 'en.fallback.bin');
  if (!existsSync(dictionary)) throw new Error(`${dictionary} is missing: run node scripts/lexicon.ts first`);
  return createFrontEnd({
    dictionary: readFileSync(dictionary),
    fallback: existsSync(fallback) ? readFileSync(fallback) : undefined,
    british: isBritish(language) ? readFileSync(join(folder, 'en-GB.dictionary.bin')) : undefined,
    phonemes: [
      ...SYMBOLS,
      ...(language === 'ko' ? new Set(KOREAN_TABLE) : []),
      ...(isBritish(language) ? BRITISH_SYMBOLS : []),
    ],
  });
}

/** Rows of a table, or lines of standard input without an id. Fields are never quoted. */
async function* rows(tsv: string | undefined): AsyncGenerator<[id: string | undefined, text: string]> {
  if (tsv === undefined) {
    for await (const line of createInterface({ input: process.stdin })) yield [undefined, line];
    return;
  }
  const [header, ...lines] = readFileSync(tsv, 'utf8').split(/\r?\n/);
  const columns = header.split('\t');
  const [id, text] = [columns.indexOf('id'), columns.indexOf('text')];
  if (id < 0 || text < 0) throw new Error(`${tsv}: no column id or text in the first line`);
  for (const line of lines) {
    if (line === '') continue;
    const fields = line.split('\t');
    yield [fields[id], fields[text] ?? ''];
  }
}

/** One sequence for the whole text. Between two sentences is the final mark of the first, or a boundary. */
function phonemize(
  frontEnd: FrontEnd,
  text: string,
  language: string,
  onWord: ((word: string, from: string, symbols: readonly string[]) => void) | undefined,
): string {
  try {
    const utterances = frontEnd.analyze(text, { language, maxPhonemes: Number.MAX_SAFE_INTEGER, onWord });
    const sentences = utterances.map(({ phonemes }) => phonemes.slice(1, -1).map(({ symbol }) => symbol));
    const joined = sentences.flatMap((symbols, i) =>
      i > 0 && !endsInPause(sentences[i - 1]) ? [' ', ...symbols] : symbols,
    );
    return ['^', ...joined, '$'].map((symbol) => WRITTEN[symbol] ?? symbol).join(' ');
  } catch (error) {
    if (error instanceof SoriError && error.code === 'nothing_to_speak') return '';
    throw error;
  }
}

/** Boundaries as they are written. */
const WRITTEN: Readonly<Record<string, string>> = { ' ': '|', [PHRASE_BOUNDARY]: '‖' };

/** The words of a text as they are spoken, with one space between two. */
function wordsOf(frontEnd: FrontEnd, text: string, language: string): string {
  const words: string[] = [];
  try {
    frontEnd.analyze(text, { language, onToken: (token) => words.push(token.text) });
  } catch (error) {
    if (!(error instanceof SoriError && error.code === 'nothing_to_speak')) throw error;
  }
  return words.join(' ');
}

function endsInPause(symbols: readonly string[]): boolean {
  return /^[,.?!;:—…]$/.test(symbols[symbols.length - 1]);
}

await program.parseAsync();

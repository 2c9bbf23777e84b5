import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createFrontEnd, type FrontEnd, type FrontEndData } from '../../src/text/frontend.ts';
import { SYMBOLS, toArpabet } from '../../src/text/symbols.ts';

/** A word or a name, and the readings that are right. */
export interface GoldenWord {
  readonly kind: string;
  /** Written before its rules were measured and not looked at after that. */
  readonly heldOut: boolean;
  readonly text: string;
  /** ARPAbet. */
  readonly readings: readonly string[];
}

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'test/golden/en-words');
const MODEL = join(ROOT, 'shards/sori-2');

/** Every case of `test/golden/en-words`: a file a kind, `text<TAB>reading / reading` a line; what follows `# held out` is held out. */
export function readGoldenWords(): GoldenWord[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.tsv'))
    .sort()
    .flatMap((name) => {
      const rows = readFileSync(join(FOLDER, name), 'utf8').split('\n');
      const from = rows.indexOf('# held out');
      return rows.flatMap((row, i) => {
        const [text, readings] = row.split('\t');
        if (readings === undefined) return [];
        const heldOut = from >= 0 && i > from;
        return [{ kind: basename(name, '.tsv'), heldOut, text, readings: readings.split(' / ') }];
      });
    });
}

/** The dictionary and the letter-to-sound model of the embedded model. */
export function readEmbeddedLexicon(): Pick<FrontEndData, 'dictionary' | 'fallback'> {
  const manifest = JSON.parse(readFileSync(join(MODEL, 'manifest.json'), 'utf8')) as {
    readonly lexicons: {
      readonly en: { readonly dictionary: { file: string }; readonly fallback: { file: string } };
    };
  };
  const { dictionary, fallback } = manifest.lexicons.en;
  return {
    dictionary: readFileSync(join(MODEL, dictionary.file)),
    fallback: readFileSync(join(MODEL, fallback.file)),
  };
}

/** A front end of the embedded model's {@link readEmbeddedLexicon}. */
export function openEmbeddedFrontEnd(): FrontEnd {
  return createFrontEnd({ ...readEmbeddedLexicon(), phonemes: SYMBOLS });
}

/** How a word is read inside a sentence, in ARPAbet. */
export function readingIn(frontEnd: FrontEnd, text: string): string {
  const symbols: string[] = [];
  frontEnd.analyze(`Ask ${text} now.`, {
    onToken: ({ source, words }) => {
      if (source !== 'Ask' && source !== 'now') symbols.push(...words.flat());
    },
  });
  return toArpabet(symbols);
}

/** Is one of the readings spoken? Secondary stress, the quality of weak vowels, and AO against AA make no difference. */
export function isRight({ readings }: GoldenWord, spoken: string): boolean {
  return readings.some((reading) => broad(reading) === broad(spoken));
}

function broad(arpabet: string): string {
  return arpabet
    .replaceAll('2', '0')
    .replaceAll('ER0', 'AH0 R')
    .replace(/(?:AA|AE|AO|EH|IH|UH)0/g, 'AH0')
    .replace(/IY0(?= [A-Z])/g, 'AH0')
    .replaceAll('AO', 'AA')
    .replaceAll('R R', 'R');
}

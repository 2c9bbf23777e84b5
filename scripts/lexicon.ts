/** Builds the English pronunciation data: `node scripts/lexicon.ts [--out DIR] [--evaluate]`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { BRITISH_TABLE } from '../src/text/en/british/british.ts';
import { openDictionary } from '../src/text/en/dictionary.ts';
import { type Coverage, findExceptions } from './lexicon/british.ts';
import { readCmudict, readCmudictVariants, readSupplement } from './lexicon/cmudict.ts';
import { dropDerivable, encodeDictionary } from './lexicon/encode-dictionary.ts';
import { combine, trainFallback } from './lexicon/encode-fallback.ts';
import { evaluateHeldOut, type Score, SHIPPED } from './lexicon/evaluate.ts';
import { writeLabels } from './lexicon/labels.ts';

/** In this order: later files override the pronunciations of earlier ones. */
const SUPPLEMENTS = ['lexicon/misaki.en.tsv.gz', 'lexicon/supplement.en.tsv'].map((name) =>
  join(import.meta.dirname, name),
);

/** Trained by `scripts/train/letter-to-sound/train.py` on words that are not in `held-out.en.tsv.gz`. */
const NETWORK = join(import.meta.dirname, 'lexicon/letter-network.en.bin');

const program = new Command('lexicon')
  .description(
    'Builds en.dictionary.bin, en.fallback.bin and en-GB.dictionary.bin; the same sources give the same bytes.',
  )
  .option('-o, --out <folder>', 'where to write', 'build/lexicon')
  .option('--british', 'build en-GB.dictionary.bin only, from the en.dictionary.bin that is there')
  .option(
    '--evaluate',
    'train letter-to-sound without the held-out words and score it on them; writes nothing',
  )
  .option('--labels <file>', 'write what the network is trained on: words with the phonemes of each letter')
  .option('--more <file>', 'more words for --labels: word, tab, ARPAbet')
  .action(({ out, british, evaluate, labels, more }: Options) => {
    if (evaluate) return printEvaluation();
    if (british) return buildBritish(out);
    if (labels)
      return writeLabels(labels, {
        cmudict: readCmudict(),
        misaki: readSupplement(SUPPLEMENTS[0]),
        more: more ? readSupplement(more) : new Map(),
      });
    mkdirSync(out, { recursive: true });
    const words = readAll();
    const kept = dropDerivable(words);
    const dictionary = encodeDictionary(kept);
    writeFileSync(join(out, 'en.dictionary.bin'), dictionary);
    // The shipped model is trained on every word; the figures of --evaluate are of the same training without the held-out words.
    const fallback = combine(trainFallback(words, SHIPPED), readFileSync(NETWORK));
    writeFileSync(join(out, 'en.fallback.bin'), fallback);
    console.log(`letter-to-sound: ${fallback.length} bytes`);
    console.log(
      `${words.size} words, ${kept.size} of them stored (rules derive the rest): ${dictionary.length} bytes`,
    );
    buildBritish(out);
  });

interface Options {
  readonly out: string;
  readonly british?: boolean;
  readonly evaluate?: boolean;
  readonly labels?: string;
  readonly more?: string;
}

function readAll(): ReturnType<typeof readCmudict> {
  const words = readCmudict();
  for (const path of SUPPLEMENTS)
    for (const [word, symbols] of readSupplement(path)) words.set(word, symbols);
  return words;
}

/** Writes what British English reads otherwise than its rules make of the American words in the folder. */
function buildBritish(out: string): void {
  const exceptions = findExceptions(openDictionary(readFileSync(join(out, 'en.dictionary.bin'))));
  const dictionary = encodeDictionary(exceptions.words, BRITISH_TABLE);
  writeFileSync(join(out, 'en-GB.dictionary.bin'), dictionary);
  console.log(`British English: ${exceptions.words.size} words stored, ${dictionary.length} bytes`);
  printCoverage('by rules alone', exceptions.byRules);
  printCoverage('with the stored words', exceptions.withTable);
}

function printCoverage(name: string, { words, exact, similar }: Coverage): void {
  const percent = (count: number) => `${((100 * count) / words).toFixed(1)} %`;
  console.log(
    `${name}: ${percent(similar)} of ${words} words right except for weak vowels, ${percent(exact)} in every symbol`,
  );
}

function printEvaluation(): void {
  const cmudict = readCmudict();
  const words = new Map(cmudict);
  for (const [word, symbols] of readSupplement(SUPPLEMENTS[0]))
    if (!words.has(word)) words.set(word, symbols);
  console.log('held-out words of CMUdict\twords\tPER\tPER without stress\twords right\twithout stress');
  const variants = readCmudictVariants();
  print('n-grams alone: ', evaluateHeldOut({ words, cmudict: variants }));
  print('', evaluateHeldOut({ words, cmudict: variants, network: readFileSync(NETWORK) }));
}

function print(prefix: string, scores: Readonly<Record<string, Score>>): void {
  for (const [name, score] of Object.entries(scores)) {
    const rates = [
      score.phonemeErrorRate,
      score.phonemeErrorRateWithoutStress,
      score.wordAccuracy,
      score.wordAccuracyWithoutStress,
    ];
    console.log(
      [prefix + name, score.words, ...rates.map((rate) => `${(100 * rate).toFixed(2)} %`)].join('\t'),
    );
  }
}

program.parse();

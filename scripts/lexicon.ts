/** Builds the English pronunciation data: `node scripts/lexicon.ts [--out DIR] [--evaluate]`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { readCmudict, readSupplement } from './lexicon/cmudict.ts';
import { dropDerivable, encodeDictionary } from './lexicon/encode-dictionary.ts';
import { trainFallback } from './lexicon/encode-fallback.ts';
import { evaluateFallback, SHIPPED } from './lexicon/evaluate.ts';

/** In this order: later files override the pronunciations of earlier ones. */
const SUPPLEMENTS = ['lexicon/misaki.en.tsv.gz', 'lexicon/supplement.en.tsv'].map((name) =>
  join(import.meta.dirname, name),
);

const program = new Command('lexicon')
  .description('Builds en.dictionary.bin and en.fallback.bin; the same sources give the same bytes.')
  .option('-o, --out <folder>', 'where to write', 'build/lexicon')
  .option('--evaluate', 'train letter-to-sound on 95 % of CMUdict and score it on the rest; writes nothing')
  .action(({ out, evaluate }: { out: string; evaluate?: boolean }) => {
    if (evaluate) return printEvaluation();
    mkdirSync(out, { recursive: true });
    const words = readCmudict();
    for (const path of SUPPLEMENTS)
      for (const [word, symbols] of readSupplement(path)) words.set(word, symbols);
    const kept = dropDerivable(words);
    const dictionary = encodeDictionary(kept);
    writeFileSync(join(out, 'en.dictionary.bin'), dictionary);
    // The shipped model is trained on every word. --evaluate trains the same way on 95 % of them.
    const fallback = trainFallback(words, SHIPPED);
    writeFileSync(join(out, 'en.fallback.bin'), fallback);
    console.log(`letter-to-sound: ${fallback.length} bytes`);
    console.log(
      `${words.size} words, ${kept.size} of them stored (rules derive the rest): ${dictionary.length} bytes`,
    );
  });

function printEvaluation(): void {
  const { bytes, ...scores } = evaluateFallback(readCmudict(), SHIPPED);
  console.log(
    `letter-to-sound model: ${bytes} bytes\nheld-out CMUdict words\twords\tPER\tPER without stress\twords right\twithout stress`,
  );
  for (const [name, score] of Object.entries(scores)) {
    const rates = [
      score.phonemeErrorRate,
      score.phonemeErrorRateWithoutStress,
      score.wordAccuracy,
      score.wordAccuracyWithoutStress,
    ];
    console.log([name, score.words, ...rates.map((rate) => `${(100 * rate).toFixed(2)} %`)].join('\t'));
  }
}

program.parse();

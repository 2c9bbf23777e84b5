/** Builds the English pronunciation data: `node scripts/lexicon.ts [--out DIR] [--evaluate]`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { readCmudict, readSupplement } from './lexicon/cmudict.ts';
import { dropDerivable, encodeDictionary } from './lexicon/encode-dictionary.ts';

const SUPPLEMENT = join(import.meta.dirname, 'lexicon/supplement.en.tsv');

const program = new Command('lexicon')
  .description('Builds en.dictionary.bin and en.fallback.bin; the same sources give the same bytes.')
  .option('-o, --out <folder>', 'where to write', 'build/lexicon')
  .action(({ out }: { out: string }) => {
    mkdirSync(out, { recursive: true });
    const words = readCmudict();
    for (const [word, symbols] of readSupplement(SUPPLEMENT)) words.set(word, symbols);
    const kept = dropDerivable(words);
    const dictionary = encodeDictionary(kept);
    writeFileSync(join(out, 'en.dictionary.bin'), dictionary);
    console.log(
      `${words.size} words, ${kept.size} of them stored (rules derive the rest): ${dictionary.length} bytes`,
    );
  });

program.parse();

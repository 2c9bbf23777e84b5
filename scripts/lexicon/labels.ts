import { writeFileSync } from 'node:fs';
import { SYMBOLS } from '../../src/text/symbols.ts';
import { align } from './align.ts';
import type { Pronunciations } from './cmudict.ts';
import { dropDerivable } from './encode-dictionary.ts';
import { readHeldOut, SHIPPED } from './evaluate.ts';

/** Where the words of the network's training come from. Their order is the number of the source in the file. */
export interface LabelSources {
  readonly cmudict: Pronunciations;
  readonly misaki: Pronunciations;
  readonly more: Pronunciations;
}

/**
 * Writes what `scripts/train/letter-to-sound/train.py` reads: a line a word, with its source (0 CMUdict, 1 misaki, 2 others) and the
 * phonemes of each letter, `-` for none. Held-out words and words that the rules derive are left out.
 */
export function writeLabels(path: string, { cmudict, misaki, more }: LabelSources): void {
  const excluded = new Set(readHeldOut().map(({ word }) => word));
  const sourceOf = new Map<string, number>();
  const words: Pronunciations = new Map();
  for (const [source, some] of [cmudict, misaki, more].entries()) {
    for (const [word, symbols] of some) {
      if (excluded.has(word) || words.has(word)) continue;
      words.set(word, symbols);
      sourceOf.set(word, source);
    }
  }
  const { graphones, sequences } = align(dropDerivable(words), { minCount: SHIPPED.minCount });
  const lines = sequences.map((sequence) => {
    const used = sequence.map((graphone) => graphones[graphone]);
    const word = used.map(({ letters }) => letters).join('');
    const labels = used.flatMap(({ letters, symbols }) => {
      const spoken = symbols.map((id) => SYMBOLS[id]).join('+') || '-';
      return letters.length === 2 ? [spoken, '-'] : [spoken];
    });
    return [word, sourceOf.get(word), labels.join(' ')].join('\t');
  });
  writeFileSync(path, `${lines.join('\n')}\n`);
}

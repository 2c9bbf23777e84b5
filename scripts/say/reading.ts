import type { ReadText } from '../../src/engine/engine.ts';
import { wordIpa } from '../../src/text/phoneme-input.ts';

/** The reading of a text, one line per word: written form, spoken word, phonemes, rule and source. */
export function readingLines({ tokens, warnings }: ReadText): string {
  const rows = tokens.map(({ source, text, words, pause, rule, from }) => [
    source.replace(/\s+/g, ' '),
    text,
    `${words.map(wordIpa).join(' ')}${pause ?? ''}`,
    rule,
    from,
  ]);
  const table = [['written', 'spoken', 'phonemes', 'rule', 'from'], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => Array.from(row[column]).length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(widths[column] - Array.from(cell).length))
      .join('  ')
      .trimEnd(),
  );
  const all = tokens.map(({ words, pause }) => `${words.map(wordIpa).join(' ')}${pause ?? ''}`).join(' ');
  const notes = warnings.map(({ code, message }) => `${code}: ${message}`);
  return `${[...lines, '', all, ...notes].join('\n')}\n`;
}

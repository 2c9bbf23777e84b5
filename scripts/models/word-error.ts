/**
 * Word error rate of an installed transcription model on a corpus: node scripts/models/word-error.ts --help.
 *
 * A corpus is a folder of `audio/<id>.opus` and `metadata.tsv` with the columns id and text.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { readRecording } from '../../src/features/transcription/transcribe.ts';
import { ModelStore } from '../../src/models/store.ts';
import { openThread } from '../../src/models/thread.ts';

interface Flags {
  readonly directory: string;
  readonly model: string;
  readonly count: number;
  readonly threads: number;
  readonly language?: string;
}

const program = new Command('word-error')
  .description('Word error rate of an installed transcription model.')
  .argument('<corpora...>', 'folders')
  .option('--directory <folder>', 'models directory', '.sori/models')
  .option('--model <id>', 'transcription model', 'whisper-base')
  .option('--count <n>', 'recordings of all corpora together, evenly spread', Number, 50)
  .option('--threads <n>', 'threads within one operation', Number, 2)
  .option('--language <code>', 'language of the recordings; detected when absent')
  .parse();
const flags = program.opts<Flags>();
const { args } = program;

/** Words without punctuation; digits stay as they are written. */
const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}' ]+/gu, ' ')
    .split(' ')
    .map((word) => word.replace(/^'+|'+$/g, ''))
    .filter(Boolean);

/** Levenshtein distance in words. */
function distance(a: readonly string[], b: readonly string[]): number {
  let row = b.map((_, j) => j + 1);
  row.unshift(0);
  for (const [i, word] of a.entries()) {
    const next = [i + 1];
    for (const [j, other] of b.entries()) {
      next.push(Math.min(row[j] + (word === other ? 0 : 1), row[j + 1] + 1, next[j] + 1));
    }
    row = next;
  }
  return row[b.length];
}

async function main(): Promise<void> {
  const found = await new ModelStore(flags.directory).find(flags.model);
  if (found === undefined) throw new Error(`There is no model ${flags.model} in ${flags.directory}`);
  const graphs = { providers: ['cpu'], threads: flags.threads };
  const model = await openThread<'transcription'>({ ...found, graphs });
  let [errors, words, seconds, ms] = [0, 0, 0, 0];
  const each = Math.ceil(flags.count / args.length);
  for (const folder of args) {
    const [header, ...rows] = (await readFile(join(folder, 'metadata.tsv'), 'utf8')).trim().split('\n');
    const columns = header.split('\t');
    const step = Math.floor(rows.length / each);
    for (let i = 0; i < each; i++) {
      const fields = rows[i * step].split('\t');
      const [id, text] = ['id', 'text'].map((name) => fields[columns.indexOf(name)]);
      // A copy, since a Buffer may share its array.
      const bytes = Uint8Array.from(await readFile(join(folder, 'audio', `${id}.opus`)));
      const samples = await readRecording(bytes, 'file');
      seconds += samples.length / 16_000;
      const started = performance.now();
      let transcript = '';
      const input = {
        samples,
        into: 'same',
        temperature: 0,
        words: false,
        seed: 0,
        language: flags.language,
      } as const;
      for await (const { segments } of model.run(input))
        transcript += segments.map((one) => one.text).join('');
      ms += performance.now() - started;
      const wrong = distance(wordsOf(text), wordsOf(transcript));
      errors += wrong;
      words += wordsOf(text).length;
      if (wrong > 0)
        console.error(`${id}: ${wrong} wrong in "${transcript.trim()}", which should be "${text}"`);
    }
  }
  await model.close();
  const rate = (100 * errors) / words;
  console.log(
    `${flags.model}: word error ${rate.toFixed(2)} % (${errors} of ${words} words), ${args.length * each} recordings, ${seconds.toFixed(0)} s, real-time factor ${(ms / 1000 / seconds).toFixed(2)}`,
  );
}

await main();

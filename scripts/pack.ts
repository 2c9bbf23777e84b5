/** `npm run shards:pack`: a trained model's fp32 graphs → int8 shards and a manifest. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { defaultPathOf, stagesOf } from '../src/shards/stages.ts';
import { formatBytes } from './pack/format.ts';
import { MODEL_BUDGET, type PackReport, packModel } from './pack/pack-model.ts';

new Command('shards:pack')
  .description('Quantize a model folder (graphs, model.json, known-answer.json) and cut it into shards.')
  .argument('<model-dir>', 'folder written by the training export')
  .option('--out <folder>', 'where the shards go', 'shards/sori-2')
  .option(
    '--lexicon <folder>',
    'folder with <language>.dictionary.bin and <language>.fallback.bin',
    'build/lexicon',
  )
  .option('--no-lexicon', 'pack without pronunciation data')
  .option('--shard-size <bytes>', 'largest shard, unless one tensor is larger', wholeNumber, 1024 * 1024)
  .action(async (modelDir: string, options: { out: string; lexicon: string | false; shardSize: number }) => {
    const lexiconDir = options.lexicon || undefined;
    if (lexiconDir && !existsSync(lexiconDir))
      throw new Error(`${lexiconDir} is missing: build the lexicon first, or give --no-lexicon`);
    const { out: outDir, shardSize } = options;
    const report = await packModel({ modelDir, outDir, lexiconDir, shardSize, onProgress: progress });
    print(report, outDir);
  })
  .parseAsync()
  .catch((error: Error) => {
    console.error(`shards:pack: ${error.message}`);
    process.exitCode = 1;
  });

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('expected a whole number of bytes');
  return Number(text);
}

function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
}

function print({ manifest, stageBytes, removed }: PackReport, outDir: string): void {
  progress('');
  console.log(`${'stage'.padEnd(14)}${'bytes'.padStart(10)}  shards  output          max abs  relative RMS`);
  for (const name of stagesOf(manifest)) {
    const { shards, quantization } = manifest.stages[name]!;
    let head = `${name.padEnd(14)}${String(stageBytes[name]).padStart(10)}${String(shards.length).padStart(8)}`;
    for (const [output, error] of Object.entries(quantization.error)) {
      const relative = `${(error.relativeRms * 100).toFixed(2)} %`;
      console.log(
        `${head}  ${output.padEnd(14)}${error.maxAbs.toPrecision(3).padStart(9)}${relative.padStart(14)}`,
      );
      head = ' '.repeat(32);
    }
  }
  const edge = defaultPathOf(manifest).reduce((sum, name) => sum + (stageBytes[name] ?? 0), 0);
  const all = Object.values(stageBytes).reduce((a, b) => a + b, 0);
  console.log(
    `stages of the default path ${formatBytes(edge)} of at most ${formatBytes(MODEL_BUDGET)}; all ${formatBytes(all)}`,
  );
  const lexicons = Object.entries(manifest.lexicons).map(([language, { dictionary, fallback }]) => {
    const parts = `dictionary ${formatBytes(dictionary.bytes)}`;
    return `${language}: ${parts}${fallback ? `, fallback ${formatBytes(fallback.bytes)}` : ''}`;
  });
  console.log(
    `lexicons ${lexicons.join('; ') || 'none'}; known answers ${formatBytes(manifest.knownAnswer.bytes)}`,
  );
  if (removed.length) console.log(`removed ${removed.length} files that are no longer referenced`);
  console.log(`${manifest.name} ${manifest.version} → ${outDir} (${basename(outDir)}/manifest.json written)`);
}

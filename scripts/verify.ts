/** `npm run shards:verify`: checks a packed model in a folder or a bucket. Exit code 1 if it is not sound. */
import { Command, Option } from 'commander';
import { keys } from './lib/bucket.ts';
import { DEFAULT_BUCKET, DEFAULT_PERSIST } from './lib/local-bucket.ts';
import { openBucket } from './lib/open-bucket.ts';
import { readFolder } from './lib/publish-model.ts';
import { type VerifyReport, verifyModel } from './lib/verify-model.ts';
import { formatBytes } from './pack/format.ts';

interface Options {
  bucket?: boolean;
  local?: boolean;
  remote?: boolean;
  bucketName: string;
  persistTo: string;
  model: string;
  json?: boolean;
}

await new Command('shards:verify')
  .description(
    "Check a packed model: its manifest, every file's length and SHA-256, and what the graphs refer to.",
  )
  .argument('[folder]', 'packed model', 'shards/sori-2')
  .option('--bucket', 'check a bucket rather than a folder')
  .addOption(
    new Option('--local', "wrangler's local R2 (the default)").conflicts('remote').implies({ bucket: true }),
  )
  .addOption(new Option('--remote', 'R2 itself, by the wrangler command').implies({ bucket: true }))
  .option('--bucket-name <name>', 'name of the bucket', DEFAULT_BUCKET)
  .option('--persist-to <folder>', "where wrangler's local state lies", DEFAULT_PERSIST)
  .option('--model <name>', 'model within the bucket', 'sori-2')
  .option('--json', 'print the findings as JSON')
  .action(async (folder: string, options: Options) => {
    const { where, report } = options.bucket ? await verifyBucket(options) : await verifyFolder(folder);
    print(where, report, options.json ?? false);
    if (report.problems.length) process.exitCode = 1;
  })
  .parseAsync()
  .catch((error: Error) => {
    console.error(`shards:verify: ${error.message}`);
    process.exitCode = 1;
  });

async function verifyFolder(folder: string) {
  return { where: folder, report: await verifyModel(readFolder(folder)) };
}

async function verifyBucket({ model, ...options }: Options) {
  await using bucket = await openBucket(options);
  const read = (file: string) => bucket.get(keys.file(model, file));
  return { where: `${bucket.name}, shards/${model}`, report: await verifyModel(read) };
}

function print(where: string, { manifest, files, bytes, problems }: VerifyReport, json: boolean): void {
  const model = manifest && `${manifest.name} ${manifest.version}`;
  if (json) {
    console.log(
      JSON.stringify(
        { where, ok: problems.length === 0, model: model ?? null, files, bytes, problems },
        null,
        2,
      ),
    );
    return;
  }
  for (const { file, problem } of problems) console.error(`${file} ${problem}`);
  const total = `${files} files, ${formatBytes(bytes)}`;
  if (problems.length) console.error(`${where}: ${problems.length} problem${problems.length > 1 ? 's' : ''}`);
  else console.log(`${where}: ${model} is valid (${total})`);
}

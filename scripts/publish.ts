/** `npm run shards:publish`: uploads a packed model to R2, lists what was published, or goes back to an earlier manifest. */
import { Command, Option } from 'commander';
import type { Bucket } from './lib/bucket.ts';
import { DEFAULT_BUCKET, DEFAULT_PERSIST } from './lib/local-bucket.ts';
import { openBucket } from './lib/open-bucket.ts';
import { listPublished, publishModel, rollBack } from './lib/publish-model.ts';
import { printingBucket } from './lib/wrangler-bucket.ts';
import { formatBytes } from './pack/format.ts';

interface Options {
  folder: string;
  local?: boolean;
  remote?: boolean;
  bucketName: string;
  persistTo: string;
  model: string;
  dryRun?: boolean;
  force?: boolean;
  rollback?: string;
  list?: boolean;
}

await new Command('shards:publish')
  .description(
    'Upload the missing files of a packed model to a bucket, the manifest last. After an interruption the old model stays current.',
  )
  .option('--folder <folder>', 'packed model to publish', 'shards/sori-2')
  .addOption(new Option('--remote', 'R2 itself, by the wrangler command (the default)').conflicts('local'))
  .addOption(new Option('--local', "wrangler's local R2"))
  .option('--bucket-name <name>', 'name of the bucket', DEFAULT_BUCKET)
  .option('--persist-to <folder>', "where wrangler's local state lies", DEFAULT_PERSIST)
  .option('--dry-run', 'print the wrangler commands and change nothing; with --remote, read nothing either')
  .option('--force', 'upload every file, even one that an earlier manifest lists')
  .addOption(
    new Option(
      '--rollback <manifest>',
      'make an earlier manifest current, by its version or the start of its SHA-256',
    ).conflicts(['force', 'dryRun']),
  )
  .addOption(new Option('--list', 'list the published manifests').conflicts(['rollback', 'dryRun', 'force']))
  .option('--model <name>', 'model to list or roll back', 'sori-2')
  .action(async (options: Options) => {
    const remote = !options.local;
    if (options.dryRun && remote) return await dryRun(options, undefined);
    await using bucket = await openBucket({ ...options, remote });
    if (options.dryRun) return await dryRun(options, bucket);
    if (options.list) return await list(bucket, options.model);
    if (options.rollback) {
      await rollBack(bucket, options.model, options.rollback, console.log);
      return;
    }
    await publish(bucket, options);
  })
  .parseAsync()
  .catch((error: Error) => {
    console.error(`shards:publish: ${error.message}`);
    process.exitCode = 1;
  });

async function publish(bucket: Bucket, { folder, force }: Options): Promise<void> {
  const report = await publishModel(bucket, folder, { force, onProgress: console.log });
  const { uploaded, uploadedBytes, skipped, manifestChanged, model, version, manifest } = report;
  console.log(
    `${bucket.name}: ${uploaded} files (${formatBytes(uploadedBytes)}) uploaded, ${skipped} were already there`,
  );
  const state = manifestChanged ? 'is now active' : 'was already active';
  console.log(`${model} ${version}, manifest ${manifest.slice(0, 12)}, ${state}`);
}

async function dryRun(options: Options, reader: Bucket | undefined): Promise<void> {
  const flags = reader ? ['--local', '--persist-to', options.persistTo] : ['--remote'];
  const bucket = printingBucket({ bucketName: options.bucketName, flags }, reader, console.log);
  const report = await publishModel(bucket, options.folder, { force: options.force, parallel: 1 });
  const note = reader ? '' : '; files that the index lists would be left out';
  console.log(`# dry run: ${report.uploaded} files, ${formatBytes(report.uploadedBytes)}${note}`);
}

async function list(bucket: Bucket, model: string): Promise<void> {
  const published = await listPublished(bucket, model);
  if (!published.length) console.log(`nothing of ${model} was published to ${bucket.name}`);
  for (const { sha256, version, published: date, files, inForce } of published) {
    console.log(
      `${inForce ? '*' : ' '} ${sha256.slice(0, 12)}  ${version.padEnd(10)}  ${date}  ${files.length} files`,
    );
  }
}

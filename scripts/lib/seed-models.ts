/** Puts the models of a folder into the local bucket. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seedLocalBucket } from './local-bucket.ts';

/** The folder has no packed model in it. */
export class NoModel extends Error {}

/**
 * Copies every model whose copy in the local bucket differs from `folder`; a file beside the bucket saves the comparison.
 * @param folder has a folder per model.
 * @param persistTo as wrangler's `--persist-to`.
 * @param replace copies all files, since one of the bucket is damaged.
 * @returns names of the models.
 * @throws {NoModel} when there is no model in the folder.
 */
export async function seedModels(
  folder: string,
  persistTo: string,
  replace = false,
): Promise<readonly string[]> {
  const models = existsSync(folder)
    ? readdirSync(folder).filter((name) => existsSync(join(folder, name, 'manifest.json')))
    : [];
  if (models.length === 0)
    throw new NoModel(`There is no model in ${folder}: npm run shards:pack makes one.`);
  for (const model of models) {
    const manifest = readFileSync(join(folder, model, 'manifest.json'), 'utf8');
    const note = join(persistTo, `seeded-${model}.json`);
    if (!replace && existsSync(note) && readFileSync(note, 'utf8') === manifest) continue;
    const report = await seedLocalBucket({ folder: join(folder, model), persistTo, replace });
    writeFileSync(note, manifest);
    console.log(`Put ${model} ${report.version} into the local bucket: ${report.uploaded} files.`);
  }
  return models;
}

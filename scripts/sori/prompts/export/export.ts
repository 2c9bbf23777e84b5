import type { Command } from 'commander';
import type { AudioFormatId } from '../../../../src/audio/format.ts';
import { userPath } from '../../../lib/user-path.ts';
import { CommandError, UsageError } from '../../failures.ts';
import { printJson } from '../../output.ts';
import type { CatalogueFilter } from '../catalogue.ts';
import { download } from '../download.ts';
import { environmentOf } from '../environment.ts';
import { csvRow } from '../files/write-file.ts';
import { inOrder } from '../in-order.ts';
import { showProgress } from '../progress.ts';
import { type Recording, recordingsOf, voiceLanguages } from '../recordings.ts';
import { type Archive, folderArchive, MAX_ZIP_ENTRIES, zipArchive } from './archive.ts';
import { type Layout, planFiles, refuseSamePaths } from './layouts.ts';

/** Flags of `sori prompts export`. */
export interface ExportFlags extends CatalogueFilter {
  readonly format: AudioFormatId;
  readonly layout: Layout;
  readonly zip?: string;
  readonly out?: string;
  readonly concurrency: number;
}

/** The list of all files, at the top. */
const MANIFEST = 'manifest.csv';

/** `sori prompts export`: audio files for those who can't fetch them by their address, such as telephone exchanges. */
export async function exportPrompts(flags: ExportFlags, command: Command): Promise<void> {
  const { client, catalogue, json } = environmentOf(command);
  const { prefix, tag, locale, zip, out } = flags;
  const target = zip ?? out;
  if (target === undefined || (zip !== undefined && out !== undefined)) {
    throw new UsageError('Choose a target: --zip <file> or --out <folder>.');
  }
  const files = planFiles(flags.layout, flags.format);
  const prompts = await catalogue.list({ prefix, tag, locale: locale === 'default' ? undefined : locale });
  const recordings = recordingsOf(prompts, await voiceLanguages(client), locale);
  if (recordings.length === 0) throw new CommandError('There is no such prompt with audio in the catalogue.');
  const entries = recordings
    .map((recording) => ({ recording, path: files.pathOf(recording) }))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
  refuseSamePaths([MANIFEST, ...entries.map(({ path }) => path)]);
  if (zip !== undefined && entries.length >= MAX_ZIP_ENTRIES) {
    throw new UsageError(
      `A ZIP file holds ${MAX_ZIP_ENTRIES - 1} prompts; these are ${entries.length}: use --out.`,
    );
  }

  const archive = zip === undefined ? folderArchive(userPath(target)) : zipArchive(userPath(target));
  const progress = showProgress('Exporting', entries.length);
  const fetched = inOrder(entries, flags.concurrency, ({ recording }) =>
    download(client, recording.key, files.format),
  );
  const bytes = await fill(archive, async () => {
    let sum = 0;
    for await (const [{ path }, audio] of fetched) {
      await archive.add(path, audio);
      progress.done(path);
      sum += audio.length;
    }
    await archive.add(MANIFEST, new TextEncoder().encode(manifest(entries)));
    return sum;
  }).finally(progress.stop);

  const templates = prompts.length - new Set(recordings.map(({ name }) => name)).size;
  if (json) return printJson({ files: entries.length, bytes, target, withoutAudio: templates });
  console.log(`${target}: ${entries.length} files, ${(bytes / 1e6).toFixed(1)} MB.`);
  if (templates > 0)
    console.log(`${templates} prompts have no audio of their own (templates) and are not in it.`);
}

/** Whatever goes wrong, nothing half-written stays behind. */
async function fill<T>(archive: Archive, write: () => Promise<T>): Promise<T> {
  try {
    const result = await write();
    await archive.finish();
    return result;
  } catch (error) {
    await archive.discard();
    throw error;
  }
}

function manifest(entries: readonly { recording: Recording; path: string }[]): string {
  const rows = entries.map(({ recording: { name, locale, text, seconds, key }, path }) =>
    csvRow([name, locale ?? 'default', path, text, seconds.toFixed(3), key]),
  );
  return csvRow(['name', 'locale', 'file', 'text', 'seconds', 'key']) + rows.join('');
}

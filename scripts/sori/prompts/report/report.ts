import type { Command } from 'commander';
import { type AudioFormatId, FORMAT_INFO } from '../../../../src/audio/format.ts';
import { readWav } from '../../../../src/audio/wav-reader.ts';
import { userPath } from '../../../lib/user-path.ts';
import type { SoriClient } from '../../client.ts';
import { CommandError } from '../../failures.ts';
import { printJson } from '../../output.ts';
import { writeWhole } from '../../write-whole.ts';
import type { CatalogueFilter } from '../catalogue.ts';
import { download } from '../download.ts';
import { environmentOf } from '../environment.ts';
import { inOrder } from '../in-order.ts';
import { showProgress } from '../progress.ts';
import { type Recording, recordingsOf, voiceLanguages } from '../recordings.ts';
import { type ReportRow, reportPage } from './page.ts';
import { peaksOf } from './waveform.ts';

/** Flags of `sori prompts report`. */
export interface ReportFlags extends CatalogueFilter {
  /** Largest audio that is put into the page, in KiB; false for none. */
  readonly embed: number | boolean;
  readonly concurrency: number;
}

/** Longest recording that is drawn, in seconds. */
const LONGEST = 3600;
/** KiB that `--embed` alone means: half a minute of MP3. */
const EMBED_KIB = 256;
/** Formats that browsers play, the smallest first. The master, in WAV, always exists. */
const PLAYED: readonly AudioFormatId[] = ['mp3', 'opus', 'm4a', 'aac', 'flac', 'wav'];

/** `sori prompts report`: a page with a player and data of every recording. */
export async function report(file: string, flags: ReportFlags, command: Command): Promise<void> {
  const { client, catalogue, json } = environmentOf(command);
  const { prefix, tag, locale, concurrency } = flags;
  const prompts = await catalogue.list({ prefix, tag, locale: locale === 'default' ? undefined : locale });
  const recordings = recordingsOf(prompts, await voiceLanguages(client), locale);
  if (recordings.length === 0) throw new CommandError('There is no such prompt with audio in the catalogue.');
  const limit = flags.embed === true ? EMBED_KIB : Number(flags.embed);
  const progress = showProgress('Reading', recordings.length);
  const rows: ReportRow[] = [];
  try {
    for await (const [{ name }, row] of inOrder(recordings, concurrency, (one) =>
      rowOf(client, one, limit),
    )) {
      rows.push(row);
      progress.done(name);
    }
  } finally {
    progress.stop();
  }
  await writeWhole(userPath(file), await reportPage({ rows, server: client.url, made: new Date() }));
  if (json) printJson({ file, recordings: rows.length });
  else console.log(`${file}: ${rows.length} recordings.`);
}

async function rowOf(client: SoriClient, recording: Recording, embedKiB: number): Promise<ReportRow> {
  const { key, formats } = recording;
  const { samples } = readWav(await download(client, key, 'wav'), { maxSeconds: LONGEST });
  const format = PLAYED.find((known) => formats.includes(known)) ?? 'wav';
  const embedded = embedKiB > 0 ? await download(client, key, format) : undefined;
  const source =
    embedded && embedded.length <= embedKiB * 1024
      ? `data:${FORMAT_INFO[format].contentType.replaceAll(' ', '')};base64,${Buffer.from(embedded).toString('base64')}`
      : client.address(`/audio/${key}.${format}`).href;
  return { ...recording, source, peaks: peaksOf(samples) };
}

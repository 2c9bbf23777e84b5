import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const TRAIN = resolve(import.meta.dirname, '../../train');

/** One recording of a corpus. */
export interface Recording {
  readonly id: string;
  readonly speaker: string;
  readonly seconds: number;
  readonly text: string;
  readonly path: string;
}

/** All recordings of a corpus, in the order of its table. */
export async function readCorpus(corpora: string, corpus: string): Promise<(Recording & { take: string })[]> {
  const table = await readFile(join(corpora, corpus, 'metadata.tsv'), 'utf8');
  const [header, ...rows] = table
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  return rows.map((row) => {
    const value = (name: string) => row[header.indexOf(name)] ?? '';
    return {
      id: value('id'),
      speaker: value('speaker'),
      seconds: Number(value('seconds')),
      text: value('text'),
      take: value('take'),
      path: join(corpora, corpus, 'audio', `${value('id')}.opus`),
    };
  });
}

/** Sentences of kathleen's that no training stage saw, the first of them in the order of the list. */
export async function heldOutSentences(corpora: string, count: number): Promise<string[]> {
  const hidden = await readList('held-out.txt');
  const clips = await readCorpus(corpora, 'kathleen');
  const chosen = clips.filter(({ id, take }) => take === '1' && hidden.has(id.replace(/_\d+$/, '')));
  // Short ones have too few phonemes to measure a rate or a range on.
  return chosen
    .map(({ text }) => text)
    .filter((text) => text.split(' ').length >= 6)
    .slice(0, count);
}

/** Recordings of people who are not in the training data, by speaker. */
export async function strangers(corpora: string): Promise<Map<string, Recording[]>> {
  const hidden = await readList('held-out-speakers.txt');
  const clips = await readCorpus(corpora, 'speechocean');
  const bySpeaker = new Map<string, Recording[]>();
  for (const clip of clips.filter(({ speaker }) => hidden.has(`speechocean-${speaker}`))) {
    bySpeaker.set(clip.speaker, [...(bySpeaker.get(clip.speaker) ?? []), clip]);
  }
  return bySpeaker;
}

async function readList(name: string): Promise<Set<string>> {
  const lines = (await readFile(join(TRAIN, name), 'utf8'))
    .split('\n')
    .map((line) => line.split('#')[0].trim());
  return new Set(lines.filter((line) => line !== ''));
}

/** Samples of a recording: mono, 24 kHz, by ffmpeg. */
export async function decode(path: string): Promise<Float32Array> {
  const flags = ['-v', 'error', '-i', path, '-f', 'f32le', '-ar', '24000', '-ac', '1', '-'];
  const { stdout } = await run('ffmpeg', flags, { encoding: 'buffer', maxBuffer: 1 << 28 });
  return new Float32Array(new Uint8Array(stdout).buffer);
}

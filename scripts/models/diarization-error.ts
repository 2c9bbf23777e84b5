/**
 * Diarization error of an origin on dialogues that are put together from a corpus: node scripts/models/diarization-error.ts --help.
 *
 * A corpus is a folder of `audio/<id>.opus` and `metadata.tsv` with the columns id and speaker.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { decodeRecording } from '../../src/audio/decoders/recording.ts';
import { resample } from '../../src/audio/resample.ts';
import { SAMPLE_RATE, toInt16Array } from '../../src/audio/samples.ts';
import { masterWav } from '../../src/audio/transcode.ts';
import { concatFloats } from '../../src/base/bytes.ts';

interface Flags {
  readonly speakers: string;
  readonly dialogues: number;
  readonly turns: number;
  readonly model?: string;
  readonly speakerModel?: string;
  readonly apiKey?: string;
}

const program = new Command('diarization-error')
  .description(
    'Diarization error of an origin on dialogues of two and three speakers, in shares of the time of speech. A quarter of a second about each beginning and end is not judged.\nStart the origin with AUTH=off npm run origin.',
  )
  .argument('<url>', 'of the origin')
  .argument('<corpus>', 'folder')
  .option('--speakers <file>', 'speakers that no training has seen', 'scripts/train/held-out-speakers.txt')
  .option('--dialogues <n>', 'dialogues', Number, 6)
  .option('--turns <n>', 'turns of a dialogue', Number, 10)
  .option('--model <id>', 'segmentation; default: the first of the origin')
  .option('--speaker-model <id>', 'speaker embedding; default: the style encoder')
  .option('--api-key <key>', 'API key')
  .parse();
const flags = program.opts<Flags>();
const [url, corpus] = program.args;

/** Frames a second in which speakers are compared. */
const FRAMES = 100;
const COLLAR = 0.25;
const GAP = 0.5;
const LEAST_SILENCE = 0.3;

interface Turn {
  readonly speaker: string;
  readonly start: number;
  readonly end: number;
}

const answerSchema = z.object({
  duration: z.number(),
  segments: z.array(z.object({ speaker: z.string(), start: z.number(), end: z.number() })),
});

/** Recordings of each held-out speaker, by id. */
async function recordings(): Promise<ReadonlyMap<string, readonly string[]>> {
  const held = new Set(
    (await readFile(flags.speakers, 'utf8'))
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('#'))
      .map((line) => line.trim().replace(/^.*-/, '')),
  );
  const [header, ...rows] = (await readFile(join(corpus, 'metadata.tsv'), 'utf8')).trim().split('\n');
  const [id, speaker] = ['id', 'speaker'].map((name) => header.split('\t').indexOf(name));
  const found = new Map<string, string[]>();
  for (const row of rows) {
    const cells = row.split('\t');
    if (held.has(cells[speaker]))
      found.set(cells[speaker], [...(found.get(cells[speaker]) ?? []), cells[id]]);
  }
  return found;
}

interface Speech {
  readonly samples: Float32Array;
  /** Frames of speech: those within 30 dB of the loudest, and shorter silences than LEAST_SILENCE between them. */
  readonly spoken: readonly { readonly first: number; readonly end: number }[];
}

/** A recording without the silence about it. */
async function speechOf(id: string): Promise<Speech> {
  // A copy, since a Buffer may share its array.
  const bytes = Uint8Array.from(await readFile(join(corpus, 'audio', `${id}.opus`)));
  const recording = await decodeRecording(bytes, 60);
  const samples = resample(recording.samples, recording.sampleRate, SAMPLE_RATE);
  const step = SAMPLE_RATE / FRAMES;
  const levels = Array.from({ length: Math.floor(samples.length / step) }, (_, i) =>
    samples.subarray(i * step, (i + 1) * step).reduce((sum, value) => sum + value * value, 0),
  );
  const least = Math.max(...levels) / 1000;
  const spoken: { first: number; end: number }[] = [];
  for (const [f, level] of levels.entries()) {
    if (level <= least) continue;
    const last = spoken.at(-1);
    if (last && f - last.end < LEAST_SILENCE * FRAMES) last.end = f + 1;
    else spoken.push({ first: f, end: f + 1 });
  }
  const begin = spoken[0]?.first ?? 0;
  return {
    samples: samples.slice(begin * step, (spoken.at(-1)?.end ?? 0) * step),
    spoken: spoken.map(({ first, end }) => ({ first: first - begin, end: end - begin })),
  };
}

/** A dialogue of speakers in turn: 24 kHz samples, and who speaks when. */
async function dialogue(
  speakers: readonly string[],
  of: ReadonlyMap<string, readonly string[]>,
): Promise<{ samples: Float32Array; turns: Turn[] }> {
  const pause = new Float32Array(GAP * SAMPLE_RATE);
  const parts: Float32Array[] = [pause];
  const turns: Turn[] = [];
  let at = pause.length;
  for (let i = 0; i < flags.turns; i++) {
    const speaker = speakers[i % speakers.length];
    const ids = of.get(speaker) ?? [];
    const speech = await speechOf(ids[Math.floor(i / speakers.length) % ids.length]);
    parts.push(speech.samples, pause);
    const begin = at / SAMPLE_RATE;
    for (const { first, end } of speech.spoken)
      turns.push({ speaker, start: begin + first / FRAMES, end: begin + end / FRAMES });
    at += speech.samples.length + pause.length;
  }
  return { samples: concatFloats(parts), turns };
}

async function diarized(samples: Float32Array): Promise<z.infer<typeof answerSchema>> {
  const form = new FormData();
  form.set('file', new Blob([Uint8Array.from(masterWav(toInt16Array(samples)))]), 'dialogue.wav');
  if (flags.model !== undefined) form.set('model', flags.model);
  if (flags.speakerModel !== undefined) form.set('speaker_model', flags.speakerModel);
  const headers: Record<string, string> =
    flags.apiKey === undefined ? {} : { Authorization: `Bearer ${flags.apiKey}` };
  const response = await fetch(new URL('/v1/audio/diarizations', url), {
    method: 'POST',
    body: form,
    headers,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  return answerSchema.parse(JSON.parse(text));
}

/** Speakers of each frame. */
function framesOf(turns: readonly Turn[], seconds: number): ReadonlySet<string>[] {
  const frames = Array.from({ length: Math.round(seconds * FRAMES) }, () => new Set<string>());
  for (const { speaker, start, end } of turns) {
    for (let f = Math.round(start * FRAMES); f < Math.min(frames.length, Math.round(end * FRAMES)); f++) {
      frames[f].add(speaker);
    }
  }
  return frames;
}

/** Frames of missed speech, of speech that is none, and of a wrong speaker; and all frames of speech. */
function errors(turns: readonly Turn[], found: readonly Turn[], seconds: number) {
  const [real, said] = [framesOf(turns, seconds), framesOf(found, seconds)];
  const isJudged = (f: number) =>
    turns.every(({ start, end }) => [start, end].every((edge) => Math.abs(f / FRAMES - edge) >= COLLAR));
  const shared = new Map<string, number>();
  for (const [f, here] of real.entries())
    for (const a of here)
      for (const b of said[f]) shared.set(`${a} ${b}`, (shared.get(`${a} ${b}`) ?? 0) + 1);
  // The pairs of a real and a found speaker with the most frames in common, each speaker once.
  const named = new Map<string, string>();
  const taken = new Set<string>();
  for (const [pair] of [...shared].sort((a, b) => b[1] - a[1])) {
    const [a, b] = pair.split(' ');
    if (taken.has(a) || named.has(b)) continue;
    named.set(b, a);
    taken.add(a);
  }
  const counts = { missed: 0, added: 0, confused: 0, speech: 0 };
  for (const [f, here] of real.entries()) {
    if (!isJudged(f)) continue;
    const right = [...said[f]].filter((one) => here.has(named.get(one) ?? '')).length;
    counts.speech += here.size;
    counts.missed += Math.max(0, here.size - said[f].size);
    counts.added += Math.max(0, said[f].size - here.size);
    counts.confused += Math.min(here.size, said[f].size) - right;
  }
  return counts;
}

const of = await recordings();
const names = [...of.keys()];
const all = { missed: 0, added: 0, confused: 0, speech: 0 };
const share = (count: number, speech: number) => `${((100 * count) / speech).toFixed(1)} %`;
for (let i = 0; i < flags.dialogues; i++) {
  const speakers = Array.from({ length: 2 + (i % 2) }, (_, k) => names[(2 * i + k) % names.length]);
  const { samples, turns } = await dialogue(speakers, of);
  const seconds = samples.length / SAMPLE_RATE;
  const { segments } = await diarized(samples);
  const counts = errors(turns, segments, seconds);
  for (const name of ['missed', 'added', 'confused', 'speech'] as const) all[name] += counts[name];
  const count = new Set(segments.map(({ speaker }) => speaker)).size;
  const wrong = share(counts.missed + counts.added + counts.confused, counts.speech);
  console.log(`${seconds.toFixed(0)} s, ${speakers.length} speakers, ${count} found: error ${wrong}`);
}
console.log(
  `diarization error ${share(all.missed + all.added + all.confused, all.speech)}: missed ${share(all.missed, all.speech)}, added ${share(all.added, all.speech)}, wrong speaker ${share(all.confused, all.speech)} of ${(all.speech / FRAMES).toFixed(0)} s of speech`,
);

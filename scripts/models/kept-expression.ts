/**
 * What a speech-to-speech translation keeps of a recording with `keep`, and without: node scripts/models/kept-expression.ts --help.
 *
 * A corpus is a folder of `audio/<id>.opus` and `metadata.tsv` with the columns id and seconds.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { resample } from '../../src/audio/resample.ts';
import { toInt16Array } from '../../src/audio/samples.ts';
import { masterWav, readMasterWav } from '../../src/audio/transcode.ts';
import { RATE as HEARD } from '../../src/features/transcription/index.ts';
import { readRecording } from '../../src/features/transcription/transcribe.ts';
import { cleanPitch, median } from '../../src/synthesis/reference/clean-pitch.ts';
import { trackPitch } from '../../src/synthesis/reference/track-pitch.ts';

const RATE = 24_000;
/** Seconds of silence between two recordings; seconds of a recording. */
const PAUSES = [1, 2, 3];
const SECONDS = [3, 9];

interface Segment {
  readonly start_ms: number;
  readonly end_ms: number;
  readonly audio_start_ms: number;
  readonly audio_end_ms: number;
  readonly audio?: string;
}

const program = new Command('kept-expression')
  .description(
    'Translates pairs of English recordings into English by an origin with a recognizer, with and without "keep", and compares lengths, pauses and pitch ranges with those of the recordings.',
  )
  .argument('<url>', 'of the origin')
  .argument('<corpora...>', 'folders')
  .option('--count <n>', 'pairs of all corpora together', Number, 12)
  .option('--voice <id>', 'voice of the translation', 'hazel')
  .parse();
const [url, ...corpora] = program.args;
const { count, voice } = program.opts<{ count: number; voice: string }>();

/** Standard deviation of the pitch in semitones. */
function rangeOf(samples: Float32Array): number {
  const voiced = [...cleanPitch(trackPitch(samples))].filter((hz) => hz > 0).map((hz) => 12 * Math.log2(hz));
  const mean = voiced.reduce((sum, value) => sum + value, 0) / voiced.length;
  return Math.sqrt(voiced.reduce((sum, value) => sum + (value - mean) ** 2, 0) / voiced.length);
}

/** Recordings of one speaker in pairs, with silence between. */
async function pairsOf(corpus: string, wanted: number): Promise<Float32Array[]> {
  const [head, ...rows] = (await readFile(join(corpus, 'metadata.tsv'), 'utf8')).trim().split('\n');
  const names = head.split('\t');
  const cells = rows.map((row) => row.split('\t'));
  const column = (name: string) => names.indexOf(name);
  const usable = cells.filter((row) => {
    const seconds = Number(row[column('seconds')]);
    return seconds >= SECONDS[0] && seconds <= SECONDS[1];
  });
  const pairs: Float32Array[] = [];
  for (let n = 0; n < wanted; n++) {
    const first = usable[Math.floor((n * usable.length) / wanted)];
    const second = usable.find((row) => row !== first && row[column('speaker')] === first[column('speaker')]);
    if (!second) continue;
    const [a, b] = await Promise.all(
      [first, second].map(async (row) => {
        const file = await readFile(join(corpus, 'audio', `${row[column('id')]}.opus`));
        return resample(await readRecording(new Uint8Array(file), 'file'), HEARD, RATE);
      }),
    );
    const silence = Math.round(PAUSES[n % PAUSES.length] * RATE);
    const pair = new Float32Array(a.length + silence + b.length);
    pair.set(a);
    pair.set(b, a.length + silence);
    pairs.push(pair);
  }
  return pairs;
}

async function translate(pair: Float32Array, keep: string): Promise<Segment[]> {
  const form = new FormData();
  form.append('file', new File([masterWav(toInt16Array(pair)) as Uint8Array<ArrayBuffer>], 'pair.wav'));
  const fields = { voice, to: 'en', language: 'en', stream: 'true', response_format: 'wav', keep };
  for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
  const answer = await fetch(new URL('/v1/audio/speech-translations', url), { method: 'POST', body: form });
  if (!answer.ok) throw new Error(await answer.text());
  const events = (await answer.text()).split('\n').filter((line) => line.startsWith('data: '));
  return events
    .map((line) => JSON.parse(line.slice('data: '.length)) as Segment & { type: string })
    .filter(({ type, audio }) => type === 'speech.translation.segment' && audio !== undefined);
}

const percent = (ratios: readonly number[]) => (100 * median(ratios)).toFixed(0);
const pairs = (
  await Promise.all(corpora.map((corpus) => pairsOf(corpus, Math.ceil(count / corpora.length))))
).flat();
console.log(`${pairs.length} pairs of recordings, voice ${voice}; medians of the absolute differences`);
for (const keep of ['', 'rate', 'pauses', 'pitch_range', 'rate,pauses,pitch_range']) {
  const lengths: number[] = [];
  const pauses: number[] = [];
  const ranges: number[] = [];
  for (const pair of pairs) {
    const segments = await translate(pair, keep);
    for (const [index, segment] of segments.entries()) {
      const source = pair.subarray((segment.start_ms * RATE) / 1000, (segment.end_ms * RATE) / 1000);
      const samples = Float32Array.from(
        readMasterWav(Uint8Array.from(Buffer.from(segment.audio ?? '', 'base64'))),
        (value) => value / 32_768,
      );
      lengths.push(Math.abs(samples.length / source.length - 1));
      ranges.push(Math.abs(rangeOf(samples) / rangeOf(source) - 1));
      const next = segments[index + 1];
      if (!next) continue;
      const wanted = next.start_ms - segment.end_ms;
      if (wanted > 500) pauses.push(Math.abs((next.audio_start_ms - segment.audio_end_ms) / wanted - 1));
    }
  }
  console.log(
    `keep=${keep || '-'}: length of segments ${percent(lengths)} % (${lengths.length}), pauses ${percent(pauses)} % (${pauses.length}), pitch range ${percent(ranges)} %`,
  );
}

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { type AudioFormatId, FORMAT_INFO } from '../../../src/audio/format.ts';
import { SAMPLE_RATE, toFloat32Array, toInt16Array } from '../../../src/audio/samples.ts';
import { transcode } from '../../../src/audio/transcode.ts';
import { detectWatermark, THRESHOLD } from '../../../src/audio/watermark/detect.ts';
import { embedWatermark } from '../../../src/audio/watermark/embed.ts';
import type { WatermarkResult } from '../../../src/audio/watermark/types.ts';
import { logMel, MEL_SCALE } from '../../../src/synthesis/reference/mel.ts';
import { announce, type Row } from '../table.ts';
import { differenceDb, mean, wilsonBounds } from './measures.ts';
import { readReference } from './reference-clips.ts';
import { createSpeaker, type Speaker } from './speech.ts';
import { decode, heldOutSentences, readCorpus, strangers } from './texts.ts';

/** How much is synthesized and analyzed. */
export interface WatermarkOptions {
  readonly corpora: string;
  /** Folder for what is encoded. */
  readonly work: string;
  /** Recordings spoken, each by another voice in turn, every fourth by a clone. */
  readonly recordings: number;
  /** Clips of each corpus in which nothing must be found. */
  readonly clips: number;
}

const LENGTHS = [1.5, 3, 6];
const FORMATS: readonly AudioFormatId[] = ['wav', 'mp3', 'opus', 'mulaw-wav'];
const CORPORA = ['kathleen', 'ljspeech', 'cameron', 'speechocean'];
const PAYLOAD = Uint8Array.of(0x53, 0x6f, 0x72, 0x69, 0, 0x55, 0xaa, 0xff);
/** People's recordings are held to other patterns too: each is a trial of its own. */
const OTHER_KEYS = [1, 2, 3];

/** Is the mark found after each codec, is it found where there is none, and how much does it change? */
export async function measureWatermark(options: WatermarkOptions): Promise<Row[]> {
  announce('watermark: speaking');
  const recordings = await speakAll(options);
  const cost = { embedding: 0, seconds: 0 };
  const marked = recordings.map((samples) => {
    const start = process.cpuUsage();
    const result = embedWatermark(samples, PAYLOAD);
    cost.embedding += process.cpuUsage(start).user / 1000;
    cost.seconds += samples.length / SAMPLE_RATE;
    return result;
  });
  const through = (samples: Int16Array, format: AudioFormatId) => codec(samples, format, options.work);
  const rows = [await changes(recordings, marked, through)];
  const unmarked: number[] = [];
  for (const seconds of LENGTHS) {
    const measured: string[] = [];
    let missed = 0;
    for (const format of FORMATS) {
      announce(`watermark: ${seconds} s as ${format}`);
      const found: WatermarkResult[] = [];
      for (const [i, samples] of marked.entries()) {
        const both = [samples, recordings[i]].map((one) => through(cut(one, seconds, i), format));
        const [heard, plain] = await Promise.all(both);
        found.push(detectWatermark(heard, SAMPLE_RATE));
        unmarked.push(detectWatermark(plain, SAMPLE_RATE).score);
      }
      const counts = [found.filter((result) => result.found), found.filter(hasPayload)];
      const [seen, read] = counts.map(({ length }) => length);
      missed += found.length - seen;
      measured.push(
        `${format} ${seen} / ${read} (${percent(seen, found.length)} / ${percent(read, found.length)})`,
      );
    }
    rows.push({
      what: `watermark in ${seconds} s of speech: found / payload read, of ${marked.length} recordings, after each codec (95 % bounds)`,
      measured: measured.join(', '),
      target: seconds < 6 ? '' : 'all found',
      met: seconds < 6 ? undefined : missed === 0,
    });
  }
  const real = await realSpeech(options);
  rows.push(falseAlarms(`speech of the model, through ${FORMATS.length} codecs`, unmarked));
  rows.push(falseAlarms(`recordings of people (${CORPORA.join(', ')})`, real));
  rows.push({
    what: 'watermark: processor time to mark a second of speech',
    measured: `${(cost.embedding / cost.seconds).toFixed(1)} ms`,
    target: '',
  });
  return rows;
}

async function speakAll({ corpora, recordings }: WatermarkOptions): Promise<Int16Array[]> {
  const speaker = createSpeaker();
  const voices = (await speaker.engine.models())[0].voices.map(({ id }) => id);
  const styles = await clonedStyles(speaker, corpora, Math.ceil(recordings / 4));
  const texts = await heldOutSentences(corpora, 2 * recordings);
  const spoken: Int16Array[] = [];
  for (let i = 0; i < recordings; i++) {
    // Two sentences, or more, until it is long enough.
    const input = Array.from({ length: 3 }, (_, n) => texts[(2 * i + n) % texts.length]).join(' ');
    const voice = { [voices[i % voices.length]]: 1 };
    const style = i % 4 === 3 ? styles[Math.floor(i / 4) % styles.length] : undefined;
    const whose = style ? { style } : { voice };
    spoken.push(toInt16Array((await speaker.speak({ input, ...whose, seed: i })).samples));
  }
  return spoken;
}

/** Styles of people who are not in the training data, from 6 s of each. */
async function clonedStyles(speaker: Speaker, corpora: string, count: number): Promise<Float32Array[]> {
  const styles: Float32Array[] = [];
  for (const clips of [...(await strangers(corpora)).values()].slice(0, count)) {
    const samples = await readReference(clips, 6);
    styles.push(await speaker.engine.encodeStyle('sori-2', { samples }));
  }
  return styles;
}

/** A part from within, at places that are no multiple of anything. */
function cut(samples: Int16Array, seconds: number, i: number): Int16Array {
  const from = Math.min(4000 + 137 * i, Math.max(0, samples.length - seconds * SAMPLE_RATE));
  return samples.subarray(from, from + seconds * SAMPLE_RATE);
}

let files = 0;

/** Encodes with the product's encoders, decodes with ffmpeg. */
async function codec(samples: Int16Array, format: AudioFormatId, work: string): Promise<Float32Array> {
  const path = join(work, `watermark-${files++}.${FORMAT_INFO[format].extension}`);
  const master = { samples, long: false, telephonyLoudness: null };
  await writeFile(path, await transcode(createEncoder, master, format));
  const decoded = await decode(path);
  await rm(path);
  return decoded;
}

function hasPayload({ payload }: WatermarkResult): boolean {
  return payload?.every((byte, i) => byte === PAYLOAD[i]) ?? false;
}

/** Between which shares the true one lies, 95 times of 100. */
function percent(hits: number, trials: number): string {
  const [lower, upper] = wilsonBounds(hits, trials).map((share) => (100 * share).toFixed(0));
  return `${lower} to ${upper} %`;
}

function scores(samples: Float32Array): number[] {
  return [undefined, ...OTHER_KEYS].map((key) => detectWatermark(samples, SAMPLE_RATE, { key }).score);
}

async function realSpeech({ corpora, clips }: WatermarkOptions): Promise<number[]> {
  const all: number[] = [];
  for (const corpus of CORPORA) {
    announce(`watermark: recordings of ${corpus}`);
    const table = (await readCorpus(corpora, corpus)).filter(({ seconds }) => seconds >= 1.5);
    const step = Math.max(1, Math.floor(table.length / clips));
    for (let i = 0; i < table.length && i / step < clips; i += step) {
      all.push(...scores(await decode(table[i].path)));
    }
  }
  return all;
}

function falseAlarms(of: string, found: readonly number[]): Row {
  const alarms = found.filter((score) => score >= THRESHOLD).length;
  const highest = found.reduce((most, score) => Math.max(most, score), 0);
  return {
    what: `watermark found where there is none: ${of}; threshold ${THRESHOLD}`,
    measured: `${alarms} of ${found.length} trials (at most ${(100 * wilsonBounds(alarms, found.length)[1]).toFixed(1)} %, 95 %), highest score ${highest.toFixed(2)}`,
    target: '0',
    met: alarms === 0,
  };
}

/** How far the mark is below the speech, and how it changes the log-mel spectrum beside what codecs do to it. */
async function changes(
  recordings: readonly Int16Array[],
  marked: readonly Int16Array[],
  through: (samples: Int16Array, format: AudioFormatId) => Promise<Float32Array>,
): Promise<Row> {
  const level: number[] = [];
  const segmental: number[] = [];
  const distances: { mark: number[]; mp3: number[]; opus: number[] } = { mark: [], mp3: [], opus: [] };
  for (const [i, samples] of recordings.entries()) {
    const [before, after] = [toFloat32Array(samples), toFloat32Array(marked[i])];
    level.push(differenceDb(before, after));
    segmental.push(segmentalDb(before, after));
    distances.mark.push(melDistance(before, after));
    for (const format of ['mp3', 'opus'] as const) {
      distances[format].push(melDistance(before, await through(samples, format)));
    }
  }
  const { mark, mp3, opus } = distances;
  return {
    what: 'watermark: level under the speech, overall / by stretches of 20 ms; log-mel distance to the unmarked, beside that of MP3 64 kbit/s and Opus 32 kbit/s',
    measured: `${mean(level).toFixed(1)} dB / ${mean(segmental).toFixed(1)} dB; ${mean(mark).toFixed(2)} dB, MP3 ${mean(mp3).toFixed(2)}, Opus ${mean(opus).toFixed(2)}`,
    target: 'overall ≤ -25 dB',
    met: mean(level) <= -25,
  };
}

/** Mean over stretches of 20 ms that are within 40 dB of the loudest. */
function segmentalDb(before: Float32Array, after: Float32Array): number {
  const size = SAMPLE_RATE / 50;
  const stretches = Array.from({ length: Math.floor(before.length / size) }, (_, i) => {
    const [a, b] = [before, after].map((signal) => signal.subarray(i * size, (i + 1) * size));
    return { power: a.reduce((sum, value) => sum + value ** 2, 0), level: differenceDb(a, b) };
  });
  const loudest = Math.max(...stretches.map(({ power }) => power));
  return mean(
    stretches.filter(({ power }) => power > loudest * 1e-4).map(({ level }) => Math.max(-60, level)),
  );
}

/** Root mean square of the difference in dB, over all bands of the frames that are within 40 dB of the loudest. */
function melDistance(before: Float32Array, after: Float32Array): number {
  const [a, b] = [logMel(before), logMel(after.subarray(0, before.length))];
  const bands = 100;
  const frames = Array.from({ length: Math.min(a.length, b.length) / bands }, (_, t) => t * bands);
  const loudness = (at: number) => mean([...a.subarray(at, at + bands)]);
  const loudest = Math.max(...frames.map(loudness));
  const dB = (20 * MEL_SCALE) / Math.LN10;
  const squares = frames
    .filter((at) => dB * (loudest - loudness(at)) < 40)
    .map((at) => mean([...a.subarray(at, at + bands)].map((value, k) => (dB * (value - b[at + k])) ** 2)));
  return Math.sqrt(mean(squares));
}

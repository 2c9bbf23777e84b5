import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';

const run = promisify(execFile);

/** Collects what is spoken and has it recognised all at once. */
export interface Transcript {
  /** @param set what the error rate is summed over. */
  add(set: string, samples: Float32Array, text: string): Promise<void>;
  /** Word error rate of each set. */
  rates(): Promise<ReadonlyMap<string, number>>;
}

/** A transcript that keeps its WAV files in a folder. Needs Python with the packages of `scripts/train/sori2/evaluate/requirements-judges.txt`. */
export function createTranscript(folder: string): Transcript {
  const lines: string[] = [];
  return {
    async add(set, samples, text) {
      await mkdir(folder, { recursive: true });
      const path = join(folder, `${lines.length}.wav`);
      const encoder = await createEncoder('wav', { totalSamples: samples.length });
      await writeFile(path, Buffer.concat([encoder.encode(samples), encoder.finish()]));
      lines.push([set, path, text.replace(/\s+/g, ' ')].join('\t'));
    },
    async rates() {
      const list = join(folder, 'list.tsv');
      await writeFile(list, lines.join('\n'));
      const script = join(import.meta.dirname, 'wer.py');
      const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
      const { stdout } = await run('python3', [script, list], { env, maxBuffer: 1 << 24 });
      const sets = JSON.parse(stdout) as Record<string, { errors: number; words: number }>;
      return new Map(Object.entries(sets).map(([name, { errors, words }]) => [name, errors / words]));
    },
  };
}

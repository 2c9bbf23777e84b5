/**
 * Copy-synthesis by the vocoder of the shards that ship and the product's waveform kernel, for copy_shipped.py:
 * `node scripts/train/sori2/evaluate/copy-shipped.ts FOLDER`. Reads each FOLDER/<name>.f32, rows of mel, F0 and voicing for each frame, and writes
 * FOLDER/<name>.wav.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import { concatBytes } from '../../../../src/base/bytes.ts';
import { vocode, vocoderOptions } from '../../../../src/synthesis/vocoder/vocoder.ts';
import { nodeHost } from '../../../lib/node-engine.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Usage: node scripts/train/sori2/evaluate/copy-shipped.ts FOLDER');
const { manifest, runner } = await nodeHost().open('sori-2');
const { mels, hop } = manifest;
for (const [seed, file] of (await readdir(folder)).filter((name) => name.endsWith('.f32')).entries()) {
  const { buffer } = new Uint8Array(await readFile(join(folder, file)));
  const rows = new Float32Array(buffer);
  const frames = rows.length / (mels + 2);
  const columns = (from: number, width: number) =>
    Float32Array.from({ length: frames * width }, (_, i) => {
      return rows[Math.floor(i / width) * (mels + 2) + from + (i % width)];
    });
  const mel = { type: 'float32', data: columns(0, mels), dims: [1, frames, mels] } as const;
  const input = { mel, f0: columns(mels, 1), voicing: columns(mels + 1, 1) };
  const encoder = await createEncoder('wav', { totalSamples: frames * hop });
  const pieces: Uint8Array[] = [];
  for await (const samples of vocode(runner, input, vocoderOptions(manifest, seed))) {
    pieces.push(encoder.encode(samples));
  }
  pieces.push(encoder.finish());
  await writeFile(join(folder, file.replace('.f32', '.wav')), concatBytes(pieces));
}

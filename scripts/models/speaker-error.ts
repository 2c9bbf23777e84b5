/**
 * Equal error rate of telling speakers apart, by the style encoder or by an installed speaker embedding: node scripts/models/speaker-error.ts --help.
 *
 * A corpus is a folder of `audio/<id>.opus` and `metadata.tsv` with the columns id and speaker.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { decodeRecording } from '../../src/audio/decoders/recording.ts';
import { resample } from '../../src/audio/resample.ts';
import { concatFloats } from '../../src/base/bytes.ts';
import { SoriError } from '../../src/base/errors.ts';
import { ModelStore } from '../../src/models/store.ts';
import { openThread } from '../../src/models/thread.ts';
import { voiceLikeness } from '../../src/synthesis/reference/same-voice.ts';
import { createNodeEngine } from '../lib/node-engine.ts';

interface Flags {
  readonly speakers: string;
  readonly directory: string;
  readonly model?: string;
  readonly seconds: number;
  readonly passages: number;
}

const program = new Command('speaker-error')
  .description('Equal error rate of telling speakers apart.')
  .argument('<corpus>', 'folder')
  .option('--speakers <file>', 'speakers that no training has seen', 'scripts/train/held-out-speakers.txt')
  .option('--directory <folder>', 'models directory', '.sori/models')
  .option('--model <id>', 'speaker embedding; default: the style encoder')
  .option('--seconds <n>', 'recordings of a speaker are joined to passages of so many seconds', Number, 5)
  .option('--passages <n>', 'passages of each speaker at most', Number, 4)
  .parse();
const flags = program.opts<Flags>();
const [corpus] = program.args;
const RATE = 24_000;

interface Passage {
  readonly speaker: string;
  readonly vector: Float32Array;
}

/** Vectors of recordings, and their likeness. */
async function comparer() {
  if (flags.model !== undefined) {
    const found = await new ModelStore(flags.directory).find(flags.model);
    if (found === undefined) throw new Error(`There is no model ${flags.model} in ${flags.directory}`);
    const thread = await openThread<'speaker-embedding'>({
      ...found,
      graphs: { providers: ['cpu'], threads: 1 },
    });
    return {
      name: flags.model,
      async vector(samples: Float32Array) {
        const sound = resample(samples, RATE, found.manifest.sampleRate ?? 16_000);
        for await (const { vector } of thread.run({ samples: sound })) return vector;
        throw new Error('It gave no vector.');
      },
      likeness: (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0),
      close: () => thread.close(),
    };
  }
  const engine = createNodeEngine();
  const { id, version, styleSpace, statistics } = await engine.model(engine.names[0]);
  return {
    name: `${id} ${version}`,
    vector: (samples: Float32Array) => engine.encodeStyle(id, { samples }),
    likeness: (a: Float32Array, b: Float32Array) => voiceLikeness(a, b, styleSpace, statistics),
    close: async () => {},
  };
}

/** Recordings of each speaker, joined to passages. */
async function* passages(): AsyncGenerator<{ speaker: string; samples: Float32Array }> {
  const held = (await readFile(flags.speakers, 'utf8'))
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.trim().replace(/^.*-/, ''));
  const [header, ...rows] = (await readFile(join(corpus, 'metadata.tsv'), 'utf8')).trim().split('\n');
  const columns = header.split('\t');
  const column = (row: string, name: string) => row.split('\t')[columns.indexOf(name)];
  for (const speaker of held) {
    let pieces: Float32Array[] = [];
    let made = 0;
    for (const row of rows) {
      if (column(row, 'speaker') !== speaker || made >= flags.passages) continue;
      // A copy, since a Buffer may share its array.
      const bytes = Uint8Array.from(await readFile(join(corpus, 'audio', `${column(row, 'id')}.opus`)));
      const recording = await decodeRecording(bytes, 60);
      pieces.push(resample(recording.samples, recording.sampleRate, RATE));
      const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
      if (length < flags.seconds * RATE) continue;
      const samples = concatFloats(pieces);
      pieces = [];
      made++;
      yield { speaker, samples };
    }
  }
}

/** The rate at which as many pairs of one speaker fail as pairs of two pass, and the threshold there. */
function equalErrorRate(same: readonly number[], different: readonly number[]): { rate: number; at: number } {
  let best = { rate: 1, at: 0, apart: 1 };
  for (const at of [...same, ...different]) {
    const rejected = same.filter((score) => score < at).length / same.length;
    const accepted = different.filter((score) => score >= at).length / different.length;
    const apart = Math.abs(rejected - accepted);
    if (apart < best.apart) best = { rate: (rejected + accepted) / 2, at, apart };
  }
  return best;
}

const { name, vector, likeness, close } = await comparer();
const found: Passage[] = [];
let refused = 0;
for await (const { speaker, samples } of passages()) {
  try {
    found.push({ speaker, vector: await vector(samples) });
  } catch (error) {
    if (!(error instanceof SoriError) || error.code !== 'unusable_reference') throw error;
    refused++;
  }
}
await close();
const same: number[] = [];
const different: number[] = [];
for (const [i, a] of found.entries()) {
  for (const b of found.slice(i + 1))
    (a.speaker === b.speaker ? same : different).push(likeness(a.vector, b.vector));
}
const { rate, at } = equalErrorRate(same, different);
const speakers = new Set(found.map(({ speaker }) => speaker)).size;
console.log(
  `${name}: equal error rate ${(100 * rate).toFixed(1)} % at ${at.toFixed(2)}; ${speakers} speakers, ${found.length} passages of ${flags.seconds} s and more, ${same.length} pairs of one speaker, ${different.length} of two; ${refused} passages were refused`,
);

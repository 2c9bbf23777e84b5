/**
 * What voices are compared by. `likeness.ts styles SPEECHOCEAN OUT.json` writes the styles that the packed model's encoder gives to passages of
 * real readers and of its own voices; likeness.py fits axes to them; `likeness.ts apply AXES.json` writes these into the manifest.
 */
import { concatFloats } from '../../../../src/base/bytes.ts';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNodeEngine } from '../../../lib/node-engine.ts';
import { plainRequest } from '../../../lib/plain-request.ts';
import { formatManifest } from '../../../pack/format.ts';

const MANIFEST = 'shards/sori-2/manifest.json';
const RATE = 24_000;
/** Seconds of a passage: it holds 3 s of speech and more. */
const SECONDS = 5.2;
/** Passages of a held-out reader, and of another; every fourth of those is taken. */
const PASSAGES = { held: 4, other: 3 };
const TEXTS = [
  'The last train leaves at ten, so we have all the time in the world to walk to the station together.',
  'Nobody told me that the garden would be so quiet in the evening, when the birds have gone to sleep.',
  'My code is four, nine, two, seven, one, zero, and I agree that a computer makes a copy of my voice.',
];

interface Passage {
  readonly speaker: string;
  readonly real: boolean;
  readonly heldOut: boolean;
  readonly style: number[];
}

const engine = createNodeEngine();
const [mode, first, second] = process.argv.slice(2);
if (mode === 'styles') writeFileSync(second, JSON.stringify([...(await ofReaders(first)), ...(await ofVoices())]));
else if (mode === 'apply') apply(first);
else throw new Error('usage: likeness.ts styles SPEECHOCEAN OUT.json | apply AXES.json');

function apply(file: string): void {
  const manifest = JSON.parse(readFileSync(MANIFEST, 'utf8'));
  manifest.style.likeness = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(MANIFEST, formatManifest(manifest));
}

async function ofReaders(folder: string): Promise<Passage[]> {
  const list = readFileSync(join(import.meta.dirname, '../../held-out-speakers.txt'), 'utf8');
  const held = new Set([...list.matchAll(/^speechocean-(\d+)/gm)].map(([, speaker]) => speaker));
  const [head, ...rows] = readFileSync(join(folder, 'metadata.tsv'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));
  const [id, who] = [head.indexOf('id'), head.indexOf('speaker')];
  const others = [...new Set(rows.map((row) => row[who]))].filter((speaker) => !held.has(speaker));
  const passages: Passage[] = [];
  for (const speaker of [...held, ...others.filter((_, i) => i % 4 === 0)]) {
    const heldOut = held.has(speaker);
    let made = 0;
    let clips: Float32Array[] = [];
    for (const row of rows.filter((row) => row[who] === speaker)) {
      clips.push(decode(join(folder, 'audio', `${row[id]}.opus`)));
      const samples = concatFloats(clips);
      if (samples.length < SECONDS * RATE) continue;
      clips = [];
      const style = await styleOf(samples);
      if (style) passages.push({ speaker, real: true, heldOut, style });
      if (style && ++made >= (heldOut ? PASSAGES.held : PASSAGES.other)) break;
    }
  }
  return passages;
}

async function ofVoices(): Promise<Passage[]> {
  const [{ voices }] = await engine.models();
  const mixes = voices.map(({ id }, i): Record<string, number> => ({ [id]: 1, [voices[i - 1]?.id ?? id]: 1 }));
  const passages: Passage[] = [];
  for (const voice of [...voices.map(({ id }) => ({ [id]: 1 })), ...mixes.slice(1)]) {
    for (const input of TEXTS) {
      const { chunks } = await engine.speak(plainRequest({ input, voice }));
      const pieces: Float32Array[] = [];
      for await (const chunk of chunks) pieces.push(chunk);
      const style = await styleOf(concatFloats(pieces));
      if (style) passages.push({ speaker: Object.keys(voice).join('+'), real: false, heldOut: false, style });
    }
  }
  return passages;
}

/** Nothing of a passage that the checks refuse. */
async function styleOf(samples: Float32Array): Promise<number[] | undefined> {
  try {
    return [...(await engine.encodeStyle(engine.names[0], { samples }))];
  } catch {
    return undefined;
  }
}

function decode(path: string): Float32Array {
  const options = ['-v', 'error', '-i', path, '-f', 'f32le', '-ar', String(RATE), '-ac', '1', '-'];
  return new Float32Array(new Uint8Array(execFileSync('ffmpeg', options, { maxBuffer: 1e9 })).buffer);
}

/** Sings the songs of `test/golden/songs` and notes of 3 s, and speaks, for measure.py: `node scripts/singing/render.ts FOLDER [VOICE …]`. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createEncoder } from '../../src/audio/encoders/encoder.ts';
import { concatBytes } from '../../src/base/bytes.ts';
import { parseSinging, singingRequest } from '../../src/features/singing/request.ts';
import { readScore } from '../../src/features/singing/score/read.ts';
import { singingTimestamps } from '../../src/features/singing/timestamps.ts';
import { createNodeEngines } from '../lib/node-engine.ts';
import { plainRequest } from '../lib/plain-request.ts';

/** Semitones that bring each song into the range of {@link SINGER}. */
const SONGS = {
  'amazing-grace': -12,
  'brother-john': -2,
  joyful: 0,
  'london-bridge': -12,
  mary: 0,
  row: -12,
  'silent-night': -12,
  twinkle: -12,
  arirang: -12,
  doraji: -12,
} as const;
const KOREAN: ReadonlySet<string> = new Set(['arirang', 'doraji']);
const SINGER = 'clara';
/** Voices whose notes are an octave lower than those of the others. */
const LOW_VOICES: ReadonlySet<string> = new Set(['miles', 'toby', 'evan', 'jiho', 'rupert', 'edmund']);
const SENTENCE = 'We saw a far new moon, three blue seas, and two green palms.';
/** The vowels of `long-notes.json`. */
const VOWELS = '[ah](/ˈɑ/). [ee](/ˈi/). [oo](/ˈu/). [ah](/ˈɑ/). [ee](/ˈi/). [oo](/ˈu/).';

const ROOT = join(import.meta.dirname, '../..');
const MODEL = 'sori-2';

const [folder, ...voices] = process.argv.slice(2);
if (folder === undefined) throw new Error('Usage: node scripts/singing/render.ts FOLDER [VOICE …]');
const { engine, singing } = createNodeEngines({ models: [MODEL] });

async function write(path: string, chunks: AsyncIterable<Float32Array>, totalSamples?: number) {
  const encoder = await createEncoder('wav', { totalSamples });
  const pieces: Uint8Array[] = [];
  for await (const chunk of chunks) pieces.push(encoder.encode(chunk));
  pieces.push(encoder.finish());
  await writeFile(path, concatBytes(pieces));
}

/** Sings a score exactly, into NAME.wav, with the times of its notes in NAME.json. */
async function sing(scorePath: string, out: string, fields: object): Promise<void> {
  const score = readScore(await readFile(scorePath));
  const body = parseSinging({ model: MODEL, expression: 0, ...fields });
  const request = await singingRequest(await engine.model(MODEL), body, score);
  const sung = await singing.sing(request);
  await write(`${out}.wav`, sung.chunks, sung.totalSamples);
  await writeFile(`${out}.json`, JSON.stringify(singingTimestamps(sung, ['note', 'syllable'])));
}

async function speak(input: string, voice: string, out: string): Promise<void> {
  const speech = await engine.speak(plainRequest({ input, voice: { [voice]: 1 }, language: 'en' }));
  await write(`${out}.wav`, speech.chunks, speech.totalSamples);
}

await mkdir(join(folder, 'songs'), { recursive: true });
await mkdir(join(folder, 'notes'), { recursive: true });
for (const [name, transpose] of Object.entries(SONGS)) {
  const language = KOREAN.has(name) ? 'ko' : 'en';
  await sing(join(ROOT, 'test/golden/songs', `${name}.json`), join(folder, 'songs', name), {
    voice: SINGER,
    transpose,
    language,
  });
}
for (const voice of voices) {
  const out = join(folder, 'notes', voice);
  await sing(join(import.meta.dirname, 'long-notes.json'), out, {
    voice,
    transpose: LOW_VOICES.has(voice) ? -12 : 0,
    language: 'en',
    breaths: 'off',
  });
  await speak(SENTENCE, voice, `${out}-sentence`);
  await speak(VOWELS, voice, `${out}-vowels`);
}

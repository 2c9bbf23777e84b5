/**
 * The contract of each task, with tiny models that a script makes. Real ones are checked by the same contract:
 *
 *     SORI_TEST_MODELS=.sori/models SORI_TEST_RECORDING=speech.wav npx vitest run --project node test/contract/models
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { resample } from '../../../src/audio/resample.ts';
import { readWav } from '../../../src/audio/wav-reader.ts';
import { type InstalledModel, ModelStore } from '../../../src/models/store.ts';
import type { Task } from '../../../src/models/tasks.ts';
import { type ModelThread, openThread } from '../../../src/models/thread.ts';
import { writeTinyCloning } from '../../support/models/tiny-cloning.ts';
import { temporaryFolder, writeTinyKokoro, writeTinyWhisper } from '../../support/models/tiny-models.ts';
import {
  writeTinyEmbedding,
  writeTinyMusicgen,
  writeTinyProfile,
  writeTinySegmentation,
  writeTinySeparation,
  writeTinyTranslator,
} from '../../support/models/tiny-tasks.ts';
import { cloningContract } from './cloning.contract.ts';
import { speechContract } from './speech.contract.ts';
import {
  embeddingContract,
  generationContract,
  profileContract,
  segmentationContract,
  separationContract,
  translationContract,
} from './tasks.contract.ts';
import { transcriptionContract } from './transcription.contract.ts';

const tiny = await temporaryFolder();
await writeTinyKokoro(join(tiny.path, 'kokoro'));
await writeTinyCloning(join(tiny.path, 'cloning-tiny'));
await writeTinyWhisper(join(tiny.path, 'whisper-tiny'));
await writeTinyTranslator(join(tiny.path, 'dictionary'));
await writeTinyEmbedding(join(tiny.path, 'pitch-embedding'));
await writeTinySegmentation(join(tiny.path, 'pitch-segmentation'));
await writeTinySeparation(join(tiny.path, 'pitch-separation'));
await writeTinyProfile(join(tiny.path, 'profile'));
await writeTinyMusicgen(join(tiny.path, 'musicgen-tiny'));
afterAll(() => tiny[Symbol.asyncDispose]());

const directories = [tiny.path, process.env.SORI_TEST_MODELS].filter((path) => path !== undefined);
for (const directory of directories) {
  for (const installed of (await new ModelStore(directory).list()).models) {
    describe(`${installed.manifest.id} of ${directory === tiny.path ? 'this test' : directory}`, () => {
      contractOf(installed);
    });
  }
}

function contractOf({ manifest, folder }: InstalledModel): void {
  const open = once(manifest.task, () =>
    openThread({ manifest, folder, graphs: { providers: ['cpu'], threads: 2 } }),
  );
  if (manifest.task === 'speech') speechContract(manifest, open as never);
  if (manifest.task === 'speech-cloning') cloningContract(manifest, open as never);
  if (manifest.task === 'transcription') transcriptionContract(manifest, open as never, speech);
  if (manifest.task === 'translation') translationContract(manifest, open as never);
  if (manifest.task === 'speaker-embedding') embeddingContract(manifest, open as never);
  if (manifest.task === 'speaker-profile') profileContract(manifest, open as never);
  if (manifest.task === 'segmentation') segmentationContract(manifest, open as never);
  if (manifest.task === 'separation') separationContract(manifest, open as never);
  if (manifest.task === 'generation') generationContract(manifest, open as never);
}

/** Opens a model at its first use, for all tests of it. */
function once(_task: Task, start: () => Promise<ModelThread<Task>>): () => Promise<ModelThread<Task>> {
  let opened: Promise<ModelThread<Task>> | undefined;
  afterAll(async () => (await opened)?.close());
  return () => (opened ??= start());
}

/** A recording of two seconds that comes with the tests, at 16 kHz. */
async function speech(): Promise<Float32Array> {
  const path = process.env.SORI_TEST_RECORDING;
  if (path === undefined) {
    return Float32Array.from({ length: 32_000 }, (_, i) => 0.3 * Math.sin(i * 0.05) * Math.sin(i * 0.0007));
  }
  const { samples, sampleRate } = readWav(await readFile(path), { maxSeconds: 30 });
  return resample(samples, sampleRate, 16_000);
}

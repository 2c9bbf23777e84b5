import type { ModelDriver } from '../driver.ts';
import { ModelFault, type ModelManifest } from '../manifest.ts';
import { kokoroDriver } from './kokoro/driver.ts';
import { musicgenDriver } from './musicgen/driver.ts';
import { seq2seqDriver } from './seq2seq/driver.ts';
import { embeddingDriver } from './speakers/embedding.ts';
import { profileDriver } from './speakers/profile.ts';
import { segmentationDriver } from './speakers/segmentation.ts';
import { separationDriver } from './speakers/separation.ts';
import { whisperDriver } from './whisper/driver.ts';
import { zeroShotDriver } from './zero-shot/driver.ts';

/** All drivers by the name that a manifest calls them. Add one here, and to the contract test of its task. */
export const DRIVERS: Readonly<Record<string, ModelDriver>> = {
  kokoro: kokoroDriver as unknown as ModelDriver,
  musicgen: musicgenDriver as unknown as ModelDriver,
  seq2seq: seq2seqDriver as unknown as ModelDriver,
  'speaker-embedding': embeddingDriver as unknown as ModelDriver,
  'speaker-profile': profileDriver as unknown as ModelDriver,
  'speaker-segmentation': segmentationDriver as unknown as ModelDriver,
  'speaker-separation': separationDriver as unknown as ModelDriver,
  whisper: whisperDriver as unknown as ModelDriver,
  'zero-shot': zeroShotDriver as unknown as ModelDriver,
};

/**
 * The driver of a model.
 * @throws {ModelFault} when there is none of this name, or it has another task.
 */
export function driverOf({ driver, task }: ModelManifest): ModelDriver {
  if (!Object.hasOwn(DRIVERS, driver)) {
    throw new ModelFault(`There is no driver ${driver}. Available: ${Object.keys(DRIVERS).join(', ')}`);
  }
  const found = DRIVERS[driver];
  if (found.task !== task) throw new ModelFault(`Driver ${driver} is for ${found.task}, not ${task}`);
  return found;
}

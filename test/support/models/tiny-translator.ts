import { join } from 'node:path';
import { HostedModels } from '../../../src/models/hosted-models.ts';
import { ModelStore } from '../../../src/models/store.ts';
import { temporaryFolder, writeTinyWhisper } from './tiny-models.ts';
import { writeTinyTranslator } from './tiny-tasks.ts';

/** A tiny recognizer and a tiny translation model in a folder of their own, which is deleted with them. */
export async function tinyTranslator(): Promise<AsyncDisposable & { readonly hosted: HostedModels }> {
  const folder = await temporaryFolder();
  await writeTinyWhisper(join(folder.path, 'whisper-tiny'));
  await writeTinyTranslator(join(folder.path, 'dictionary'));
  const hosted = new HostedModels({
    store: new ModelStore(folder.path),
    graphs: { providers: ['cpu'], threads: 1 },
    memoryBytes: 1e9,
  });
  return {
    hosted,
    async [Symbol.asyncDispose]() {
      await hosted.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
